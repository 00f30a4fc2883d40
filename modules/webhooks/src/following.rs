//! What becomes of somebody's endpoints when how they get in changes: whoever made them may have been somebody else.

use crate::{Disabled, endpoint, events};
use db::{DbError, Tx};
use identity::{AccessChange, AccessChangeKind, Dependent, EndOfSession, Followed, Following};

/// Everybody's endpoints, as they follow what happens to people.
#[derive(Clone, Copy, Debug, Default)]
pub struct Endpoints;

impl Dependent for Endpoints {
    fn follow_in_tx<'a>(&'a self, tx: &'a Tx, change: AccessChange) -> Following<'a, Followed> {
        Box::pin(async move {
            if is_in_doubt(change.kind) {
                disable_all_in_tx(tx, change).await?;
            }
            Ok(Followed::default())
        })
    }
}

/// Who changes a password or a factor by themselves knows the former ones, and sees their endpoints.
const fn is_in_doubt(kind: AccessChangeKind) -> bool {
    match kind {
        AccessChangeKind::RoleChanged => true,
        AccessChangeKind::AccessEnded(reason) => {
            matches!(reason, EndOfSession::PasswordReset | EndOfSession::MfaReset | EndOfSession::EndedByStaff)
        }
        AccessChangeKind::PasswordReplaced => false,
    }
}

async fn disable_all_in_tx(tx: &Tx, AccessChange { user_id, act, .. }: AccessChange) -> Result<(), DbError> {
    let endpoints = endpoint::store::list(tx, user_id).await?;
    let called = endpoints.iter().filter(|endpoint| endpoint.health.disabled.is_none());
    let why = Disabled::AccessChanged;
    let told = called.map(|endpoint| events::disabled(user_id, endpoint.id, &endpoint.url, why, act)).collect();
    endpoint::store::disable_of_in_tx(tx, user_id, why).await?;
    outbox::append_in_tx(tx, told).await
}
