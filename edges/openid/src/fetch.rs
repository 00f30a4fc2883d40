//! One document of the issuer, over TLS if it is there.

use crate::{FetchError, IssuerUrl, OpenError};
use http_client::header::{ACCEPT, HeaderValue};
use http_client::{Bytes, Call, CallError, Client, Method};
use std::path::Path;
use std::time::Duration;
use url::Url;

/// From the look-up of the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
const OK: u16 = 200;

/// Fetches documents.
pub(crate) struct Fetcher {
    client: Client,
}

impl Fetcher {
    pub(crate) fn open(issuer: &IssuerUrl, authorities: Option<&Path>) -> Result<Self, OpenError> {
        let is_plain = !issuer.is_encrypted() && authorities.is_none();
        let client = if is_plain { Client::plain() } else { Client::open(authorities)? };
        Ok(Self { client })
    }

    pub(crate) async fn get(&self, url: &Url, bytes_max: usize) -> Result<String, FetchError> {
        let call = Call {
            method: Method::GET,
            url,
            headers: vec![(ACCEPT, HeaderValue::from_static("application/json"))],
            body: Bytes::new(),
            timeout: TIMEOUT,
            answer_bytes_max: bytes_max,
        };
        let answer = self.client.call(call).await?;
        if answer.status != OK {
            return Err(FetchError::Status(answer.status));
        }
        String::from_utf8(answer.body.into()).map_err(|_| FetchError::Document("is not UTF-8".to_owned()))
    }
}

impl From<CallError> for FetchError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Timeout => Self::Timeout,
            CallError::Connection(cause) => Self::Connection(cause),
            CallError::TooLarge(bytes_max) => Self::TooLarge(bytes_max),
        }
    }
}
