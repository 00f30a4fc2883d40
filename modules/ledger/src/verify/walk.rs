//! The walk: constant work for each posting, a few words of memory for each account, none for each entry.
//!
//! Histories are compared by keyed fingerprints that do not depend on the order of rows, entries by a [`Comparison`].

use super::chart::Lines;
use super::naming::Suspicions;
use super::{ACCOUNT, BALANCE, Comparison, HELD, HOLD, Seen, SeenAccount, SeenHold, SeenPosting, VerifyReport, find};
use ids::{AccountId, HoldId};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use uuid::Uuid;

/// What the walk has seen so far.
pub(super) struct Walk {
    keys: RandomState,
    accounts: HashMap<Uuid, Tally>,
    /// What the postings make of each entry, less what the entry says of itself.
    entries: Comparison,
    lines: Lines,
    report: VerifyReport,
}

/// What an account says of itself, and what its postings say.
struct Tally {
    currency: Box<str>,
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

impl Walk {
    pub(super) fn new() -> Self {
        Self {
            keys: RandomState::new(),
            accounts: HashMap::new(),
            entries: Comparison::default(),
            lines: Lines::default(),
            report: VerifyReport::default(),
        }
    }

    pub(super) fn see(&mut self, seen: &Seen) {
        match seen {
            Seen::Account(account) => self.account(account),
            Seen::Posting(posting) => self.posting(posting),
            Seen::Entry(entry) => {
                self.report.entries += 1;
                self.entries.add_times(entry.id, ("side", entry.dates), entry.sides.saturating_neg());
            }
            Seen::Hold(hold) => self.hold(hold),
        }
    }

    fn account(&mut self, account: &SeenAccount) {
        self.report.accounts += 1;
        self.lines.add(account, &mut self.report.findings);
        let tally = Tally {
            currency: account.currency.as_str().into(),
            posted_minor: account.posted_minor,
            held_minor: account.held_minor,
            sequence: account.sequence,
            walked_minor: 0,
            walked_held_minor: 0,
            walked_count: 0,
            links: 0,
        };
        self.accounts.insert(account.id, tally);
    }

    fn posting(&mut self, posting: &SeenPosting) {
        let SeenPosting { entry, account, sequence, amount_minor, balance_minor, ref currency, dates } = *posting;
        self.report.postings += 1;
        self.entries.add_times(entry, ("sum", currency), amount_minor);
        self.entries.add(entry, ("side", dates));
        let after = self.keys.hash_one((sequence, balance_minor));
        let before = self.keys.hash_one((sequence.wrapping_sub(1), balance_minor.wrapping_sub(amount_minor)));
        let tally = self.accounts.get_mut(&account).map(|tally| {
            tally.walked_count += 1;
            tally.walked_minor = tally.walked_minor.wrapping_add(amount_minor);
            tally.links = tally.links.wrapping_add(after).wrapping_sub(before);
            &*tally
        });
        if tally.is_none_or(|tally| *tally.currency != **currency) {
            let row = || format!("posting {sequence} of account {}", AccountId::from_uuid(account));
            find(&mut self.report.findings, ACCOUNT, row);
        }
    }

    fn hold(&mut self, hold: &SeenHold) {
        self.report.holds += 1;
        let findings = &mut self.report.findings;
        let is_sound = match hold.status.as_str() {
            "HELD" => hold.captured_minor == 0 && hold.closed_at.is_none(),
            "CAPTURED" => hold.captured_minor > 0 && hold.closed_at.is_some(),
            _ => hold.captured_minor == 0 && hold.closed_at.is_some(),
        };
        if !is_sound {
            find(findings, HOLD, || format!("hold {}", HoldId::from_uuid(hold.id)));
        }
        let account = self.accounts.get_mut(&hold.account);
        if hold.status == "HELD"
            && let Some(tally) = account
        {
            tally.walked_held_minor = tally.walked_held_minor.wrapping_add(hold.amount_minor);
        } else if !self.accounts.contains_key(&hold.account) {
            find(findings, HELD, || format!("account {}, which is missing", AccountId::from_uuid(hold.account)));
        }
    }

    pub(super) fn finish(mut self) -> (VerifyReport, Suspicions) {
        let mut suspicions = Suspicions { history: None, entries: self.entries.suspects() };
        let mut tallies: Vec<(Uuid, Tally)> = std::mem::take(&mut self.accounts).into_iter().collect();
        tallies.sort_unstable_by_key(|(id, _)| *id);
        for (id, tally) in tallies {
            let name = || format!("account {}", AccountId::from_uuid(id));
            let start = self.keys.hash_one((0_i64, 0_i64));
            let end = self.keys.hash_one((tally.walked_count, tally.walked_minor));
            if tally.links != end.wrapping_sub(start) {
                suspicions.history.get_or_insert(id);
            }
            if (tally.walked_minor, tally.walked_count) != (tally.posted_minor, tally.sequence) {
                find(&mut self.report.findings, BALANCE, name);
            }
            if tally.walked_held_minor != tally.held_minor {
                find(&mut self.report.findings, HELD, name);
            }
        }
        self.report.lines = self.lines.finish();
        (self.report, suspicions)
    }
}
