//! `/api/reports/general-ledger/{code}`: the account sheet of a line of the chart, in pages.

use crate::App;
use crate::asked::Days;
use crate::wire::schema::SheetParameters;
use crate::wire::sheet::{SHEET_TABLE, SheetLineReply, SheetReply, cells};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use http_core::ErrorCode;
use http_core::page::{CursorId, Page};
use http_core::parameters::Parameters;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::schema::PageParameters;
use ids::{AccountId, EntryId};
use ledger::{ChartCode, Cutoff, LineBalance, SheetLine, SheetPlace, SheetRequest};
use std::sync::Arc;
use uuid::Uuid;

/// Behind which posting a page begins.
#[derive(Clone, Copy)]
struct Place(SheetPlace);

/// What was booked on a line of the chart from one day to another: account by account, and of each account in the order of the
/// identifiers of transactions. The first page also has what the line held before, and holds at the end.
#[utoipa::path(
    get,
    path = "/api/reports/general-ledger/{code}",
    tag = "reports",
    operation_id = "get_general_ledger",
    params(("code" = String, Path, description = "The code of the line", example = "1000"), SheetParameters, PageParameters),
    responses((
        status = 200, description = "A page of the account sheet",
        content((SheetReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn sheet(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let line = ChartCode::parse(&code).ok_or_else(|| {
        Problem::new(ErrorCode::NotFound, "The chart has no line with this code").with("field", "code")
    })?;
    let page = Page::<Place>::read(&parameters)?;
    let (from, until) = Days::read(&app, &parameters).await?.booked();
    let snapshot = app.db.snapshot().await?;
    let after = page.after.map(|place| place.0);
    let request = SheetRequest { line, from, until, after, limit: page.rows() };
    let mut lines = ledger::sheet(&snapshot, request).await?;
    if wanted.is_csv() {
        return Ok(page.table(wanted.table(SHEET_TABLE), lines, Place::of, |one| cells(line, &one)));
    }
    let (mut opening, mut closing) = (Vec::new(), Vec::new());
    if after.is_none() {
        let of_line = |balances: Vec<LineBalance>| balances.into_iter().filter(|one| one.line == line).collect();
        let before = |booked_before| Cutoff { booked_before: Some(booked_before), value_until: None };
        opening = of_line(ledger::line_balances(&snapshot, before(from)).await?);
        closing = of_line(ledger::line_balances(&snapshot, before(until)).await?);
    }
    let next_cursor = page.cut(&mut lines, Place::of);
    let data = lines.iter().map(|one| SheetLineReply::new(line, one)).collect();
    Ok(json(StatusCode::OK, &SheetReply::new(line, data, next_cursor).between(&opening, &closing)))
}

impl Place {
    fn of(line: &SheetLine) -> Self {
        let posting = &line.posting;
        Self(SheetPlace { account: posting.account, entry: posting.entry, sequence: posting.sequence })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let SheetPlace { account, entry, sequence } = self.0;
        write!(formatter, "{account} {} {sequence}", entry.uuid())
    }
}

impl CursorId for Place {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let account = AccountId::parse(parts.next()?).ok()?;
        let entry = EntryId::from_uuid(Uuid::try_parse(parts.next()?).ok()?);
        let sequence = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Self(SheetPlace { account, entry, sequence }))
    }
}
