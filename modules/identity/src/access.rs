//! The end of all that lets somebody in: their sessions, and through the [dependents](crate::Dependents) what they granted.
//! One session that ends by itself or by its owner's wish is the matter of `session.rs`.

use crate::dependent::{AccessChange, AccessChangeKind, Followed};
use crate::revocations::Revoked;
use crate::session::{self, EndOfSession};
use crate::{Caller, Identity, Result};
use db::{Tx, WallTime};
use ids::{SessionId, UserId};
use outbox::Act;

/// What is to end, why, and who ends it.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    pub(crate) user_id: UserId,
    pub(crate) spared: Option<SessionId>,
    pub(crate) reason: EndOfSession,
    pub(crate) act: Act,
}

/// What ended in a transaction. After its commit [`Identity::refuse`] makes this process refuse it at once.
#[must_use = "this process still takes the access tokens of what ended"]
pub struct EndedAccess(Vec<Revoked>);

impl Identity {
    /// Ends the person's sessions, everything that they granted, and what an issuer elsewhere says of them so far. The caller
    /// holds the person's row and commits; only then [`Identity::refuse`] makes it known.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_access_in_tx(&self, tx: &Tx, ending: Ending) -> Result<EndedAccess> {
        let Ending { user_id, reason, act, .. } = ending;
        let mut ended = session::end_others_in_tx(tx, ending).await?;
        let change = AccessChange { user_id, kind: AccessChangeKind::AccessEnded(reason), act };
        let Followed { revoked, .. } = self.dependents.follow_in_tx(tx, change).await?;
        ended.extend(revoked);
        Ok(EndedAccess(ended))
    }

    /// Ends the person's sessions, and nothing else. As [`Identity::end_access_in_tx`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_sessions_in_tx(&self, tx: &Tx, ending: Ending) -> Result<EndedAccess> {
        Ok(EndedAccess(session::end_others_in_tx(tx, ending).await?))
    }

    /// Ends all of the caller's sessions but the one that they call with.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_other_sessions(&self, caller: &Caller, now: WallTime) -> Result<()> {
        let tx = self.db.begin().await?;
        let all = Ending::of_all(caller.user_id, EndOfSession::Revoked, caller.does(now));
        let ended = self.end_sessions_in_tx(&tx, Ending { spared: caller.session_id(), ..all }).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(())
    }

    /// From now on this process refuses the access tokens of what ended in a committed transaction, and looks up anew what
    /// it remembers of people.
    pub fn refuse(&self, ended: EndedAccess) {
        self.dependents.forget();
        self.refuse_credentials(ended.0);
    }

    /// The same for credentials of programs, of whose owners everything else stays true.
    pub fn refuse_credentials(&self, revoked: impl IntoIterator<Item = Revoked>) {
        for Revoked { credential, revoked_at } in revoked {
            self.revocations.insert(credential, revoked_at);
        }
    }
}

impl Ending {
    /// All sessions of a person.
    pub const fn of_all(user_id: UserId, reason: EndOfSession, act: Act) -> Self {
        Self { user_id, spared: None, reason, act }
    }

    /// All but one.
    pub(crate) const fn sparing(self, session_id: SessionId) -> Self {
        Self { spared: Some(session_id), ..self }
    }
}

impl EndedAccess {
    /// Nothing ended, and yet what was looked up about somebody is no longer true.
    pub const fn none() -> Self {
        Self(Vec::new())
    }
}
