//! The rows of the books as they stand in the tables, for the walk and for whoever keeps tables of their own under the
//! same identifiers. Words are not read here: a row that somebody spoilt must not stop the search for it.

use crate::{ChartCode, is_line_account};
use db::{BankTime, Date, Result, Row, Snapshot, Statement, params, statements};
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
pub type Dates = (Option<Date>, Option<BankTime>);

statements! {
    WALK_ACCOUNTS =
        "SELECT id, holder_id, chart_code, currency, overdraft_limit_minor, posted_minor, held_minor, sequence,
                name IS NOT NULL
         FROM ledger_account";
    WALK_POSTINGS =
        "SELECT entry_id, account_id, sequence, amount_minor, balance_minor, currency, value_date, booked_at
         FROM ledger_posting";
    WALK_ENTRIES = "SELECT id, kind, description, sides, value_date, booked_at FROM ledger_entry";
    WALK_HOLDS =
        "SELECT id, account_id, amount_minor, captured_minor, status, placed_at, expires_at, closed_at FROM ledger_hold";
}

type Step = (&'static str, &'static Statement, fn(&Row) -> Result<Seen>);

const STEPS: [Step; 4] = [
    ("reading the accounts", &WALK_ACCOUNTS, account),
    ("walking the postings", &WALK_POSTINGS, posting),
    ("summing the entries", &WALK_ENTRIES, entry),
    ("adding up the holds", &WALK_HOLDS, hold),
];

/// Shows every row of the books once: first the accounts, then their postings, the entries and the holds, each in
/// whatever order they lie. `on_progress` hears of each kind before it starts.
///
/// # Errors
/// The database cannot be read.
pub async fn each_row<S: Send + 'static>(
    snapshot: &Snapshot,
    mut state: S,
    visit: fn(&mut S, &Seen),
    on_progress: impl Fn(&str),
) -> Result<S> {
    for (name, statement, read) in STEPS {
        on_progress(name);
        let step = move |state: &mut S, row: &Row| {
            visit(state, &read(row)?);
            Ok(())
        };
        state = snapshot.fold(statement, params![], state, step).await?;
    }
    Ok(state)
}

fn account(row: &Row) -> Result<Seen> {
    Ok(Seen::Account(SeenAccount {
        id: row.get(0)?,
        holder: row.get(1)?,
        chart_code: row.get(2)?,
        currency: row.get(3)?,
        overdraft_limit_minor: row.get(4)?,
        posted_minor: row.get(5)?,
        held_minor: row.get(6)?,
        sequence: row.get(7)?,
        has_name: row.get(8)?,
    }))
}

fn posting(row: &Row) -> Result<Seen> {
    Ok(Seen::Posting(SeenPosting {
        entry: row.get(0)?,
        account: row.get(1)?,
        sequence: row.get(2)?,
        amount_minor: row.get(3)?,
        balance_minor: row.get(4)?,
        currency: row.get(5)?,
        dates: (row.get(6).ok(), row.get(7).ok()),
    }))
}

fn entry(row: &Row) -> Result<Seen> {
    Ok(Seen::Entry(SeenEntry {
        id: row.get(0)?,
        kind: row.get(1)?,
        description: row.get(2)?,
        sides: row.get(3)?,
        dates: (row.get(4).ok(), row.get(5).ok()),
    }))
}

fn hold(row: &Row) -> Result<Seen> {
    Ok(Seen::Hold(SeenHold {
        id: row.get(0)?,
        account: row.get(1)?,
        amount_minor: row.get(2)?,
        captured_minor: row.get(3)?,
        status: row.get(4)?,
        placed_at: row.get(5).ok(),
        expires_at: row.get(6).ok(),
        closed_at: row.get(7).ok().flatten(),
    }))
}
