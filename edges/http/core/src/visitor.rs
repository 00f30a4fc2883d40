//! From where a request comes, as somebody who logs in sees it later in the list of their sessions: the address that the
//! front door settled, and what the program says of itself.

use crate::address::ClientAddress;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use db::WallTime;
use identity::{Device, Occasion};
use std::convert::Infallible;

/// Whoever sends a request, before they are anybody.
pub struct Visitor {
    /// From where.
    pub address: ClientAddress,
    device: Device,
}

impl Visitor {
    /// What they do at a time.
    pub fn at(&self, now: WallTime) -> Occasion {
        Occasion { now, device: self.device.clone() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let address = ClientAddress::from_request_parts(parts, state).await?;
        Ok(Self { address, device: device(&parts.headers, &parts.extensions) })
    }
}

/// When and from where a request comes.
pub fn occasion(headers: &HeaderMap, extensions: &Extensions, now: WallTime) -> Occasion {
    Occasion { now, device: device(headers, extensions) }
}

fn device(headers: &HeaderMap, extensions: &Extensions) -> Device {
    let ip = extensions.get::<ClientAddress>().map(|address| address.ip());
    Device::new(ip, headers.get(header::USER_AGENT).map(|value| value.as_bytes()))
}
