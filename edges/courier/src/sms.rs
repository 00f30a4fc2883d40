//! Texts: handed to a provider over HTTP, or written into a folder, for trying out.
//!
//! The provider gets `{"to":"+49…","text":"…","id":"mail_…"}` with a bearer token, and takes it with 200 or 202. A try that may have
//! arrived is repeated with the same `id`: a provider that knows it sends nothing twice.

use crate::folder::Folder;
use crate::{CourierError, deliver_all};
use db::{Clock, Db};
use http_client::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http_client::{Answer, Bytes, Call, Client, Method};
use notifications::{Delivery, NotificationsError, Outcome};
use secrets::Secrets;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::{Host, Url};

/// From the look-up of the name to the last byte; well before the lease on a text is over.
const TIMEOUT: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// So much of what a provider says about a refusal is looked at.
const SAID_CHARACTERS_MAX: usize = 120;

/// Where a provider is, and how one gets in.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// `https://sms.example/messages`; without TLS on this machine only.
    pub url: &'a str,
    /// The bearer token.
    pub token: &'a str,
    /// The PEM file of the authorities that vouch for it; nothing: those of the system.
    pub ca_file: Option<&'a Path>,
}

/// Delivers texts. Cloning shares it.
#[derive(Clone)]
pub struct Texter(Way);

#[derive(Clone)]
enum Way {
    Provider { client: Client, url: Url, headers: Vec<(HeaderName, HeaderValue)> },
    Folder(Folder),
    Nowhere,
}

#[derive(Serialize)]
struct Body<'a> {
    to: &'a str,
    text: &'a str,
    id: String,
}

impl Texter {
    /// By way of a provider.
    ///
    /// # Errors
    /// The URL, the token or the file is not understood; the token is not repeated.
    pub fn provider(provider: Provider<'_>) -> Result<Self, CourierError> {
        let url = checked(provider.url)?;
        let unusable = |cause: &dyn std::fmt::Display| CourierError::Sms(cause.to_string());
        let client = match url.scheme() {
            "http" => Client::plain(),
            _ => Client::open(provider.ca_file).map_err(|error| unusable(&error))?,
        };
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", provider.token))
            .map_err(|_| unusable(&"the token has characters that no header has"))?;
        bearer.set_sensitive(true);
        let headers = vec![(AUTHORIZATION, bearer), (CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        Ok(Self(Way::Provider { client, url, headers }))
    }

    /// Into a folder, as `.txt` files that only their owner can read: for trying out. It keeps the newest thousand.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn folder(path: PathBuf) -> Result<Self, CourierError> {
        Ok(Self(Way::Folder(Folder::open(path, "txt")?)))
    }

    /// Nowhere: what was queued while there was a provider is given up.
    pub const fn nowhere() -> Self {
        Self(Way::Nowhere)
    }

    /// Delivers the texts whose time has come; gives how many were tried.
    ///
    /// # Errors
    /// The database failed; what was not recorded is tried again later.
    pub async fn deliver_due(&self, db: &Db, secrets: &Secrets, clock: &Clock) -> Result<usize, NotificationsError> {
        let texts = notifications::claim_texts(db, secrets, crate::BATCH, clock()).await?;
        let deliver = |text: Delivery| {
            let texter = self.clone();
            async move {
                let outcome = texter.deliver(&text).await;
                (text, outcome)
            }
        };
        deliver_all(db, texts, deliver, clock).await
    }

    async fn deliver(&self, text: &Delivery) -> Outcome {
        match &self.0 {
            Way::Provider { client, url, headers } => {
                let body = Body { to: &text.recipient, text: &text.body, id: text.id.to_string() };
                let body = serde_json::to_vec(&body).expect("strings are JSON");
                let call = Call {
                    method: Method::POST,
                    url,
                    headers: headers.clone(),
                    body: Bytes::from(body),
                    timeout: TIMEOUT,
                    answer_bytes_max: ANSWER_BYTES_MAX,
                };
                client.call(call).await.map_or_else(|error| Outcome::Failed(error.to_string()), |answer| read(&answer))
            }
            Way::Folder(folder) => {
                folder.deliver(text.id, format!("To: {}\n\n{}\n", text.recipient, text.body).into_bytes()).await
            }
            Way::Nowhere => Outcome::Refused("this bank sends no texts any more".to_owned()),
        }
    }
}

/// What an answer says about a text. What is about us, or about now, is tried again.
fn read(answer: &Answer) -> Outcome {
    let said: String = String::from_utf8_lossy(&answer.body).chars().take(SAID_CHARACTERS_MAX).collect();
    let said = format!("the provider answered {}: {said}", answer.status);
    match answer.status {
        200 | 202 => Outcome::Sent,
        400 | 404 | 409 | 410 | 413 | 415 | 422 => Outcome::Refused(said),
        _ => Outcome::Failed(said),
    }
}

fn checked(text: &str) -> Result<Url, CourierError> {
    let wrong = |reason: &str| CourierError::Sms(reason.to_owned());
    let url = Url::parse(text).map_err(|error| CourierError::Sms(format!("the URL is none: {error}")))?;
    let is_here = match url.host().ok_or_else(|| wrong("the URL names no host"))? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name == "localhost",
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(wrong("the URL must be without user, password and fragment: the token stands by itself"));
    }
    match (url.scheme(), is_here) {
        ("https", _) | ("http", true) => Ok(url),
        _ => Err(wrong("the URL must begin with https://; http:// is for this machine only")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_client::HeaderMap;

    #[test]
    fn providers_elsewhere_are_called_over_tls_and_secrets_stand_in_no_url() {
        for url in ["https://sms.example/messages?from=bank", "http://127.0.0.1:8099/", "http://localhost/sms"] {
            assert!(checked(url).is_ok(), "{url}");
        }
        for url in ["", "sms.example", "http://sms.example/", "https://user:secret@sms.example/", "ftp://127.0.0.1/"] {
            let error = checked(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_text_is_not_tried_again_and_everything_else_is() {
        let outcome = |status| read(&Answer { status, headers: HeaderMap::new(), body: Bytes::from_static(b"no") });
        for status in [200, 202] {
            assert_eq!(outcome(status), Outcome::Sent);
        }
        for status in [400, 410, 422] {
            assert!(matches!(outcome(status), Outcome::Refused(_)), "{status}");
        }
        for status in [204, 301, 401, 403, 408, 429, 500, 503] {
            assert!(matches!(outcome(status), Outcome::Failed(_)), "{status}");
        }
    }
}
