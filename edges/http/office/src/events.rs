//! `/api/admin/events`: what those who check the bank are shown: all but what customers do with their own money.

use crate::App;
use crate::wire::office::{EventPage, EventReply};
use crate::wire::schema::EventParameters;
use axum::extract::State;
use axum::response::Response;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::problem::Outcome;
use http_core::table::Wanted;
use http_core::wire::schema::PageParameters;
use ids::{AccountId, ApprovalId, EventId, TransactionId, UserId};
use outbox::EventFilter;
use std::sync::Arc;
use uuid::Uuid;

const KIND_CHARACTERS_MAX: usize = 64;

/// Security and administration events, and what the bank's own people did to others' money; newest first.
#[utoipa::path(
    get,
    path = "/api/admin/events",
    tag = "office",
    operation_id = "list_events",
    params(EventParameters, PageParameters),
    responses((
        status = 200, description = "A page of events",
        content((EventPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let page = Page::<EventId>::read(&parameters)?;
    let filter = EventFilter {
        kind_prefix: parameters.read("kind", read_kind)?,
        subject_id: parameters.read("subject", read_subject)?,
        actor: parameters.read("actor", UserId::parse)?,
    };
    let events = outbox::audited(&app.db, &filter, page.after, page.rows()).await?;
    Ok(page.answer(wanted, events, |event| event.id, EventReply::from))
}

fn read_kind(text: &str) -> Result<String, &'static str> {
    let is_plain = |character| matches!(character, 'a'..='z' | '.' | '_');
    if (1..=KIND_CHARACTERS_MAX).contains(&text.len()) && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("must be what a kind of event begins with, such as auth.")
    }
}

pub(crate) fn read_subject(text: &str) -> Result<Uuid, &'static str> {
    let user = UserId::parse(text).map(UserId::uuid);
    let account = || AccountId::parse(text).map(AccountId::uuid);
    let approval = || ApprovalId::parse(text).map(ApprovalId::uuid);
    let transaction = || TransactionId::parse(text).map(TransactionId::uuid);
    user.or_else(|_| account())
        .or_else(|_| approval())
        .or_else(|_| transaction())
        // As events show it.
        .or_else(|_| text.parse())
        .map_err(
            |_| "must be the identifier of a user, an account, a transaction or an approval, or a subject of an event",
        )
}
