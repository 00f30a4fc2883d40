//! `/api/payees/lookup`: who is behind an account number, told to who is about to pay them, and little of it.

use crate::App;
use crate::other_side::last_four;
use crate::wire::counterparty::CounterpartyKind;
use crate::wire::recipient::{LookUpBody, NAME_CHARACTERS_MAX, RecipientReply, masked, name_match};
use ::accounts::{AccountLabel, AccountNumber};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use std::sync::Arc;

/// Who is behind an account number, before one pays them.
///
/// The whole number has to be known: nothing is searched. Names of other people are shown in part, and one may ask only so
/// often. Nothing is told of what the account holds, or whether it takes part.
#[utoipa::path(
    post,
    path = "/api/payees/lookup",
    tag = "transactions",
    operation_id = "look_up_recipient",
    request_body = LookUpBody<'_>,
    responses((status = 200, description = "Whose account it is", body = RecipientReply)),
)]
pub(crate) async fn look_up(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let LookUpBody { account_number, name } = body.read()?;
    let number =
        AccountNumber::parse(&account_number).map_err(|error| Problem::invalid("accountNumber", error.to_string()))?;
    let sent = name.as_deref();
    if sent.is_some_and(|sent| sent.is_empty() || sent.chars().count() > NAME_CHARACTERS_MAX) {
        return Err(Problem::invalid("name", format!("must have 1 to {NAME_CHARACTERS_MAX} characters")));
    }
    let found = ::accounts::by_numbers(&app.db, std::slice::from_ref(&number)).await?;
    let label = match found.get(&number) {
        Some(id) => ::accounts::labels(&app.db, &[*id]).await?.remove(id),
        None => None,
    };
    let label = label.ok_or_else(|| crate::transactions::number_not_found(&number))?;
    Ok(json(StatusCode::OK, &recipient(&app, &caller, label, sent).await?))
}

async fn recipient(app: &App, caller: &Caller, label: AccountLabel, sent: Option<&str>) -> Outcome<RecipientReply> {
    let number_last4 = last_four(label.number.as_str());
    if label.user_id == Some(caller.user_id()) {
        let name = Some(label.name.to_string());
        return Ok(RecipientReply { kind: CounterpartyKind::Own, name, number_last4, name_match: None });
    }
    let owner = match label.user_id {
        Some(user) => identity::usernames(&app.db, &[user]).await?.remove(&user),
        None => None,
    };
    Ok(RecipientReply {
        kind: CounterpartyKind::Customer,
        name: owner.as_ref().map(masked).filter(|shown| !shown.is_empty()),
        number_last4,
        name_match: owner.as_ref().and_then(|owner| Some(name_match(sent?, owner))),
    })
}
