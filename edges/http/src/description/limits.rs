//! What the description of the API says of limits on requests: the headers of replies.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Header, RefOr};

const EVERY_REPLY: [(&str, &str); 2] = [
    (
        "RateLimit",
        "What is left of the limit that will be reached first: `r` requests now, and all of them in `t` seconds. \
         Absent where limits are switched off.",
    ),
    (
        "RateLimit-Policy",
        "The limits that count this request: `q` requests at once, given back evenly over `w` seconds. \
         Absent where limits are switched off.",
    ),
];

/// Adds the headers to each reply of a limited operation.
pub(super) fn describe(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        for (name, meaning) in EVERY_REPLY {
            response.headers.insert(name.to_owned(), header(meaning, Type::String).into());
        }
        if status == "429" {
            let retry_after = header("How many seconds to wait before the next attempt.", Type::Integer);
            response.headers.insert("Retry-After".to_owned(), retry_after.into());
        }
    }
}

fn header(meaning: &str, kind: Type) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind);
    HeaderBuilder::new().description(Some(meaning)).schema(Some(schema)).build()
}
