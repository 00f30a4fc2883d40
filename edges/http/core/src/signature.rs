//! Signed requests (RFC 9421): which parts of a request a signature has to cover, and how it is read from the headers.
//! How the parts are written down for the signature is in `signature/components.rs`; whether it counts, `auth` decides.

mod components;

use crate::digest::CONTENT_DIGEST;
use crate::field_lines::combined;
use crate::idempotency_header::IDEMPOTENCY_KEY;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use programs::ProgramError;
use programs::RequestSignature;
use sfv::{BareItem, Dictionary, InnerList, ListEntry, Parser, Version};

const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
/// More parts than any request has.
const COMPONENTS_MAX: usize = 50;

/// A request as a signature sees it.
pub(crate) struct Message<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    /// What the bank is reached by, which a proxy in front may have taken off.
    scheme: &'a str,
    body: Content,
}

/// Whether there is a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Absent,
    Present,
}

impl<'a> Message<'a> {
    pub(crate) fn of(request: &'a Request, public_url: &'a str) -> Self {
        let is_empty = axum::body::HttpBody::is_end_stream(request.body());
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            scheme: public_url.split_once("://").map_or("http", |(scheme, _)| scheme),
            body: if is_empty { Content::Absent } else { Content::Present },
        }
    }

    /// The signature that was made for the API key, with all that has to be covered covered.
    pub(crate) fn signature(&self, api_key_id: &str) -> Result<RequestSignature, ProgramError> {
        let inputs = dictionary(self.headers, &SIGNATURE_INPUT)?;
        let mut ours = inputs.iter().filter_map(|(label, entry)| match entry {
            ListEntry::InnerList(input) if names_key(input, api_key_id) => Some((label, input)),
            _ => None,
        });
        let (label, input) = ours.next().ok_or(ProgramError::InvalidSignature(
            "the request has no signature whose keyid is the API key's identifier",
        ))?;
        if ours.next().is_some() {
            return Err(ProgramError::InvalidSignature("two signatures have the API key's identifier as keyid"));
        }
        self.require_covered(input)?;
        let signatures = dictionary(self.headers, &SIGNATURE)?;
        let bytes = match signatures.get(label) {
            Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
            _ => None,
        };
        let bytes = bytes.ok_or(ProgramError::InvalidSignature("Signature has no bytes under the label"))?;
        Ok(RequestSignature {
            base: self.base(input)?,
            bytes: bytes.to_vec(),
            key_id: text(input, "keyid")?,
            algorithm: text(input, "alg")?,
            created: integer(input, "created")?,
            expires: integer(input, "expires")?,
            nonce: text(input, "nonce")?,
        })
    }

    /// What is not covered, somebody on the way could change.
    fn require_covered(&self, input: &InnerList) -> Result<(), ProgramError> {
        let wrong = |reason| Err(ProgramError::InvalidSignature(reason));
        if input.items.len() > COMPONENTS_MAX {
            return wrong("the signature covers too many components");
        }
        let covers = |name: &str| input.items.iter().any(|item| is_named(&item.bare_item, name));
        if !covers("@method") {
            return wrong("the signature must cover @method");
        }
        let covers_target =
            covers("@request-target") || covers("@path") && (self.uri.query().is_none() || covers("@query"));
        if !(covers("@target-uri") || covers("@authority") && covers_target) {
            return wrong("the signature must cover @target-uri, or @authority, @path and @query");
        }
        if self.body == Content::Present && !self.headers.contains_key(CONTENT_DIGEST) {
            return wrong("a signed request with a body needs Content-Digest");
        }
        for (name, reason) in [
            (CONTENT_DIGEST, "the signature must cover content-digest"),
            (header::CONTENT_TYPE, "the signature must cover content-type"),
            (IDEMPOTENCY_KEY, "the signature must cover idempotency-key"),
        ] {
            if self.headers.contains_key(&name) && !covers(name.as_str()) {
                return wrong(reason);
            }
        }
        Ok(())
    }
}

fn dictionary(headers: &HeaderMap, name: &HeaderName) -> Result<Dictionary, ProgramError> {
    let wrong = ProgramError::InvalidSignature("Signature and Signature-Input must be dictionaries (RFC 9421)");
    if !headers.contains_key(name) {
        return Err(ProgramError::InvalidSignature("the API key asks for signed requests, and this one is not"));
    }
    let text = combined(headers, name).ok_or_else(|| wrong.clone())?;
    Parser::new(&text).with_version(Version::Rfc8941).parse().map_err(|_| wrong)
}

fn is_named(item: &BareItem, name: &str) -> bool {
    item.as_string().is_some_and(|text| text.as_str() == name)
}

fn names_key(input: &InnerList, api_key_id: &str) -> bool {
    input.params.get("keyid").is_some_and(|value| is_named(value, api_key_id))
}

/// A parameter of another type must not pass as one that is absent.
fn text(input: &InnerList, parameter: &str) -> Result<Option<String>, ProgramError> {
    let Some(value) = input.params.get(parameter) else { return Ok(None) };
    let text = value.as_string().map(|text| text.as_str().to_owned());
    text.map(Some).ok_or(ProgramError::InvalidSignature("keyid, alg and nonce must be strings"))
}

/// As with text.
fn integer(input: &InnerList, parameter: &str) -> Result<Option<i64>, ProgramError> {
    let Some(value) = input.params.get(parameter) else { return Ok(None) };
    let number = value.as_integer().map(i64::from);
    number.map(Some).ok_or(ProgramError::InvalidSignature("created and expires must be whole numbers"))
}
