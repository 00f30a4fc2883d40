//! The walk: constant work for each posting, a few words of memory for each account, none for each entry.
//!
//! Histories and entries are compared by keyed fingerprints that do not depend on the order of rows. The keys are drawn
//! anew for each walk, so nobody can prepare rows that cancel out; an error goes unseen with a chance of about 2^-61.

use super::{ACCOUNT, BALANCE, Finding, HELD, VerifyReport};
use ids::AccountId;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use store::{Date, Result, Row, Timestamp};
use uuid::Uuid;

/// A prime just below 2^61: sums of random multiples of it are zero only by chance.
const PRIME: u64 = (1 << 61) - 1;

/// What the walk has seen so far.
pub(super) struct Walk {
    keys: RandomState,
    accounts: HashMap<Uuid, Tally>,
    /// The sum over all postings of amount × a random number of their entry and currency, modulo the prime.
    /// It is zero if every entry sums to zero in each currency.
    entry_sums: u64,
    /// The sum over all postings of a random number of their entry and dates, less the same from the entries' own
    /// counts and dates.
    entry_sides: u64,
    report: VerifyReport,
}

/// What an account says of itself, and what its postings say.
#[derive(Default)]
struct Tally {
    currency: String,
    posted_minor: i64,
    held_minor: i64,
    sequence: i64,
    walked_minor: i64,
    walked_held_minor: i64,
    walked_count: i64,
    /// The sum of the fingerprints of each (sequence, balance after) less that of each (sequence before, balance
    /// before). In an unbroken history every inner link cancels out: the first and the last remain.
    links: u64,
}

/// What the walk found suspicious and cannot name further by itself.
pub(super) struct Suspects {
    /// Accounts whose history is broken somewhere.
    pub(super) histories: Vec<Uuid>,
    /// Whether some entry lacks a side or is not balanced.
    pub(super) entries: bool,
}

impl Walk {
    pub(super) fn new() -> Self {
        Self {
            keys: RandomState::new(),
            accounts: HashMap::new(),
            entry_sums: 0,
            entry_sides: 0,
            report: VerifyReport::default(),
        }
    }

    pub(super) fn account(&mut self, row: &Row) -> Result<()> {
        let tally = Tally {
            currency: row.get(1)?,
            posted_minor: row.get(2)?,
            held_minor: row.get(3)?,
            sequence: row.get(4)?,
            ..Tally::default()
        };
        self.accounts.insert(row.get(0)?, tally);
        self.report.accounts += 1;
        Ok(())
    }

    pub(super) fn posting(&mut self, row: &Row) -> Result<()> {
        let (account, sequence, entry): (Uuid, i64, Uuid) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (amount_minor, balance_minor, currency): (i64, i64, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
        self.report.postings += 1;
        let summed = self.keys.hash_one((entry, &currency));
        self.entry_sums = (self.entry_sums + multiply(summed, amount_minor)) % PRIME;
        self.entry_sides = self.entry_sides.wrapping_add(self.keys.hash_one((entry, dates(row, 6))));
        let after = self.keys.hash_one((sequence, balance_minor));
        let before = self.keys.hash_one((sequence.wrapping_sub(1), balance_minor.wrapping_sub(amount_minor)));
        let tally = self.accounts.get_mut(&account).map(|tally| {
            tally.walked_count += 1;
            tally.walked_minor = tally.walked_minor.wrapping_add(amount_minor);
            tally.links = tally.links.wrapping_add(after).wrapping_sub(before);
            &*tally
        });
        if tally.is_none_or(|tally| tally.currency != currency) {
            self.find(ACCOUNT, || format!("posting {sequence} of account {}", AccountId::from_uuid(account)));
        }
        Ok(())
    }

    pub(super) fn entry(&mut self, row: &Row) -> Result<()> {
        let (entry, sides): (Uuid, i64) = (row.get(0)?, row.get(1)?);
        self.report.entries += 1;
        let expected = self.keys.hash_one((entry, dates(row, 2))).wrapping_mul(sides.cast_unsigned());
        self.entry_sides = self.entry_sides.wrapping_sub(expected);
        Ok(())
    }

    pub(super) fn open_hold(&mut self, row: &Row) -> Result<()> {
        let (account, amount_minor): (Uuid, i64) = (row.get(0)?, row.get(1)?);
        match self.accounts.get_mut(&account) {
            Some(tally) => tally.walked_held_minor = tally.walked_held_minor.wrapping_add(amount_minor),
            None => self.find(HELD, || format!("account {}, which is missing", AccountId::from_uuid(account))),
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> (VerifyReport, Suspects) {
        let mut suspects = Suspects { histories: Vec::new(), entries: self.entry_sums != 0 || self.entry_sides != 0 };
        let mut tallies: Vec<(Uuid, Tally)> = std::mem::take(&mut self.accounts).into_iter().collect();
        tallies.sort_unstable_by_key(|(id, _)| *id);
        for (id, tally) in tallies {
            let name = || format!("account {}", AccountId::from_uuid(id));
            let start = self.keys.hash_one((0_i64, 0_i64));
            let end = self.keys.hash_one((tally.walked_count, tally.walked_minor));
            if tally.links != end.wrapping_sub(start) {
                suspects.histories.push(id);
            }
            if (tally.walked_minor, tally.walked_count) != (tally.posted_minor, tally.sequence) {
                self.find(BALANCE, name);
            }
            if tally.walked_held_minor != tally.held_minor {
                self.find(HELD, name);
            }
        }
        (self.report, suspects)
    }

    /// Keeps the first row of each broken rule.
    fn find(&mut self, rule: &'static str, row: impl FnOnce() -> String) {
        if self.report.findings.iter().all(|finding| finding.rule != rule) {
            self.report.findings.push(Finding { rule, row: row() });
        }
    }
}

/// A value date and a booking time. One that cannot be is none, not an error.
pub(super) type Dates = (Option<Date>, Option<Timestamp>);

/// The dates in this column and the next.
pub(super) fn dates(row: &Row, column: usize) -> Dates {
    (row.get(column).ok(), row.get(column + 1).ok())
}

/// A random number times an amount, modulo the prime.
fn multiply(random: u64, amount_minor: i64) -> u64 {
    let product = i128::from(random % PRIME) * i128::from(amount_minor);
    u64::try_from(product.rem_euclid(i128::from(PRIME))).expect("a remainder of the prime fits 61 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_amounts_cancel_out_modulo_the_prime() {
        for random in [0, 1, PRIME, u64::MAX] {
            for amount in [1, 77, i64::MAX] {
                assert_eq!((multiply(random, amount) + multiply(random, -amount)) % PRIME, 0);
            }
        }
        assert_ne!(multiply(12_345, 1), multiply(12_345, 2));
    }
}
