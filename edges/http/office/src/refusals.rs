//! `/api/admin/refusals`: what customers and the bank's own people were refused, for those who are asked why.

use crate::App;
use crate::wire::refusal::{RefusalPage, RefusalParameters, RefusedReply};
use axum::extract::State;
use axum::response::Response;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::problem::{Outcome, Problem};
use http_core::request_id;
use http_core::table::Wanted;
use http_core::wire::schema::PageParameters;
use ids::{AccountId, RefusalId, UserId};
use payments::RefusalFilter;
use std::sync::Arc;

/// Commands on money that were refused, and why: of an account, of a person, or of one request; the newest first.
///
/// The figures are all that the bank knows, also what the caller was not shown. They are kept for 90 days. Of one person at most
/// some hundred an hour are kept, and nothing of who had no part in anything that the command named.
#[utoipa::path(
    get,
    path = "/api/admin/refusals",
    tag = "office",
    operation_id = "list_refusals",
    params(RefusalParameters, PageParameters),
    responses((
        status = 200, description = "A page of refusals",
        content((RefusalPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let page = Page::<RefusalId>::read(&parameters)?;
    let filter = read_filter(&parameters)?;
    let refused = app.payments.refusals(&filter, page.after, page.rows()).await?;
    Ok(page.answer(wanted, refused, |one| one.id, RefusedReply::from))
}

fn read_filter(parameters: &Parameters) -> Outcome<RefusalFilter> {
    let filters = [
        parameters.read("account", AccountId::parse)?.map(RefusalFilter::Account),
        parameters.read("user", UserId::parse)?.map(RefusalFilter::User),
        parameters.read("requestId", request_id::parse)?.map(RefusalFilter::Request),
    ];
    let mut filters = filters.into_iter().flatten();
    let filter = filters.next().unwrap_or(RefusalFilter::All);
    match filters.next() {
        None => Ok(filter),
        Some(_) => Err(Problem::invalid("account", "user and requestId cannot be given together")),
    }
}
