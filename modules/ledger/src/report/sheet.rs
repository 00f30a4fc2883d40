//! The account sheet of a line: its postings in a time, account by account, in pages.

use super::{Range, store};
use crate::{ChartCode, Posting};
use db::{BankTime, Executor, Result};
use ids::{AccountId, EntryId};
use uuid::Uuid;

/// Where a page begins: behind this posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetPlace {
    /// Its account.
    pub account: AccountId,
    /// Its entry.
    pub entry: EntryId,
    /// Its number within the account.
    pub sequence: i64,
}

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetRequest {
    /// The line.
    pub line: ChartCode,
    /// From when on it was booked.
    pub from: BankTime,
    /// Before when.
    pub until: BankTime,
    /// Behind which posting the page begins; `None`: the first one.
    pub after: Option<SheetPlace>,
    /// How many postings at most.
    pub limit: u32,
}

/// A posting with the head of its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetLine {
    /// The posting.
    pub posting: Posting,
    /// What kind of movement it is.
    pub kind: String,
    /// Free text for people.
    pub description: String,
}

/// The accounts and entries that a query looks at, so that indexes lead there.
pub(super) struct Window {
    pub(super) accounts: (AccountId, AccountId),
    pub(super) after: (EntryId, i64),
}

/// A page of the postings of a line: by account, and within it in the order of the entries' identifiers.
///
/// # Errors
/// The database failed.
pub async fn sheet(on: &impl Executor, request: SheetRequest) -> Result<Vec<SheetLine>> {
    let last = AccountId::from_uuid(Uuid::max());
    let nothing = (EntryId::from_uuid(Uuid::nil()), 0);
    let mut lines = Vec::new();
    let mut first = AccountId::from_uuid(Uuid::nil());
    if let Some(place) = request.after {
        let window = Window { accounts: (place.account, place.account), after: (place.entry, place.sequence) };
        lines = page(on, request, window).await?;
        let Some(next) = place.account.uuid().as_u128().checked_add(1) else { return Ok(lines) };
        first = AccountId::from_uuid(Uuid::from_u128(next));
    }
    let left = request.limit.saturating_sub(u32::try_from(lines.len()).unwrap_or(u32::MAX));
    if left > 0 {
        let window = Window { accounts: (first, last), after: nothing };
        lines.extend(page(on, SheetRequest { limit: left, ..request }, window).await?);
    }
    Ok(lines)
}

async fn page(on: &impl Executor, request: SheetRequest, window: Window) -> Result<Vec<SheetLine>> {
    store::sheet(on, request, Range { from: request.from, until: request.until }, window).await
}
