//! One request to the bank of a test, and what came back, asserted in words.

use crate::bank::Bank;
use crate::promise;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use db::WallTime;
use http_edge::ClientAddress;
use serde_json::Value;
use tower::ServiceExt as _;

/// One request on its way.
pub(crate) struct Sending<'a> {
    pub(super) bank: &'a Bank,
    pub(super) request: axum::http::request::Builder,
    pub(super) body: Body,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Sending<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Comes over a connection from the address.
    pub(crate) fn coming_from(mut self, address: &str) -> Self {
        self.request = self.request.extension(ClientAddress::of_peer(address.parse().unwrap()));
        self
    }

    /// Gives it a body without saying what it is.
    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends JSON.
    pub(crate) async fn json(self, body: &Value) -> Answer {
        self.text(body.to_string()).await
    }

    /// Sends text that says of itself that it is JSON.
    pub(crate) async fn text(self, body: impl Into<Body>) -> Answer {
        self.header("content-type", "application/json").body(body).await_answer().await
    }

    pub(crate) async fn await_answer(self) -> Answer {
        let mut request = self.request.body(self.body).unwrap();
        let route = promise::route_of(request.method(), request.uri());
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("bank.example"));
        let response = self.bank.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = match head.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream") {
            // It goes on: what comes first is what came.
            true => first_frame(body).await,
            false => axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        };
        let answer = Answer { status: head.status, headers: head.headers, bytes };
        promise::require_kept(route, &answer);
        answer
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body, if the status is as it must be.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// The error, if the status and the code are as they must be and the envelope is whole.
    #[track_caller]
    pub(crate) fn expect_error(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["error"]["code"], code, "{body}");
        assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        assert!(body["error"]["details"].is_object(), "{body}");
        assert!(WallTime::parse(body["timestamp"].as_str().unwrap()).is_ok(), "{body}");
        assert!(!body["requestId"].as_str().unwrap().is_empty(), "{body}");
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert!(self.header("x-request-id").is_some());
        body["error"].clone()
    }
}

async fn first_frame(body: Body) -> Vec<u8> {
    use futures_util::StreamExt as _;
    body.into_data_stream().next().await.unwrap().unwrap().to_vec()
}
