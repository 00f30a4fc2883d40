//! Forms and queries of OAuth: each parameter at most once, unknown ones ignored, empty ones as good as absent
//! (RFC 6749, section 3.1).

use super::failure::Failure;
use crate::App;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use http_core::body;
use programs::oauth::OAuthError;
use std::sync::Arc;

const PARAMETERS_MAX: usize = 64;

/// The parameters of a body, or of a query.
#[derive(Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `a=1&b=2`.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, OAuthError> {
        let mut read: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text) {
            if read.len() == PARAMETERS_MAX || read.iter().any(|(known, _)| *known == name) {
                return Err(OAuthError::InvalidRequest("a parameter is repeated, or there are too many"));
            }
            read.push((name.into_owned(), value.into_owned()));
        }
        read.retain(|(_, value)| !value.is_empty());
        Ok(Self(read))
    }

    /// The value of a parameter.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, to keep.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// The value of a parameter that has to be there; the reason if it is not.
    pub(crate) fn required(&self, name: &str, reason: &'static str) -> Result<String, OAuthError> {
        self.owned(name).ok_or(OAuthError::InvalidRequest(reason))
    }
}

impl FromRequest<Arc<App>> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let declared = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = declared.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let wanted = "the body must be sent as application/x-www-form-urlencoded";
            return Err(OAuthError::InvalidRequest(wanted).into());
        }
        let body = body::collect_in_time(request, &**app).await?;
        Ok(Self::parse(&body)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_once_and_empty_ones_are_absent() {
        let form = Form::parse(b"a=1+%26&b=&c=%E2%82%AC").unwrap();
        assert_eq!((form.text("a"), form.text("b"), form.text("c")), (Some("1 &"), None, Some("€")));
        assert!(Form::parse(b"a=1&a=1").is_err());
        assert!(Form::parse(b"a=&a=1").is_err());
        let many: String = (0..=PARAMETERS_MAX).map(|number| format!("p{number}=1&")).collect();
        assert!(Form::parse(many.as_bytes()).is_err());
    }
}
