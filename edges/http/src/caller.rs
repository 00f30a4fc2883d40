//! Who makes a request, and what the gate knows of it: put there by the gate, taken out by handlers.

use crate::problem::Problem;
use crate::request_id::RequestId;
use ::auth::Role;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use ids::UserId;
use payments::Actor;

/// The caller of a route that needs one. Asking for it on a public route is a defect.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// As the access token proves it.
    pub(crate) identity: ::auth::Caller,
    /// The request's name.
    pub(crate) request_id: RequestId,
}

impl Caller {
    pub(crate) const fn user_id(&self) -> UserId {
        self.identity.user_id
    }

    /// Whether they may see what is not theirs.
    pub(crate) const fn sees_all(&self) -> bool {
        self.identity.role.is_staff()
    }

    /// Whether they are one of these.
    pub(crate) fn is_one_of(&self, roles: &[Role]) -> bool {
        roles.contains(&self.identity.role)
    }

    /// The caller as payments know them.
    pub(crate) const fn actor(&self) -> Actor {
        match self.identity.role {
            // The table of routes lets neither analysts nor auditors move money.
            Role::Customer | Role::Analyst | Role::Auditor => Actor::Customer(self.identity.user_id),
            Role::Teller => Actor::Teller(self.identity.user_id),
            Role::Admin => Actor::Admin(self.identity.user_id),
        }
    }

    /// Whether something that belongs to the holder may be shown.
    pub(crate) fn may_see(&self, holder: Option<UserId>) -> bool {
        self.sees_all() || holder == Some(self.identity.user_id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.remove::<Self>();
        caller.ok_or_else(|| Problem::internal("a handler asks for the caller of a public route"))
    }
}
