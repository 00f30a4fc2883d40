//! Who makes a request, and what the gate knows of it: put there by the gate, taken out by handlers.

use crate::problem::{Outcome, Problem};
use crate::problems::moves_no_money;
use crate::request_id::RequestId;
use crate::route::RouteSpec;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use db::WallTime;
use identity::Scope;
use ids::UserId;
use payments::Hat;

/// The caller of a route that needs one. Asking for it on a public route is a defect.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As the access token proves it.
    pub identity: identity::Caller,
    /// The request's name.
    pub request_id: RequestId,
    /// What they ask for.
    pub route: &'static RouteSpec,
}

/// Who was let in: the caller until a handler takes it, and whose request it is until the end.
#[derive(Clone, Debug)]
pub struct Known {
    /// Whose request it is.
    pub user_id: UserId,
    caller: Option<Caller>,
}

impl From<Caller> for Known {
    fn from(caller: Caller) -> Self {
        Self { user_id: caller.user_id(), caller: Some(caller) }
    }
}

impl Caller {
    /// The person.
    pub const fn user_id(&self) -> UserId {
        self.identity.user_id
    }

    /// Whether they may see what is not theirs.
    pub const fn sees_all(&self) -> bool {
        self.identity.is_staff_themselves()
    }

    /// The hat with which they act on accounts and payments.
    pub fn hat(&self, now: WallTime) -> Outcome<Hat> {
        payments::hat_of(&self.identity, now).ok_or_else(moves_no_money)
    }

    /// Whether the balance of an account of the holder may be shown: a program that only moves money reads none.
    pub fn may_see_balance(&self, holder: Option<UserId>) -> bool {
        let reads = [Scope::AccountsRead, Scope::TransactionsRead];
        self.may_see(holder) && reads.into_iter().any(|scope| self.identity.has_scope(scope))
    }

    /// Whether something that belongs to the holder may be shown.
    pub fn may_see(&self, holder: Option<UserId>) -> bool {
        self.sees_all() || holder == Some(self.identity.user_id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get_mut::<Known>().and_then(|known| known.caller.take());
        caller.ok_or_else(|| Problem::internal("a handler asks for the caller of a public route"))
    }
}
