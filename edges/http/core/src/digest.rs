//! `Content-Digest` (RFC 9530): what a sender says that its body hashes to, checked where the body is read.

use crate::ErrorCode;
use crate::field_lines::combined;
use crate::problem::{Outcome, Problem};
use axum::http::{HeaderMap, HeaderName};
use sfv::{BareItem, Dictionary, ListEntry, Parser};
use sha2::{Digest, Sha256, Sha512};

pub(crate) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// Refuses a body that is not what its digest says. Without the header there is nothing to refuse.
pub(crate) fn require_match(headers: &HeaderMap, body: &[u8]) -> Outcome<()> {
    if !headers.contains_key(CONTENT_DIGEST) {
        return Ok(());
    }
    let malformed = || Problem::invalid("Content-Digest", "must be a dictionary such as sha-256=:…: (RFC 9530)");
    let text = combined(headers, &CONTENT_DIGEST).ok_or_else(malformed)?;
    let claimed: Dictionary = Parser::new(&text).parse().map_err(|_| malformed())?;
    let mut compared = 0;
    for (name, entry) in &claimed {
        let actual = match name.as_str() {
            "sha-256" => Sha256::digest(body).to_vec(),
            "sha-512" => Sha512::digest(body).to_vec(),
            // Others are no proof of anything; RFC 9530 calls several of them insecure.
            _ => continue,
        };
        let ListEntry::Item(item) = entry else { return Err(malformed()) };
        let BareItem::ByteSequence(claimed) = &item.bare_item else { return Err(malformed()) };
        if *claimed != actual {
            let problem = Problem::new(ErrorCode::DigestMismatch, "The body is not what Content-Digest says");
            return Err(problem.with("algorithm", name.as_str()));
        }
        compared += 1;
    }
    if compared == 0 { Err(Problem::invalid("Content-Digest", "must have sha-256 or sha-512")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    /// RFC 9530, appendix B, and RFC 9421, appendix B.2.
    const BODY: &[u8] = br#"{"hello": "world"}"#;
    const SHA_256: &str = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
    const SHA_512: &str =
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

    fn outcome(lines: &[&str], body: &[u8]) -> Result<(), ErrorCode> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CONTENT_DIGEST, HeaderValue::from_str(line).unwrap());
        }
        require_match(&headers, body).map_err(|problem| problem.code())
    }

    #[test]
    fn the_rfcs_digests_match_their_body_and_no_other() {
        for lines in [vec![SHA_256], vec![SHA_512], vec![SHA_256, SHA_512], vec!["md5=:AA==:", SHA_256]] {
            assert_eq!(outcome(&lines, BODY), Ok(()), "{lines:?}");
            assert_eq!(outcome(&lines, br#"{"hello": "World"}"#), Err(ErrorCode::DigestMismatch));
            assert_eq!(outcome(&lines, b""), Err(ErrorCode::DigestMismatch));
        }
        assert_eq!(outcome(&[], BODY), Ok(()));
    }

    #[test]
    fn one_wrong_digest_of_two_is_a_mismatch() {
        let other = SHA_512.replace("WZDP", "XZDP");
        assert_eq!(outcome(&[SHA_256, &other], BODY), Err(ErrorCode::DigestMismatch));
    }

    #[test]
    fn a_header_that_proves_nothing_is_refused() {
        for line in
            ["", "sha-256", "sha-256=X48E", "sha-256=\"X48E\"", "sha-256=(:AA==:)", "md5=:AA==:", "SHA-256=:AA==:"]
        {
            assert_eq!(outcome(&[line], BODY), Err(ErrorCode::InvalidRequest), "{line}");
        }
    }
}
