//! What is signed, and the header that says so (Standard Webhooks 1.0.0).

use crate::secret::SigningSecret;
use db::WallTime;

/// What receivers take at the most.
const BODY_BYTES_MAX: usize = 20_000;
const ID_BYTES_MAX: usize = 64;
/// So long a secret that was replaced signs beside the new one.
pub(crate) const OVERLAP_SECONDS: i64 = 24 * 60 * 60;

/// What one call says.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    id: &'a str,
    at: WallTime,
    body: &'a str,
}

/// Why there is no such call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// With a dot in it, what is signed could be read in two ways.
    #[error("the identifier of a webhook has to be of letters, digits, _ and -")]
    Id,
    /// Receivers refuse such.
    #[error("the body of a webhook is larger than {BODY_BYTES_MAX} bytes")]
    TooLarge,
}

impl<'a> Message<'a> {
    /// The same identifier for all tries of one event, and the time of this try.
    ///
    /// # Errors
    /// The identifier is none, or the body is too large.
    pub fn new(id: &'a str, at: WallTime, body: &'a str) -> Result<Self, MessageError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if id.is_empty() || id.len() > ID_BYTES_MAX || !id.bytes().all(is_plain) {
            return Err(MessageError::Id);
        }
        if body.len() > BODY_BYTES_MAX { Err(MessageError::TooLarge) } else { Ok(Self { id, at, body }) }
    }

    /// For the header `webhook-id`.
    pub const fn id(&self) -> &str {
        self.id
    }

    /// For the header `webhook-timestamp`: seconds since 1970.
    pub const fn timestamp(&self) -> i64 {
        self.at.unix_seconds()
    }

    fn signed(&self) -> Vec<u8> {
        format!("{}.{}.{}", self.id, self.timestamp(), self.body).into_bytes()
    }
}

/// The secrets of one endpoint.
#[derive(Clone, Debug)]
pub struct Keys {
    current: SigningSecret,
    previous: Option<Replaced>,
}

#[derive(Clone, Debug)]
struct Replaced {
    secret: SigningSecret,
    signs_until: WallTime,
}

impl Keys {
    /// The first.
    pub const fn new(secret: SigningSecret) -> Self {
        Self { current: secret, previous: None }
    }

    /// With another secret from now on. The one before signs for another day, the one before that no more.
    #[must_use]
    pub fn rotated(self, secret: SigningSecret, now: WallTime) -> Self {
        let replaced = Replaced { secret: self.current, signs_until: now.plus_seconds(OVERLAP_SECONDS) };
        Self { current: secret, previous: Some(replaced) }
    }

    /// With a secret that was replaced and still signs until then.
    #[must_use]
    pub fn beside(self, former: SigningSecret, signs_until: WallTime) -> Self {
        Self { previous: Some(Replaced { secret: former, signs_until }), ..self }
    }

    /// For the header `webhook-signature`: one signature for each secret that signs at the time of the call.
    pub fn sign(&self, message: &Message<'_>) -> String {
        let signed = message.signed();
        let current = self.current.sign(&signed);
        match &self.previous {
            Some(previous) if message.at < previous.signs_until => {
                format!("{current} {}", previous.secret.sign(&signed))
            }
            _ => current,
        }
    }
}
