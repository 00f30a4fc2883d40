//! Headers that two readers could take for two things when they are repeated or combined: how a body is framed (RFC 9112,
//! sections 6.1 and 6.3), and who asks. A `Content-Length` beside `Transfer-Encoding` is never seen here: hyper takes it away
//! and reads the chunks, and the connection ends behind the reply, as section 6.3 wants it.

use crate::problem::{Outcome, Problem};
use axum::http::{HeaderMap, header};

/// Refuses any other coding than chunks, chunks that are announced twice, and two credentials.
pub(super) fn require_framing(headers: &HeaderMap) -> Outcome<()> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => {}
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => {}
        (Some(_), _) => return Err(Problem::invalid("Transfer-Encoding", "must be chunked, and given once")),
    }
    if headers.get_all(header::AUTHORIZATION).iter().nth(1).is_some() {
        return Err(Problem::invalid("Authorization", "is given twice"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(given: &[(HeaderName, &'static str)]) -> HeaderMap {
        given.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn one_way_to_send_a_body_and_one_credential_are_fine() {
        for given in [
            &[][..],
            &[(header::TRANSFER_ENCODING, "chunked")],
            &[(header::TRANSFER_ENCODING, "Chunked"), (header::AUTHORIZATION, "Bearer a")],
        ] {
            assert_eq!(require_framing(&headers(given)).map_err(|problem| problem.code()), Ok(()), "{given:?}");
        }
    }

    #[test]
    fn what_two_readers_could_take_for_two_things_is_refused() {
        for given in [
            &[(header::TRANSFER_ENCODING, "gzip, chunked")][..],
            &[(header::TRANSFER_ENCODING, "chunked, chunked")],
            &[(header::TRANSFER_ENCODING, "identity"), (header::TRANSFER_ENCODING, "chunked")],
            &[(header::TRANSFER_ENCODING, "chunked"), (header::TRANSFER_ENCODING, "chunked")],
            &[(header::TRANSFER_ENCODING, "")],
            &[(header::AUTHORIZATION, "Bearer a"), (header::AUTHORIZATION, "Bearer a")],
        ] {
            assert!(require_framing(&headers(given)).is_err(), "{given:?}");
        }
    }
}
