//! `/api/admin/fraud`: which rules count, and what rests for whom.

use crate::App;
use crate::approvals::read_text;
use crate::wire::fraud::{RuleSetBody, RuleSetPage, RuleSetReply, SnoozeBody};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use db::BankTime;
use fraud::{RuleId, RuleSet, RulesActivation, SnoozeWish};
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::four_eyes::ask;
use http_core::page::{CursorId, Page};
use http_core::parameters::Parameters;
use http_core::problem::{Outcome, Problem};
use http_core::table::Wanted;
use http_core::wire::approval::ApprovalReply;
use http_core::wire::schema::PageParameters;
use ids::UserId;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

const REASON_CHARACTERS_MAX: usize = 500;

/// The number of a set, in a cursor.
#[derive(Clone, Copy)]
struct Version(i64);

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "rules-{}", self.0)
    }
}

impl CursorId for Version {
    fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("rules-")?.parse().ok().map(Self)
    }
}

/// Sets of rules that were activated, the newest, which counts, first. Before the first was, the rules that are built in are
/// watched, and none counts.
#[utoipa::path(
    get,
    path = "/api/admin/fraud/rule-sets",
    tag = "office",
    operation_id = "list_rule_sets",
    params(PageParameters),
    responses((
        status = 200, description = "A page of sets of rules",
        content((RuleSetPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let page = Page::<Version>::read(&parameters)?;
    let before = page.after.map(|version| version.0);
    let sets = app.payments.fraud().rule_sets(&app.db, before, page.rows()).await?;
    Ok(page.answer(wanted, sets, |set| Version(set.version), RuleSetReply::from))
}

/// Asks for another set of rules to count. A rule that it does not name is off.
#[utoipa::path(
    post,
    path = "/api/admin/fraud/rule-sets",
    tag = "office",
    operation_id = "propose_rule_set",
    request_body = RuleSetBody,
    responses((status = 202, description = "It waits for a second administrator", body = ApprovalReply)),
)]
pub(crate) async fn propose(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let RuleSetBody { rules } = body.read()?;
    let document = serde_json::json!({ "rules": Value::Array(rules) });
    let set = RuleSet::parse(0, &document.to_string()).map_err(fraud::FraudError::from)?;
    ask(&app.approvals, &caller, RulesActivation { set }, None, app.now()).await
}

/// Lets a rule rest for a customer, for 90 days at most.
#[utoipa::path(
    post,
    path = "/api/admin/fraud/snoozes",
    tag = "office",
    operation_id = "snooze_rule",
    request_body = SnoozeBody,
    responses((status = 204, description = "It rests")),
)]
pub(crate) async fn snooze(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let SnoozeBody { rule, user_id, until, reason } = body.read()?;
    let rule =
        RuleId::parse(&rule).ok_or_else(|| Problem::invalid("rule", "must be the word of a rule, such as F05"))?;
    let customer = UserId::parse(&user_id).map_err(|error| Problem::invalid("userId", error.to_string()))?;
    if customer == caller.user_id() {
        return Err(Problem::invalid("userId", "must be somebody else"));
    }
    app.identity.user(customer).await?.ok_or(identity::IdentityError::UnknownUser)?;
    let until = BankTime::parse(&until).map_err(|error| Problem::invalid("until", error.to_string()))?;
    let reason = read_text("reason", &reason, REASON_CHARACTERS_MAX)?;
    let (wish, act) =
        (SnoozeWish { rule, customer, until, reason, by: caller.user_id() }, caller.identity.does(app.now()));
    let now = app.clocks.now(&app.db).await?.bank;
    app.payments.fraud().snooze(&app.db, wish, now, act).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
