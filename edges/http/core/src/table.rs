//! Tables as CSV (RFC 4180), for whoever asks for `text/csv`: what people wrote is quoted where a spreadsheet would take it for a
//! formula, and a page says in the header `Link` where the next one is.

use crate::reply::json;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use csv::{Terminator, Writer, WriterBuilder};
use serde::Serialize;
use serde_json::Value;
use std::convert::Infallible;

/// As what the caller wants to have a table.
#[derive(Clone, Debug)]
pub struct Wanted {
    is_csv: bool,
    path: String,
    query: String,
}

/// What a table is called and what its columns are.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Its file's name, for whoever saves it.
    pub file_name: &'static str,
    /// The names of its columns.
    pub columns: &'static [&'static str],
}

/// What can be shown as the row of a table: its columns are members of its JSON, `actor.userId` of an object in it.
pub trait InTable: Serialize {
    /// What the table is called and which members are its columns.
    const HEAD: Head;
}

/// Rows under a head.
pub struct Table {
    writer: Writer<Vec<u8>>,
    file_name: &'static str,
    wanted: Wanted,
}

impl Wanted {
    /// Whether it is CSV; else JSON.
    pub const fn is_csv(&self) -> bool {
        self.is_csv
    }

    /// A table with this head.
    pub fn table(self, head: Head) -> Table {
        let writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
        let mut table = Table { writer, file_name: head.file_name, wanted: self };
        table.record(head.columns);
        table
    }

    /// All of a list as a table.
    pub fn rows<T: InTable>(self, rows: &[T]) -> Response {
        self.rows_until(rows, None)
    }

    pub(crate) fn rows_until<T: InTable>(self, rows: &[T], next_cursor: Option<&str>) -> Response {
        let mut table = self.table(T::HEAD);
        for row in rows {
            let whole = serde_json::to_value(row).expect("what is shown is plain members");
            let cells: Vec<String> = T::HEAD.columns.iter().map(|column| cell(&whole, column)).collect();
            table.row(&cells);
        }
        table.reply_until(next_cursor)
    }

    /// The reply as JSON, or its rows as a table.
    pub fn reply(self, whole: &impl Serialize, head: Head, rows: impl IntoIterator<Item = Vec<String>>) -> Response {
        if !self.is_csv {
            return json(StatusCode::OK, whole);
        }
        let mut table = self.table(head);
        rows.into_iter().for_each(|row| table.row(&row));
        table.reply_until(None)
    }
}

impl Table {
    /// Adds a row. Numbers stand as they are; everything else that begins like a formula is quoted.
    pub fn row(&mut self, cells: &[String]) {
        let cells: Vec<_> = cells
            .iter()
            .map(|text| if is_number(text) { text.as_str().into() } else { legible::in_a_cell(text) })
            .collect();
        self.record(&cells);
    }

    fn record(&mut self, cells: &[impl AsRef<str>]) {
        self.writer
            .write_record(cells.iter().map(AsRef::as_ref))
            .expect("rows are as long as their head, and memory takes them");
    }

    /// The reply.
    pub fn reply(self) -> Response {
        self.reply_until(None)
    }

    pub(crate) fn reply_until(self, next_cursor: Option<&str>) -> Response {
        let Self { writer, file_name, wanted } = self;
        let mut response = Response::new(Body::from(writer.into_inner().expect("memory takes what is written to it")));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
        let disposition = format!("attachment; filename=\"{file_name}.csv\"");
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("a plain name"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        if let Some(link) = next_cursor.and_then(|cursor| HeaderValue::try_from(wanted.link(cursor)).ok()) {
            headers.insert(header::LINK, link);
        }
        response
    }
}

impl Wanted {
    /// The same request with the cursor (RFC 8288).
    fn link(&self, cursor: &str) -> String {
        let others = form_urlencoded::parse(self.query.as_bytes()).filter(|(name, _)| name != "cursor");
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(others).append_pair("cursor", cursor).finish();
        format!("<{}?{query}>; rel=\"next\"", self.path)
    }
}

/// A member as text: nothing for what is null or not there, JSON for what has members itself.
fn cell(whole: &Value, column: &str) -> String {
    let member = column.split('.').try_fold(whole, |value, name| value.get(name));
    match member {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A number in decimals: no spreadsheet works anything out of it.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, part].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// How much a type is wanted, in thousandths: the most of what names it (RFC 9110, 12.5.1).
fn weight(headers: &HeaderMap, kind: &str) -> u32 {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let ranges = lines.flat_map(|line| line.split(','));
    let named = ranges.filter_map(|range| {
        let (name, parameters) = range.split_once(';').unwrap_or((range, ""));
        name.trim().eq_ignore_ascii_case(kind).then(|| quality(parameters))
    });
    named.max().unwrap_or(0)
}

fn quality(parameters: &str) -> u32 {
    let value = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
    let Some((whole, part)) = value.map(|value| value.split_once('.').unwrap_or((value, ""))) else { return 1_000 };
    let thousandths: u32 = format!("{part:0<3}").get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    if whole == "1" { 1_000 } else { thousandths }
}

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let csv = weight(&parts.headers, "text/csv");
        let is_csv = csv > 0 && csv >= weight(&parts.headers, "application/json");
        let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
        Ok(Self { is_csv, path, query })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn wanted(accept: &str) -> Wanted {
        let request = Request::get("/list?a=1%20b&cursor=old").header("accept", accept).body(()).unwrap();
        Wanted::from_request_parts(&mut request.into_parts().0, &()).await.unwrap()
    }

    #[tokio::test]
    async fn csv_is_for_those_who_name_it_and_want_it_no_less_than_json() {
        for accept in ["text/csv", "Text/CSV; q=0.5", "application/json;q=0.4, text/csv;q=0.5", "text/csv, */*"] {
            assert!(wanted(accept).await.is_csv(), "{accept}");
        }
        for accept in ["*/*", "application/json", "text/csv;q=0", "text/csv;q=0.9, application/json", "text/*", ""] {
            assert!(!wanted(accept).await.is_csv(), "{accept}");
        }
    }

    #[test]
    fn a_cell_is_a_member_of_what_is_shown() {
        let whole = serde_json::json!({
            "id": "acct_1", "open": true, "count": -3, "none": null, "actor": { "userId": "usr_1", "means": [1, "a"] }
        });
        let cells = ["id", "open", "count", "none", "missing", "actor.userId", "actor.means", "id.none"];
        let cells = cells.map(|column| cell(&whole, column));
        assert_eq!(cells, ["acct_1", "true", "-3", "", "", "usr_1", "[1,\"a\"]", ""]);
    }

    #[tokio::test]
    async fn a_table_is_of_rfc_4180_without_formulas_and_says_where_it_goes_on() {
        let mut table = wanted("text/csv").await.table(Head { file_name: "numbers", columns: &["name", "amount"] });
        table.row(&["=1+1".to_owned(), "-12.50".to_owned()]);
        table.row(&["a \"b\", c".to_owned(), "-1+1".to_owned()]);
        let reply = table.reply_until(Some("new"));
        assert_eq!(reply.headers()[header::LINK], "</list?a=1+b&cursor=new>; rel=\"next\"");
        assert_eq!(reply.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"numbers.csv\"");
        let body = axum::body::to_bytes(reply.into_body(), 1_000).await.unwrap();
        assert_eq!(&body[..], b"name,amount\r\n'=1+1,-12.50\r\n\"a \"\"b\"\", c\",'-1+1\r\n");
    }
}
