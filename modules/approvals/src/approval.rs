//! An approval and its states: plain functions from one to the next. No clock and no database.

pub(crate) mod store;

use crate::{Action, Tied};
use db::WallTime;
use ids::{ApprovalId, UserId};
use serde_json::Value;

/// So long somebody may decide.
pub const LIFETIME_DAYS: i64 = 7;

/// Where an approval stands. Pending leads to rejected, expired or executing; executing to executed or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApprovalStatus {
    /// It waits for a second person.
    Pending,
    /// A second person said yes, and it is being done.
    Executing,
    /// It was done.
    Executed,
    /// A second person said no.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// It was approved and could not be done.
    Failed,
}

/// What somebody says to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: WallTime,
    /// In their words.
    pub comment: Option<String>,
}

/// Something that takes two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its identifier; a transaction that comes of it has the same.
    pub id: ApprovalId,
    /// What is to be done: the word of an [`Action`], which only its owner understands.
    pub action: String,
    /// What it is about, as its owner wrote it.
    pub details: Value,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// Who asked.
    pub requested_by: UserId,
    /// Whose account, role or identity it is about: when it was asked for, and once it is approved, then.
    pub beneficiary: Option<UserId>,
    /// When it was asked for.
    pub requested_at: WallTime,
    /// Until when it can be decided.
    pub expires_at: WallTime,
    /// Who said what to it.
    pub decision: Option<Decision>,
    /// When it came to its end.
    pub ended_at: Option<WallTime>,
    /// Why it could not be done.
    pub failure: Option<String>,
}

/// What is so at the moment of a decision, read under its locks: much may have happened since it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose account, role or identity it is about by now.
    pub beneficiary: Option<UserId>,
    /// Whether somebody here does such an action; else another version asked for it.
    pub is_understood: bool,
    /// Whether who asked works here still, where one may ask for it.
    pub requester_may_ask: bool,
    /// Whether it has come to be for who asked for it, or for who may be the same person, and they must not gain by it.
    pub requester_gains: bool,
    /// Whether who decides is an administrator still.
    pub decider_may_decide: bool,
    /// Whether who asked and who decides may be one person.
    pub tied_to_requester: Option<Tied>,
    /// Whether whom it is for, or was for when it was asked for, and who decides may be one person.
    pub tied_to_beneficiary: Option<Tied>,
}

/// A decision that does not count. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Four eyes are two people's.
    #[error("who asked for it does not decide it")]
    OwnRequest,
    /// Nobody decides on their own account, role or identity.
    #[error("whom it is for does not decide it")]
    OwnBenefit,
    /// One made the other, let them in again, changed their role, logged them out or linked them.
    #[error("who asked for it and who decides it may be one person: one of them, or a third, had a hand in the other")]
    TiedToRequester(Tied),
    /// The same of whom it is for.
    #[error("whom it is for and who decides it may be one person: one of them, or a third, had a hand in the other")]
    TiedToBeneficiary(Tied),
    /// Who asked was disabled since, or has another role: it can only be rejected.
    #[error("who asked for it may no longer ask for it")]
    RequesterMayNotAsk,
    /// It has come to be for who asked for it, or for who may be the same person, and they must not gain by it: it can only be
    /// rejected.
    #[error("who asked for it gains by it, or may be who does")]
    RequesterGains,
    /// Another version asked for it, and nobody here does it: it can only be rejected.
    #[error("nobody here knows how it is done")]
    NotUnderstood,
    /// Who decides was disabled a moment ago, or has another role.
    #[error("who decides it is no administrator any more")]
    NoAdministrator,
    /// It was decided, or its time is over.
    #[error("the approval is {}", status.word())]
    NotPending {
        /// Where it stands.
        status: ApprovalStatus,
    },
}

impl Approval {
    /// A new one.
    pub(crate) fn requested<A: Action>(
        action: &A,
        requested_by: UserId,
        beneficiary: Option<UserId>,
        now: WallTime,
    ) -> Self {
        Self {
            id: ApprovalId::generate(),
            action: A::WORD.to_owned(),
            details: action.details(),
            status: ApprovalStatus::Pending,
            requested_by,
            beneficiary,
            requested_at: now,
            expires_at: now.plus_seconds(LIFETIME_DAYS * 86_400),
            decision: None,
            ended_at: None,
            failure: None,
        }
    }

    /// As it was when it was asked for.
    #[must_use]
    pub fn as_requested(&self) -> Self {
        Self { status: ApprovalStatus::Pending, decision: None, ended_at: None, failure: None, ..self.clone() }
    }

    /// Somebody says yes. Who has said so before changes nothing.
    ///
    /// # Errors
    /// They may not decide it, nobody here does it, who asked may no longer ask or gains by it, or it is no longer pending.
    pub fn approved(&self, decision: Decision, standing: &Standing) -> Result<Self, Refusal> {
        use ApprovalStatus::{Executed, Executing, Failed};
        if self.was_decided_by(decision.by, &[Executing, Executed, Failed]) {
            return Ok(self.clone());
        }
        self.require_decidable(&decision, standing)?;
        if !standing.is_understood {
            return Err(Refusal::NotUnderstood);
        }
        if !standing.requester_may_ask {
            return Err(Refusal::RequesterMayNotAsk);
        }
        if standing.requester_gains {
            return Err(Refusal::RequesterGains);
        }
        let beneficiary = standing.beneficiary;
        Ok(Self { status: Executing, decision: Some(decision), beneficiary, ..self.clone() })
    }

    /// Somebody says no. Who has said so before changes nothing.
    ///
    /// # Errors
    /// They may not decide it, or it is no longer pending.
    pub fn rejected(&self, decision: Decision, standing: &Standing) -> Result<Self, Refusal> {
        if self.was_decided_by(decision.by, &[ApprovalStatus::Rejected]) {
            return Ok(self.clone());
        }
        self.require_decidable(&decision, standing)?;
        let ended_at = Some(decision.at);
        Ok(Self { status: ApprovalStatus::Rejected, decision: Some(decision), ended_at, ..self.clone() })
    }

    /// Its time is over, if it is.
    #[must_use]
    pub fn expired(&self, now: WallTime) -> Self {
        match self.status {
            ApprovalStatus::Pending if now >= self.expires_at => {
                Self { status: ApprovalStatus::Expired, ended_at: Some(now), ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    /// What was approved is done.
    #[must_use]
    pub fn executed(&self, now: WallTime) -> Self {
        match self.status {
            ApprovalStatus::Executing => Self { status: ApprovalStatus::Executed, ended_at: Some(now), ..self.clone() },
            _ => self.clone(),
        }
    }

    /// What was approved cannot be done.
    #[must_use]
    pub fn failed(&self, failure: String, now: WallTime) -> Self {
        match self.status {
            ApprovalStatus::Executing => {
                Self { status: ApprovalStatus::Failed, ended_at: Some(now), failure: Some(failure), ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    /// Who brings it about.
    pub(crate) fn decider(&self) -> UserId {
        self.decision.as_ref().map_or(self.requested_by, |decision| decision.by)
    }

    fn was_decided_by(&self, person: UserId, statuses: &[ApprovalStatus]) -> bool {
        statuses.contains(&self.status) && self.decision.as_ref().is_some_and(|decision| decision.by == person)
    }

    fn require_decidable(&self, decision: &Decision, standing: &Standing) -> Result<(), Refusal> {
        if self.status != ApprovalStatus::Pending {
            return Err(Refusal::NotPending { status: self.status });
        }
        if decision.at >= self.expires_at {
            return Err(Refusal::NotPending { status: ApprovalStatus::Expired });
        }
        if decision.by == self.requested_by {
            return Err(Refusal::OwnRequest);
        }
        if [self.beneficiary, standing.beneficiary].contains(&Some(decision.by)) {
            return Err(Refusal::OwnBenefit);
        }
        if !standing.decider_may_decide {
            return Err(Refusal::NoAdministrator);
        }
        match (standing.tied_to_requester, standing.tied_to_beneficiary) {
            (Some(tied), _) => Err(Refusal::TiedToRequester(tied)),
            (None, Some(tied)) => Err(Refusal::TiedToBeneficiary(tied)),
            (None, None) => Ok(()),
        }
    }
}

impl ApprovalStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Executing, Self::Executed, Self::Rejected, Self::Expired, Self::Failed];

    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Executing => "EXECUTING",
            Self::Executed => "EXECUTED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
            Self::Failed => "FAILED",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

#[cfg(test)]
mod tests;
