//! How a client says who it is: `client_secret_basic`, `client_secret_post`, or only its identifier when it is public.
//! Whether that is true is decided in `modules/programs`.

use super::form::Form;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use programs::oauth::{ClientAuthentication, OAuthError};

/// Reads the header or the form: one of the two, not both (RFC 6749, section 2.3).
pub(crate) fn read(headers: &HeaderMap, form: &Form) -> Result<ClientAuthentication, OAuthError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        let client_id = form.owned("client_id").ok_or(OAuthError::InvalidClient)?;
        return Ok(ClientAuthentication { client_id, secret: form.owned("client_secret") });
    };
    let basic = value.to_str().ok().and_then(basic).ok_or(OAuthError::InvalidClient)?;
    if form.text("client_secret").is_some() || form.text("client_id").is_some_and(|id| id != basic.client_id) {
        return Err(OAuthError::InvalidRequest("the client names itself twice"));
    }
    Ok(basic)
}

/// `Basic` and base64 of `id:secret`, each encoded as in a form (RFC 6749, section 2.3.1).
fn basic(value: &str) -> Option<ClientAuthentication> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    let secret = Some(form_decoded(secret)).filter(|secret| !secret.is_empty());
    Some(ClientAuthentication { client_id: form_decoded(client_id), secret })
}

/// Some clients encode more than they have to, others nothing: ours are the same either way.
fn form_decoded(text: &str) -> String {
    let field = format!("={text}");
    form_urlencoded::parse(field.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn sent(authorization: Option<&str>, form: &str) -> Result<(String, Option<String>), OAuthError> {
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        read(&headers, &Form::parse(form.as_bytes()).unwrap()).map(|sent| (sent.client_id, sent.secret))
    }

    #[test]
    fn a_client_names_itself_in_the_header_or_in_the_form() {
        let both = || Ok(("id".to_owned(), Some("secret".to_owned())));
        assert_eq!(sent(Some("Basic aWQ6c2VjcmV0"), ""), both());
        assert_eq!(sent(Some("basic aWQ6c2VjcmV0"), "client_id=id"), both());
        let encoded = format!("Basic {}", STANDARD.encode("client%5F1:a%2Db_c"));
        assert_eq!(sent(Some(&encoded), ""), Ok(("client_1".to_owned(), Some("a-b_c".to_owned()))));
        assert_eq!(sent(None, "client_id=id&client_secret=secret"), both());
        assert_eq!(sent(None, "client_id=id"), Ok(("id".to_owned(), None)));
    }

    #[test]
    fn a_client_that_names_itself_twice_or_not_at_all_is_refused() {
        assert_eq!(sent(None, ""), Err(OAuthError::InvalidClient));
        for value in ["Bearer aWQ6c2VjcmV0", "Basic", "Basic !", "Basic aWQ="] {
            assert_eq!(sent(Some(value), ""), Err(OAuthError::InvalidClient), "{value}");
        }
        for form in ["client_id=id&client_secret=secret", "client_secret=secret", "client_id=other"] {
            assert!(matches!(sent(Some("Basic aWQ6c2VjcmV0"), form), Err(OAuthError::InvalidRequest(_))), "{form}");
        }
    }
}
