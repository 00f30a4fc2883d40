//! What came back for one request.

use serde_json::Value;

/// Status, headers and body of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl Answer {
    /// The header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; nothing if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Whether this is the answer that the key got before.
    pub fn is_replayed(&self) -> bool {
        self.header("idempotent-replayed") == Some("true")
    }

    /// Whether the request was worked on: done, or refused for good.
    pub const fn is_final(&self) -> bool {
        matches!(self.status, 201 | 422)
    }

    /// The body, if the status is as it must be.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// The error, if status and code are as they must be and the envelope is whole.
    ///
    /// # Panics
    /// When something is different.
    #[track_caller]
    pub fn expect_error(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["error"]["code"], code, "{body}");
        assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        assert!(body["error"]["details"].is_object(), "{body}");
        assert!(body["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{body}");
        assert!(body["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{body}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        body["error"].clone()
    }

    /// Asserts that this says clearly to come back later.
    ///
    /// # Panics
    /// When it says anything else.
    #[track_caller]
    pub fn expect_unavailable(&self) {
        self.expect_error(503, "SERVICE_UNAVAILABLE");
        let seconds = self.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
        assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "Retry-After is missing: {self:?}");
    }
}
