//! From where a request comes, as somebody who logs in sees it later in the list of their sessions: the address that the
//! front door settled, and what the program says of itself.

use crate::address::ClientAddress;
use ::auth::{Device, Occasion};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use std::convert::Infallible;
use store::Timestamp;

/// Whoever sends a request, before they are anybody.
pub(crate) struct Visitor {
    pub(crate) address: ClientAddress,
    device: Device,
}

impl Visitor {
    /// What they do now.
    pub(crate) fn now(&self) -> Occasion {
        Occasion { now: Timestamp::now(), device: self.device.clone() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let address = ClientAddress::from_request_parts(parts, state).await?;
        let ip = Some(address).filter(|address| *address != ClientAddress::NONE).map(ClientAddress::ip);
        let user_agent = parts.headers.get(header::USER_AGENT).map(|value| value.as_bytes());
        Ok(Self { address, device: Device::new(ip, user_agent) })
    }
}
