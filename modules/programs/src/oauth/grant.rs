//! Grants: what one person lets one client do, until it ends. Every access and refresh token belongs to one.

pub(crate) mod store;

use super::Client;
use super::events::{self, EndOfGrant};
use crate::{ProgramError, Programs, Result};
use db::{DbError, Tx, WallTime};
use identity::{Bearer, Caller, Credential, Factors, Proof, Revoked, Scopes, TokenBasis};
use ids::{ClientId, GrantId, UserId};
use outbox::{Act, Actor, Means};

/// A client that is not used for so long has to ask again.
const LIFETIME_SECONDS: i64 = 90 * 24 * 60 * 60;

/// What somebody has granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its identifier.
    pub id: GrantId,
    /// To whom.
    pub client_id: ClientId,
    /// Their name.
    pub client_name: String,
    /// By whom.
    pub user_id: UserId,
    /// How far it reaches.
    pub scopes: Scopes,
    /// When.
    pub granted_at: WallTime,
    /// When it ends by itself.
    pub expires_at: WallTime,
    pub(crate) kind: GrantKind,
    pub(crate) revoked_at: Option<WallTime>,
    pub(crate) factors: Factors,
}

/// How a grant came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantKind {
    /// A person was asked.
    Consent,
    /// A client acts for who registered it.
    Own,
}

/// From when to when something is granted.
#[derive(Clone, Copy)]
pub(crate) struct Term {
    pub(crate) from: WallTime,
    pub(crate) until: WallTime,
}

/// A grant that ended before its time.
#[derive(Clone, Copy)]
pub(crate) struct EndedGrant {
    pub(crate) id: GrantId,
    pub(crate) user_id: UserId,
}

impl Programs {
    /// What somebody has consented to and still stands, after a given grant, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn grants(
        &self,
        caller: &Caller,
        after: Option<GrantId>,
        limit: u32,
        now: WallTime,
    ) -> Result<Vec<Grant>> {
        Ok(store::page(&self.db, caller.user_id, after, limit, now).await?)
    }

    /// Takes back what the caller has granted; the client's tokens end at once.
    ///
    /// # Errors
    /// `UnknownGrant`, or the database failed.
    pub async fn revoke_grant(&self, caller: &Caller, id: GrantId, now: WallTime) -> Result<()> {
        let grant = store::find(&self.db, id).await?.filter(|grant| grant.user_id == caller.user_id);
        let grant = grant.filter(|grant| grant.stands(now)).ok_or(ProgramError::UnknownGrant)?;
        let tx = self.db.begin().await?;
        self.end_grant(tx, &grant, EndOfGrant::Revoked, caller.does(now)).await
    }

    /// Commits the end of a grant; whoever ended it first has written the event.
    pub(crate) async fn end_grant(&self, tx: Tx, grant: &Grant, reason: EndOfGrant, act: Act) -> Result<()> {
        let ended = store::revoke_in_tx(&tx, grant.id, act.at).await?;
        self.commit_end_of_grants(tx, &ended, reason, act).await
    }

    /// Commits the end of grants, which this process refuses from now on and others from their next poll.
    pub(crate) async fn commit_end_of_grants(
        &self,
        tx: Tx,
        ended: &[EndedGrant],
        reason: EndOfGrant,
        act: Act,
    ) -> Result<()> {
        record_end_in_tx(&tx, ended, reason, act).await?;
        tx.commit().await?;
        self.identity.refuse_credentials(ended.iter().map(|ended| ended.revoked_at(act.at)));
        Ok(())
    }
}

/// Ends everything that somebody has granted. Whoever calls commits, and only then lets this process refuse it.
pub(crate) async fn end_all_in_tx(
    tx: &Tx,
    user_id: UserId,
    reason: EndOfGrant,
    act: Act,
) -> std::result::Result<Vec<EndedGrant>, DbError> {
    let ended = store::revoke_of_user_in_tx(tx, user_id, act.at).await?;
    record_end_in_tx(tx, &ended, reason, act).await?;
    Ok(ended)
}

async fn record_end_in_tx(
    tx: &Tx,
    ended: &[EndedGrant],
    reason: EndOfGrant,
    act: Act,
) -> std::result::Result<(), DbError> {
    let events = ended.iter().map(|ended| events::grant_ended(ended.user_id, ended.id, reason, act)).collect();
    outbox::append_in_tx(tx, events).await
}

impl EndedGrant {
    /// As processes remember it.
    pub(crate) const fn revoked_at(self, now: WallTime) -> Revoked {
        Revoked { credential: Credential::Grant(self.id), revoked_at: now }
    }
}

impl Grant {
    /// What a person who was asked consents to. It ends with its code unless the client comes for its tokens.
    pub(crate) fn of_consent(client: &Client, caller: &Caller, scopes: Scopes, term: Term) -> Self {
        let own = Self::own(client, scopes, term);
        Self { user_id: caller.user_id, kind: GrantKind::Consent, factors: caller.proof.factors, ..own }
    }

    /// A client acts for who registered it.
    pub(crate) fn own(client: &Client, scopes: Scopes, Term { from, until }: Term) -> Self {
        Self {
            id: GrantId::generate(),
            client_id: client.id,
            client_name: client.name.clone(),
            user_id: client.owner_id,
            scopes,
            granted_at: from,
            expires_at: until,
            kind: GrantKind::Own,
            revoked_at: None,
            factors: Factors::default(),
        }
    }

    /// When it ends if the client goes on using it from now on.
    pub(crate) const fn end_when_used(now: WallTime) -> WallTime {
        now.plus_seconds(LIFETIME_SECONDS)
    }

    pub(crate) fn stands(&self, now: WallTime) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whom the outbox names for what its client does.
    pub(crate) const fn actor(&self) -> Actor {
        Actor::person(self.user_id, Means::Grant { id: self.id, client: Some(self.client_id) })
    }

    /// What its access tokens are issued for, as far as these scopes. The proof is the one of the consent.
    pub(crate) const fn token_basis(&self, scopes: Scopes) -> TokenBasis {
        let proof = Proof { at: self.granted_at, factors: self.factors };
        let bearer = Bearer::Client { grant_id: self.id, client_id: self.client_id, scopes };
        TokenBasis { bearer, proof, ends_at: self.expires_at }
    }
}

impl GrantKind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Consent => "CONSENT",
            Self::Own => "OWN",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Consent, Self::Own].into_iter().find(|kind| kind.word() == word)
    }
}
