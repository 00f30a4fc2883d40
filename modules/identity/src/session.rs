//! Sessions: one login of one person, its length, how it is listed and how it ends. What continues it is in
//! `session/refresh.rs`; which sessions this process refuses is kept in `revocations.rs`.

mod events;
mod proof;
mod refresh;
pub(crate) mod store;

pub use events::EndOfSession;
pub(crate) use events::{Entrance, logged_in};
pub use proof::{HeldSession, PasswordProof, SteppedUp};
pub(crate) use refresh::PresentedToken;
pub use refresh::REFRESH_RETRY_SECONDS;

use crate::access_token::{Bearer, TokenBasis};
use crate::revocations::Revoked;
use crate::{
    Caller, Device, Ending, Factors, Identity, IdentityError, Login, Occasion, Proof, Result, SecretHash, User,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::{Tx, WallTime};
use ids::{EventId, SessionId, UserId};
use outbox::{Act, Event, EventFilter};
use secrets::Secrets;

/// A day, after which the password is asked for again (NIST SP 800-63B, section 2.2.3).
const LIFETIME_SECONDS: i64 = 24 * 60 * 60;

/// One login of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) started_at: WallTime,
    pub(crate) expires_at: WallTime,
    pub(crate) revoked_at: Option<WallTime>,
    pub(crate) proof: Proof,
}

/// What continues a session once: 32 bytes that nobody can guess, of which only the hash is stored. The first of a session
/// is random; each later one is made of the one before it with a key that is not in the database, so that a repeated
/// request gets the same one again.
pub(crate) struct RefreshToken(String);

/// A session that goes on, as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveSession {
    /// Its identifier.
    pub id: SessionId,
    /// When its owner logged in.
    pub started_at: WallTime,
    /// When it was last given tokens.
    pub last_seen_at: WallTime,
    /// When it ends by itself.
    pub expires_at: WallTime,
    /// From where it was last given tokens.
    pub device: Device,
}

/// A session, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnedSession {
    pub(crate) owner: UserId,
    pub(crate) id: SessionId,
}

impl Identity {
    /// Ends the caller's session, at once in this process and with the next poll in others. Again changes nothing, and
    /// so does a caller without a session.
    ///
    /// # Errors
    /// The database failed.
    pub async fn logout(&self, caller: &Caller, now: WallTime) -> Result<()> {
        let Some(session_id) = caller.session_id() else { return Ok(()) };
        let tx = self.db.begin().await?;
        let ended = OwnedSession { owner: caller.user_id, id: session_id };
        self.end_session(tx, ended, EndOfSession::Logout, caller.does(now)).await
    }

    /// The person's sessions that go on, the newest first, from behind the given one on.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sessions(
        &self,
        user_id: UserId,
        after: Option<SessionId>,
        limit: u32,
        now: WallTime,
    ) -> Result<Vec<ActiveSession>> {
        Ok(store::active(&self.db, user_id, after, limit, now).await?)
    }

    /// What happened to the person's login and to what gets in by it, the newest first, from before the given event on.
    ///
    /// # Errors
    /// The database failed.
    pub async fn activity(&self, user_id: UserId, before: Option<EventId>, limit: u32) -> Result<Vec<Event>> {
        let filter =
            EventFilter { kind_prefix: Some("auth.".to_owned()), subject_id: Some(user_id.uuid()), actor: None };
        Ok(outbox::audited(&self.db, &filter, before, limit).await?)
    }

    /// Ends one of the person's sessions, at once in this process and with the next poll in others.
    ///
    /// # Errors
    /// `UnknownSession` when it is over, another's, or none; or the database failed.
    pub async fn revoke_session(&self, user_id: UserId, session_id: SessionId, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        if !store::revoke_of_user_in_tx(&tx, session_id, user_id, act.at).await? {
            return Err(IdentityError::UnknownSession);
        }
        let ended = events::logged_out(user_id, session_id, EndOfSession::Revoked, act);
        outbox::append_in_tx(&tx, vec![ended]).await?;
        tx.commit().await?;
        self.revocations.insert(session_id, act.at);
        Ok(())
    }

    /// Who the access token (what follows `Bearer `) speaks for. No database: about a microsecond once it is cached.
    ///
    /// # Errors
    /// `InvalidToken`, `ExpiredToken` or `SessionRevoked`.
    pub fn authenticate(&self, bearer_token: &str, now: WallTime) -> Result<Caller> {
        let caller = self.tokens.verify(bearer_token, now)?;
        if self.revocations.contains(caller.credential) { Err(IdentityError::SessionRevoked) } else { Ok(caller) }
    }

    /// Logs somebody in who has just proved who they are. Whoever calls holds the person's row.
    ///
    /// # Errors
    /// The database failed.
    pub async fn start_session_in_tx(
        &self,
        tx: &Tx,
        user: User,
        factors: Factors,
        occasion: &Occasion,
    ) -> Result<Login> {
        let session = Session::start(user.id, factors, occasion.now);
        let event = logged_in(&user, session.id, occasion, Entrance::Login);
        outbox::append_in_tx(tx, vec![event]).await?;
        self.open_session_in_tx(tx, user, &session, occasion).await
    }

    /// The first tokens of a session that begins; the caller writes the event.
    pub(crate) async fn open_session_in_tx(
        &self,
        tx: &Tx,
        user: User,
        session: &Session,
        occasion: &Occasion,
    ) -> Result<Login> {
        store::insert_in_tx(tx, session, &occasion.device).await?;
        let refresh_token = RefreshToken::generate();
        store::insert_token_in_tx(tx, &refresh_token.hash(), session.id, occasion.now).await?;
        Ok(self.issue_tokens(user, session, refresh_token, occasion.now))
    }

    fn issue_tokens(&self, user: User, session: &Session, refresh_token: RefreshToken, now: WallTime) -> Login {
        let access_token = self.tokens.issue(&user, &session.token_basis(), now);
        Login {
            user,
            session_id: session.id,
            access_token: access_token.text,
            refresh_token: refresh_token.into_text(),
            expires_in_seconds: access_token.expires_in_seconds,
        }
    }

    /// Commits the end of a session; whoever ended it first has told the outbox.
    pub(crate) async fn end_session(
        &self,
        tx: Tx,
        OwnedSession { owner, id }: OwnedSession,
        reason: EndOfSession,
        act: Act,
    ) -> Result<()> {
        if store::revoke_in_tx(&tx, id, act.at).await? {
            outbox::append_in_tx(&tx, vec![events::logged_out(owner, id, reason, act)]).await?;
        }
        tx.commit().await?;
        self.revocations.insert(id, act.at);
        Ok(())
    }
}

/// Ends the person's sessions but the spared one, and writes so into the outbox. Whoever calls commits, and only then lets
/// this process refuse them.
pub(crate) async fn end_others_in_tx(tx: &Tx, ending: Ending) -> Result<Vec<Revoked>> {
    let Ending { user_id, spared, reason, act } = ending;
    let ended = store::revoke_others_in_tx(tx, user_id, spared, act.at).await?;
    let logged_out = ended.iter().map(|session| events::logged_out(user_id, session.id, reason, act)).collect();
    outbox::append_in_tx(tx, logged_out).await?;
    Ok(ended.into_iter().map(Revoked::from).collect())
}

impl Session {
    pub(crate) fn start(user_id: UserId, factors: Factors, now: WallTime) -> Self {
        Self {
            id: SessionId::generate(),
            user_id,
            started_at: now,
            expires_at: now.plus_seconds(LIFETIME_SECONDS),
            revoked_at: None,
            proof: Proof { at: now, factors },
        }
    }

    /// What its access tokens are issued for.
    pub(crate) const fn token_basis(&self) -> TokenBasis {
        TokenBasis { bearer: Bearer::Session(self.id), proof: self.proof, ends_at: self.expires_at }
    }
}

impl RefreshToken {
    pub(crate) fn generate() -> Self {
        Self(crate::random_token())
    }

    /// What takes the place of a token: always the same for the same one, and known to nobody without the key.
    pub(crate) fn after(presented: &str, secrets: &Secrets) -> Self {
        Self(URL_SAFE_NO_PAD.encode(secrets.derive("refresh token after", presented.as_bytes())))
    }

    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refresh_tokens_are_32_random_bytes_in_base64url() {
        let (one, other) = (RefreshToken::generate().into_text(), RefreshToken::generate().into_text());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(one.chars().all(|character| character.is_ascii_alphanumeric() || character == '-' || character == '_'));
    }
}
