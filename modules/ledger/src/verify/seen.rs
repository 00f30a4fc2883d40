//! The rows of the books as they stand in the tables, for the walk and for whoever keeps tables of their own under the
//! same identifiers. Words are not read here: a row that somebody spoilt must not stop the search for it.

use crate::{ChartCode, is_line_account};
use db::{BankTime, Date, IfLegible, Result, Snapshot, columns, params, statements};
use ids::AccountId;
use uuid::Uuid;

/// A row of the books.
#[derive(Clone, Debug)]
pub enum Seen {
    /// An account.
    Account(SeenAccount),
    /// One side of an entry.
    Posting(SeenPosting),
    /// An entry.
    Entry(SeenEntry),
    /// A hold, open or closed.
    Hold(SeenHold),
}

/// An account as it is stored.
#[derive(Clone, Debug)]
pub struct SeenAccount {
    /// Its identifier.
    pub id: Uuid,
    /// The party whose money it is.
    pub holder: Option<Uuid>,
    /// Its line in the chart of accounts.
    pub chart_code: String,
    /// Whether whoever opened it gave it a name.
    pub has_name: bool,
    /// The currency's code.
    pub currency: String,
    /// How far below zero it may go.
    pub overdraft_limit_minor: Option<i64>,
    /// What it says that its postings sum to.
    pub posted_minor: i64,
    /// What it says that its open holds sum to.
    pub held_minor: i64,
    /// What it says is the number of its postings.
    pub sequence: i64,
}

impl SeenAccount {
    /// Whether it is one of the bank's own, whatever its line in the chart says: that may be what was spoilt.
    pub fn is_own(&self) -> bool {
        let is_of_deposits = self.chart_code == ChartCode::CustomerDeposits.code();
        !is_of_deposits || self.has_name || is_line_account(AccountId::from_uuid(self.id))
    }
}

/// A posting as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeenPosting {
    /// The entry that it is a side of.
    pub entry: Uuid,
    /// The account.
    pub account: Uuid,
    /// Its place in the account's history.
    pub sequence: i64,
    /// Credit positive, debit negative.
    pub amount_minor: i64,
    /// The account's balance after it.
    pub balance_minor: i64,
    /// The currency's code.
    pub currency: String,
    /// The entry's dates.
    pub dates: Dates,
}

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeenEntry {
    /// Its identifier.
    pub id: Uuid,
    /// What kind of movement it is.
    pub kind: String,
    /// Free text for people.
    pub description: String,
    /// How many postings it says that it has.
    pub sides: i64,
    /// Its dates.
    pub dates: Dates,
}

/// A hold as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeenHold {
    /// Its identifier.
    pub id: Uuid,
    /// The account.
    pub account: Uuid,
    /// How much.
    pub amount_minor: i64,
    /// How much of it was taken.
    pub captured_minor: i64,
    /// The word for where it stands.
    pub status: String,
    /// When it was placed.
    pub placed_at: Option<BankTime>,
    /// From when on it can no longer be captured.
    pub expires_at: Option<BankTime>,
    /// When it was captured, released or expired.
    pub closed_at: Option<BankTime>,
}

/// A value date and a booking time. One that cannot be is none, not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dates {
    /// The value date.
    pub value_date: Option<Date>,
    /// The booking time.
    pub booked_at: Option<BankTime>,
}

columns! {
    SeenAccount {
        id, holder = holder_id, chart_code, has_name = "name IS NOT NULL", currency, overdraft_limit_minor, posted_minor,
        held_minor, sequence
    }
    SeenPosting {
        entry = entry_id, account = account_id, sequence, amount_minor, balance_minor, currency, dates = "*"
    }
    SeenEntry { id, kind, description, sides, dates = "*" }
    SeenHold {
        id, account = account_id, amount_minor, captured_minor, status, placed_at as IfLegible<BankTime>,
        expires_at as IfLegible<BankTime>, closed_at as IfLegible<BankTime>
    }
    Dates { value_date as IfLegible<Date>, booked_at as IfLegible<BankTime> }
}

statements! {
    WALK_ACCOUNTS -> SeenAccount = "SELECT {columns} FROM ledger_account";
    WALK_POSTINGS -> SeenPosting = "SELECT {columns} FROM ledger_posting";
    WALK_ENTRIES -> SeenEntry = "SELECT {columns} FROM ledger_entry";
    WALK_HOLDS -> SeenHold = "SELECT {columns} FROM ledger_hold";
    WALK_ENTRY_IDS -> Uuid = "SELECT id FROM ledger_entry";
}

/// Shows every row of the books once: first the accounts, then their postings, the entries and the holds, each in
/// whatever order they lie. `on_progress` hears of each kind before it starts.
///
/// # Errors
/// The database cannot be read.
pub async fn each_row<S: Send + 'static>(
    snapshot: &Snapshot,
    state: S,
    visit: fn(&mut S, &Seen),
    on_progress: impl Fn(&str),
) -> Result<S> {
    on_progress("reading the accounts");
    let state = snapshot.fold(&WALK_ACCOUNTS, params![], state, seen(Seen::Account, visit)).await?;
    on_progress("walking the postings");
    let state = snapshot.fold(&WALK_POSTINGS, params![], state, seen(Seen::Posting, visit)).await?;
    on_progress("summing the entries");
    let state = snapshot.fold(&WALK_ENTRIES, params![], state, seen(Seen::Entry, visit)).await?;
    on_progress("adding up the holds");
    snapshot.fold(&WALK_HOLDS, params![], state, seen(Seen::Hold, visit)).await
}

/// Shows the identifier of each entry once, in whatever order they lie.
///
/// # Errors
/// The database cannot be read.
pub async fn each_entry<S: Send + 'static>(snapshot: &Snapshot, state: S, visit: fn(&mut S, Uuid)) -> Result<S> {
    let each = move |state: &mut S, id| {
        visit(state, id);
        Ok(())
    };
    snapshot.fold(&WALK_ENTRY_IDS, params![], state, each).await
}

fn seen<S, T>(kind: fn(T) -> Seen, visit: fn(&mut S, &Seen)) -> impl FnMut(&mut S, T) -> Result<()> {
    move |state, row| {
        visit(state, &kind(row));
        Ok(())
    }
}
