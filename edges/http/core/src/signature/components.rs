//! The signature base of RFC 9421, section 2.5: one line for each covered part of the request, and one for what the
//! signature says of itself.

use super::Message;
use crate::field_lines::combined;
use axum::http::{HeaderName, header};
use programs::ProgramError;
use sfv::{InnerList, Item, ListSerializer};

impl Message<'_> {
    /// What was signed, if the signature covers the listed components of this request.
    pub(super) fn base(&self, input: &InnerList) -> Result<String, ProgramError> {
        let mut base = String::new();
        let mut seen: Vec<&str> = Vec::with_capacity(input.items.len());
        for item in &input.items {
            let name = component_name(item)?;
            if seen.contains(&name) {
                return Err(ProgramError::InvalidSignature("a component is covered twice"));
            }
            seen.push(name);
            base.push_str(&format!("\"{name}\": {}\n", self.component(name)?));
        }
        base.push_str(&format!("\"@signature-params\": {}", serialized(input)));
        Ok(base)
    }

    /// The value of a component (RFC 9421, sections 2.1 and 2.2).
    fn component(&self, name: &str) -> Result<String, ProgramError> {
        let target = self.uri.path_and_query().map_or("/", |target| target.as_str());
        match name {
            "@method" => Ok(self.method.as_str().to_owned()),
            "@target-uri" => Ok(format!("{}://{}{target}", self.scheme, self.authority()?)),
            "@authority" => self.authority(),
            "@scheme" => Ok(self.scheme.to_owned()),
            "@request-target" => Ok(target.to_owned()),
            "@path" => Ok(self.uri.path().to_owned()),
            "@query" => Ok(format!("?{}", self.uri.query().unwrap_or_default())),
            _ if name.starts_with('@') => {
                Err(ProgramError::InvalidSignature("a derived component is covered that this bank does not know"))
            }
            _ => self.field(name),
        }
    }

    fn field(&self, name: &str) -> Result<String, ProgramError> {
        // The names of components are in lower case, and so is what `HeaderName` makes of any name.
        let field = HeaderName::from_bytes(name.as_bytes()).ok().filter(|field| field.as_str() == name);
        let field = field.filter(|field| self.headers.contains_key(field));
        let value = field.and_then(|field| combined(self.headers, &field));
        value.ok_or(ProgramError::InvalidSignature("a header is covered that the request does not have"))
    }

    /// As the client addressed the bank, without the port that the scheme has by itself.
    fn authority(&self) -> Result<String, ProgramError> {
        let host = self.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let authority = self.uri.authority().map(axum::http::uri::Authority::as_str).or(host);
        let authority =
            authority.ok_or(ProgramError::InvalidSignature("the request has no Host"))?.to_ascii_lowercase();
        let usual_port = if self.scheme == "https" { ":443" } else { ":80" };
        Ok(authority.strip_suffix(usual_port).map_or_else(|| authority.clone(), str::to_owned))
    }
}

/// Parameters of components change what is signed; this bank needs none of them.
fn component_name(item: &Item) -> Result<&str, ProgramError> {
    let name = item.bare_item.as_string().filter(|_| item.params.is_empty());
    name.map(|name| name.as_str()).ok_or(ProgramError::InvalidSignature("components must be names without parameters"))
}

/// The covered components and the signature's parameters, in their one strict form.
fn serialized(input: &InnerList) -> String {
    let mut list = ListSerializer::new();
    let mut inner = list.inner_list();
    inner.items(&input.items);
    let _ = inner.finish().parameters(&input.params);
    list.finish().expect("a list of one member is not empty")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::extract::Request;
    use sfv::{Dictionary, ListEntry, Parser};

    /// RFC 9421, appendix B.2: test-request.
    fn rfc_request() -> Request {
        Request::builder()
            .method("POST")
            .uri("/foo?param=Value&Pet=dog")
            .header("host", "example.com")
            .header("date", "Tue, 20 Apr 2021 02:07:55 GMT")
            .header("content-type", "application/json")
            .header("content-digest", RFC_DIGEST)
            .header("content-length", "18")
            .body(Body::from(r#"{"hello": "world"}"#))
            .unwrap()
    }

    const RFC_DIGEST: &str =
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

    fn base_of(request: &Request, input: &str) -> Result<String, ProgramError> {
        let field = format!("sig={input}");
        let parsed: Dictionary = Parser::new(&field).parse().unwrap();
        let Some(ListEntry::InnerList(list)) = parsed.get("sig") else { panic!("{input} is no list") };
        Message::of(request, "https://example.com").base(list)
    }

    #[track_caller]
    fn expect_base(input: &str, lines: &[&str]) {
        let expected = [lines.join("\n"), format!("\"@signature-params\": {input}")].join("\n");
        assert_eq!(base_of(&rfc_request(), input).unwrap(), expected);
    }

    /// RFC 9421, appendix B.2.6.
    #[test]
    fn the_rfcs_ed25519_request_has_its_base() {
        expect_base(
            r#"("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#,
            &[
                r#""date": Tue, 20 Apr 2021 02:07:55 GMT"#,
                r#""@method": POST"#,
                r#""@path": /foo"#,
                r#""@authority": example.com"#,
                r#""content-type": application/json"#,
                r#""content-length": 18"#,
            ],
        );
    }

    /// RFC 9421, appendix B.2.3.
    #[test]
    fn the_rfcs_full_coverage_has_its_base() {
        expect_base(
            r#"("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss""#,
            &[
                r#""date": Tue, 20 Apr 2021 02:07:55 GMT"#,
                r#""@method": POST"#,
                r#""@path": /foo"#,
                r#""@query": ?param=Value&Pet=dog"#,
                r#""@authority": example.com"#,
                r#""content-type": application/json"#,
                &format!(r#""content-digest": {RFC_DIGEST}"#),
                r#""content-length": 18"#,
            ],
        );
    }

    /// RFC 9421, sections 2.2.2, 2.2.4 and 2.2.5.
    #[test]
    fn the_target_is_written_whole_and_in_parts() {
        expect_base(
            r#"("@target-uri" "@scheme" "@request-target")"#,
            &[
                r#""@target-uri": https://example.com/foo?param=Value&Pet=dog"#,
                r#""@scheme": https"#,
                r#""@request-target": /foo?param=Value&Pet=dog"#,
            ],
        );
        let bare = Request::builder().uri("/").header("host", "EXAMPLE.com:443").body(Body::empty()).unwrap();
        let base = base_of(&bare, r#"("@authority" "@path" "@query")"#).unwrap();
        assert!(base.starts_with("\"@authority\": example.com\n\"@path\": /\n\"@query\": ?\n"), "{base}");
    }

    /// RFC 9112, section 3.2.2: the host of the target stands in the place of `Host`.
    #[test]
    fn a_target_with_a_host_of_its_own_overrides_the_header() {
        let absolute = Request::builder().uri("http://Bank.example/a?b").header("host", "other.example");
        let base = base_of(&absolute.body(Body::empty()).unwrap(), r#"("@authority" "@target-uri" "@request-target")"#);
        let base = base.unwrap();
        assert!(
            base.starts_with("\"@authority\": bank.example\n\"@target-uri\": https://bank.example/a?b\n"),
            "{base}"
        );
    }

    /// RFC 9421, section 2.1.
    #[test]
    fn the_lines_of_a_header_are_joined() {
        let request = Request::builder().header("x-list", " one ").header("x-list", "two, three").body(Body::empty());
        let base = base_of(&request.unwrap(), r#"("x-list")"#).unwrap();
        assert!(base.starts_with("\"x-list\": one, two, three\n"), "{base}");
    }

    #[test]
    fn what_cannot_be_written_down_is_refused() {
        for input in [
            r#"("x-absent")"#,
            r#"("Date")"#,
            r#"("@status")"#,
            r#"("@signature-params")"#,
            r#"("date" "date")"#,
            r#"("content-digest";key="sha-512")"#,
            r#"("@query-param";name="Pet")"#,
            r#"("@method";req)"#,
            "(date)",
            r#"("x\"y")"#,
        ] {
            assert!(matches!(base_of(&rfc_request(), input), Err(ProgramError::InvalidSignature(_))), "{input}");
        }
    }
}
