//! Pages of a list: how many, from where on, and the cursor to the next one.

use crate::parameters::Parameters;
use crate::problem::Outcome;
use crate::reply::json;
use crate::table::{InTable, Table, Wanted};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

const LIMIT_DEFAULT: u32 = 20;
const LIMIT_MAX: u32 = 100;

/// A page as it is asked for; `I` is the identifier by which the list is ordered.
#[derive(Clone, Copy, Debug)]
pub struct Page<I> {
    limit: u32,
    /// The last identifier of the page before.
    pub after: Option<I>,
}

/// An identifier that can be hidden in a cursor.
pub trait CursorId: Copy + std::fmt::Display {
    /// Reads what `Display` wrote.
    fn parse(text: &str) -> Option<Self>;
}

macro_rules! cursor_ids {
    ($($id:ident),*) => {$(
        impl CursorId for ids::$id {
            fn parse(text: &str) -> Option<Self> {
                Self::parse(text).ok()
            }
        }
    )*};
}

cursor_ids!(
    AccountId,
    TransactionId,
    UserId,
    SessionId,
    ApiKeyId,
    ApprovalId,
    ClientId,
    GrantId,
    EventId,
    RefusalId,
    DeliveryId,
    NoticeId,
    StandingOrderId,
    StandingRunId
);

/// A page as it is answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageReply<T> {
    data: Vec<T>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// The same as a table.
pub fn table_until(table: Table, next: Option<impl CursorId>) -> Response {
    table.reply_until(next.map(encode).as_deref())
}

/// The same as it is wanted: as JSON, or as a table.
pub fn answer_until<T: InTable>(wanted: Wanted, data: Vec<T>, next: Option<impl CursorId>) -> Response {
    if wanted.is_csv() { wanted.rows_until(&data, next.map(encode).as_deref()) } else { reply_until(data, next) }
}

/// A page of a list that knows itself where the next one begins.
pub fn reply_until<T: Serialize>(data: Vec<T>, next: Option<impl CursorId>) -> Response {
    json(StatusCode::OK, &PageReply { data, next_cursor: next.map(encode) })
}

impl<I: CursorId> Page<I> {
    /// Reads `limit` and `cursor`.
    pub fn read(parameters: &Parameters) -> Outcome<Self> {
        let wrong = format!("must be a whole number from 1 to {LIMIT_MAX}");
        let limit = parameters.read("limit", |text| match text.parse() {
            Ok(limit @ 1..=LIMIT_MAX) => Ok(limit),
            _ => Err(wrong),
        })?;
        let after = parameters.read("cursor", |text| decode(text).ok_or("must be a nextCursor of this list"))?;
        Ok(Self { limit: limit.unwrap_or(LIMIT_DEFAULT), after })
    }

    /// How many rows are shown.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// How many rows to load: one more than are shown tells whether there is a next page.
    pub const fn rows(&self) -> u32 {
        self.limit + 1
    }

    /// The page as it is answered; the row that is one too many only tells that there is more.
    pub fn reply<R, T: Serialize>(&self, mut rows: Vec<R>, id: impl Fn(&R) -> I, shown: impl Fn(R) -> T) -> Response {
        let next_cursor = self.cut(&mut rows, id);
        let data: Vec<T> = rows.into_iter().map(shown).collect();
        json(StatusCode::OK, &PageReply { data, next_cursor })
    }

    /// The page as it is wanted: as JSON, or as a table that says in the header `Link` where the next page is.
    pub fn answer<R, T: InTable>(
        &self,
        wanted: Wanted,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> I,
        shown: impl Fn(R) -> T,
    ) -> Response {
        let next_cursor = self.cut(&mut rows, id);
        let data: Vec<T> = rows.into_iter().map(shown).collect();
        if wanted.is_csv() {
            return wanted.rows_until(&data, next_cursor.as_deref());
        }
        json(StatusCode::OK, &PageReply { data, next_cursor })
    }

    /// The same as a table, which says in the header `Link` where the next page is.
    pub fn table<R>(
        &self,
        mut table: Table,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> I,
        cells: impl Fn(R) -> Vec<String>,
    ) -> Response {
        let next_cursor = self.cut(&mut rows, id);
        for row in rows {
            table.row(&cells(row));
        }
        table.reply_until(next_cursor.as_deref())
    }

    /// The cursor to what follows a row, where there is more; the row that is one too many is taken away.
    pub fn cut<R>(&self, rows: &mut Vec<R>, id: impl Fn(&R) -> I) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        rows.last().filter(|_| has_more).map(|last| encode(id(last)))
    }
}

fn encode(id: impl CursorId) -> String {
    URL_SAFE_NO_PAD.encode(id.to_string())
}

fn decode<I: CursorId>(text: &str) -> Option<I> {
    I::parse(&String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?)
}
