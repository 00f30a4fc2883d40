//! `/api/audit/events`: searching the log. Whoever searches leaves an entry in it.

use crate::App;
use crate::wire::{EntryPage, EntryReply, SearchParameters};
use ::audit::Search;
use axum::extract::State;
use axum::response::Response;
use db::WallTime;
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::{Moment, Parameters};
use http_core::problem::Outcome;
use http_core::table::Wanted;
use http_core::wire::schema::PageParameters;
use ids::{AccountId, ApprovalId, EventId, TransactionId, UserId};
use std::sync::Arc;
use uuid::Uuid;

const KIND_CHARACTERS_MAX: usize = 64;

/// Entries of the audit log with what was logged, the newest first. That you looked, and for what, is logged as well.
#[utoipa::path(
    get,
    path = "/api/audit/events",
    tag = "audit",
    operation_id = "search_audit_log",
    params(SearchParameters, PageParameters),
    responses((
        status = 200, description = "A page of entries",
        content((EntryPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<EventId>::read(&parameters)?;
    let search = Search {
        kind: parameters.read("kind", read_kind)?,
        subject_id: parameters.read("subject", read_subject)?,
        actor: parameters.read("actor", UserId::parse)?,
        from: parameters.read_moment("from")?.map(|from| wall(from.start())),
        to: parameters.read_moment("to")?.map(|to| wall(Moment::end(to))),
    };
    let act = caller.identity.actor().does(app.clocks.wall());
    let found = app.audit.search(&search, page.after, page.rows(), act).await?;
    Ok(page.answer(wanted, found, |found| found.event_id, EntryReply::from))
}

/// Events happen in the real world.
const fn wall(at: db::BankTime) -> WallTime {
    WallTime::from_unix_micros(at.unix_micros())
}

fn read_kind(text: &str) -> Result<String, &'static str> {
    let is_plain = |character| matches!(character, 'a'..='z' | '.' | '_');
    if (1..=KIND_CHARACTERS_MAX).contains(&text.len()) && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("must be what a kind of event begins with, such as auth.")
    }
}

fn read_subject(text: &str) -> Result<Uuid, &'static str> {
    if text == "bank" {
        return Ok(Uuid::nil());
    }
    let user = UserId::parse(text).map(UserId::uuid);
    let account = || AccountId::parse(text).map(AccountId::uuid);
    let approval = || ApprovalId::parse(text).map(ApprovalId::uuid);
    let transaction = || TransactionId::parse(text).map(TransactionId::uuid);
    user.or_else(|_| account())
        .or_else(|_| approval())
        .or_else(|_| transaction())
        .map_err(|_| "must be the identifier of a user, an account, a transaction or an approval, or the word bank")
}
