//! Entries of the journal and their postings.

use db::{BankTime, Date};
use ids::{AccountId, EntryId};
use money::Currency;

/// So far an identifier and the booking of its entry are apart at most where nothing lies between.
const OFF_TIME_MILLIS: u64 = 1_000;

/// One side of an entry that is to be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The account.
    pub account: AccountId,
    /// Credit positive, debit negative, in minor units.
    pub amount_minor: i64,
    /// Which limits hold.
    pub limits: Limits,
}

/// Which limits hold for a side of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// A debit must leave the account within its overdraft limit, and the account must be active.
    Enforced,
    /// A debit may overdraw, as interest on an overdraft does; the account must be active.
    MayOverdraw,
    /// What already happened elsewhere is fact: it may overdraw, and the account may be frozen or closed.
    History,
}

/// An entry that is to be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDraft {
    /// The identifier that it will have.
    pub id: EntryId,
    /// What kind of movement it is, a word of the module above.
    pub kind: &'static str,
    /// Free text for people.
    pub description: String,
    /// The sides; they sum to zero in each currency.
    pub legs: Vec<Leg>,
    /// The day from which it counts for interest.
    pub value_date: Date,
}

impl EntryDraft {
    /// The two legs of a plain movement, under the limits.
    pub fn transfer_legs(source: AccountId, destination: AccountId, amount_minor: i64) -> Vec<Leg> {
        let leg = |account, amount_minor| Leg { account, amount_minor, limits: Limits::Enforced };
        vec![leg(source, -amount_minor), leg(destination, amount_minor)]
    }
}

/// A booked entry, without its postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its identifier.
    pub id: EntryId,
    /// What kind of movement it is.
    pub kind: String,
    /// Free text for people.
    pub description: String,
    /// The day from which it counts for interest.
    pub value_date: Date,
    /// When it was booked.
    pub booked_at: BankTime,
    /// How many postings it has.
    pub sides: i64,
}

/// One booked side of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: AccountId,
    /// Its place in the account's history: 1, 2, 3 … without gaps.
    pub sequence: i64,
    /// The entry that it is a side of.
    pub entry: EntryId,
    /// The account's currency.
    pub currency: Currency,
    /// Credit positive, debit negative, in minor units.
    pub amount_minor: i64,
    /// The account's posted balance after it.
    pub balance_minor: i64,
    /// The entry's value date.
    pub value_date: Date,
    /// When it was booked.
    pub booked_at: BankTime,
    /// Whether its entry's identifier is of another time than the posting: of money that was held before, or approved; that
    /// time may be ahead, where bank time is behind the real world.
    pub is_late: bool,
}

/// One line of the journal: a posting with the head of its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalLine {
    /// The entry.
    pub entry: Entry,
    /// One of its sides.
    pub posting: Posting,
}

/// Whether the identifier is not of the instant: postings of such an entry are found by their sequence, not by it.
pub(crate) fn is_off_time(id: EntryId, at: BankTime) -> bool {
    let millis = u64::try_from(at.unix_micros() / 1_000).unwrap_or(0);
    id.unix_millis().abs_diff(millis) > OFF_TIME_MILLIS
}
