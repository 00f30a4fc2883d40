//! An approval and its states: plain functions from one to the next. No clock and no database.

pub(crate) mod store;

use crate::Action;
use db::Timestamp;
use identity::Tied;
use ids::{ApprovalId, UserId};

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
    pub at: Timestamp,
    /// In their words.
    pub comment: Option<String>,
}

/// Something that takes two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its identifier; a transaction that comes of it has the same.
    pub id: ApprovalId,
    /// What is to be done.
    pub action: Action,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// Who asked.
    pub requested_by: UserId,
    /// Whose account, role or identity it is about: when it was asked for, and once it is approved, then.
    pub beneficiary: Option<UserId>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when it can be decided.
    pub expires_at: Timestamp,
    /// Who said what to it.
    pub decision: Option<Decision>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// Why it could not be done.
    pub failure: Option<String>,
}

/// What is so at the moment of a decision, read under its locks: much may have happened since it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose account, role or identity it is about by now.
    pub beneficiary: Option<UserId>,
    /// Whether who asked works here still, in a role that may ask for it.
    pub requester_may_ask: bool,
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
    /// A new one, of whom it names first and for whom it names second.
    pub(crate) fn requested(
        action: Action,
        (requested_by, beneficiary): (UserId, Option<UserId>),
        now: Timestamp,
    ) -> Self {
        Self {
            id: ApprovalId::generate(),
            action,
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
    /// They may not decide it, who asked may no longer ask, or it is no longer pending.
    pub fn approved(&self, decision: Decision, standing: &Standing) -> Result<Self, Refusal> {
        use ApprovalStatus::{Executed, Executing, Failed};
        if self.was_decided_by(decision.by, &[Executing, Executed, Failed]) {
            return Ok(self.clone());
        }
        self.require_decidable(&decision, standing)?;
        if !standing.requester_may_ask {
            return Err(Refusal::RequesterMayNotAsk);
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
    pub fn expired(&self, now: Timestamp) -> Self {
        match self.status {
            ApprovalStatus::Pending if now >= self.expires_at => {
                Self { status: ApprovalStatus::Expired, ended_at: Some(now), ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    /// What was approved is done.
    #[must_use]
    pub fn executed(&self, now: Timestamp) -> Self {
        match self.status {
            ApprovalStatus::Executing => Self { status: ApprovalStatus::Executed, ended_at: Some(now), ..self.clone() },
            _ => self.clone(),
        }
    }

    /// What was approved cannot be done.
    #[must_use]
    pub fn failed(&self, failure: String, now: Timestamp) -> Self {
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
mod tests {
    use super::*;
    use identity::Role;
    use proptest::prelude::*;
    use uuid::Uuid;

    const START: Timestamp = Timestamp::from_unix_micros(1_767_225_600_000_000);
    const REQUESTER: UserId = UserId::from_uuid(Uuid::from_u128(1));
    const BENEFICIARY: UserId = UserId::from_uuid(Uuid::from_u128(2));
    const SECOND: UserId = UserId::from_uuid(Uuid::from_u128(3));
    const THIRD: UserId = UserId::from_uuid(Uuid::from_u128(4));

    fn pending() -> Approval {
        let action = Action::RoleChange { user: BENEFICIARY, role: Role::Teller };
        Approval::requested(action, (REQUESTER, Some(BENEFICIARY)), START)
    }

    fn by(person: UserId, seconds: i64) -> Decision {
        Decision { by: person, at: START.plus_seconds(seconds), comment: None }
    }

    const FINE: Standing = Standing {
        beneficiary: Some(BENEFICIARY),
        requester_may_ask: true,
        decider_may_decide: true,
        tied_to_requester: None,
        tied_to_beneficiary: None,
    };

    #[test]
    fn whose_it_is_by_now_does_not_decide_and_neither_does_whose_it_was() {
        let standing = Standing { beneficiary: Some(SECOND), ..FINE };
        for person in [SECOND, BENEFICIARY] {
            assert_eq!(pending().approved(by(person, 1), &standing), Err(Refusal::OwnBenefit));
            assert_eq!(pending().rejected(by(person, 1), &standing), Err(Refusal::OwnBenefit));
        }
        // What is done is done for whose it is by now.
        assert_eq!(pending().approved(by(THIRD, 1), &standing).unwrap().beneficiary, Some(SECOND));
    }

    #[test]
    fn whoever_may_be_the_same_person_does_not_decide() {
        let tied = Tied { until: None };
        for (standing, refusal) in [
            (Standing { tied_to_requester: Some(tied), ..FINE }, Refusal::TiedToRequester(tied)),
            (Standing { tied_to_beneficiary: Some(tied), ..FINE }, Refusal::TiedToBeneficiary(tied)),
            (Standing { decider_may_decide: false, ..FINE }, Refusal::NoAdministrator),
        ] {
            assert_eq!(pending().approved(by(SECOND, 1), &standing), Err(refusal));
            assert_eq!(pending().rejected(by(SECOND, 1), &standing), Err(refusal));
        }
    }

    #[test]
    fn what_somebody_asked_for_who_may_no_longer_ask_is_only_rejected() {
        let standing = Standing { requester_may_ask: false, ..FINE };
        assert_eq!(pending().approved(by(SECOND, 1), &standing), Err(Refusal::RequesterMayNotAsk));
        assert!(pending().rejected(by(SECOND, 1), &standing).is_ok());
    }

    #[test]
    fn neither_who_asks_nor_whom_it_is_for_decides() {
        for (person, refusal) in [(REQUESTER, Refusal::OwnRequest), (BENEFICIARY, Refusal::OwnBenefit)] {
            assert_eq!(pending().approved(by(person, 1), &FINE), Err(refusal));
            assert_eq!(pending().rejected(by(person, 1), &FINE), Err(refusal));
        }
        assert_eq!(pending().approved(by(SECOND, 1), &FINE).unwrap().status, ApprovalStatus::Executing);
        assert_eq!(pending().rejected(by(SECOND, 1), &FINE).unwrap().status, ApprovalStatus::Rejected);
    }

    #[test]
    fn after_seven_days_nobody_decides() {
        let last = LIFETIME_DAYS * 86_400 - 1;
        assert!(pending().approved(by(SECOND, last), &FINE).is_ok());
        let late = Refusal::NotPending { status: ApprovalStatus::Expired };
        assert_eq!(pending().approved(by(SECOND, last + 1), &FINE), Err(late));
        let approval = pending();
        assert_eq!(approval.expired(START.plus_seconds(last)), approval);
        assert_eq!(approval.expired(START.plus_seconds(last + 1)).status, ApprovalStatus::Expired);
    }

    #[test]
    fn of_two_decisions_the_first_counts_and_saying_it_again_changes_nothing() {
        let approved = pending().approved(by(SECOND, 1), &FINE).unwrap();
        assert_eq!(approved.approved(by(SECOND, 2), &FINE), Ok(approved.clone()));
        let refusal = Refusal::NotPending { status: ApprovalStatus::Executing };
        assert_eq!(approved.approved(by(THIRD, 2), &FINE), Err(refusal));
        assert_eq!(approved.rejected(by(SECOND, 2), &FINE), Err(refusal));
        let rejected = pending().rejected(by(SECOND, 1), &FINE).unwrap();
        assert_eq!(rejected.rejected(by(SECOND, 2), &FINE), Ok(rejected.clone()));
        assert!(rejected.approved(by(THIRD, 2), &FINE).is_err());
    }

    #[derive(Clone, Debug)]
    enum Step {
        Approve(UserId, i64, Standing),
        Reject(UserId, i64, Standing),
        Expire(i64),
        Execute(i64),
        Fail(i64),
    }

    fn standings() -> impl Strategy<Value = Standing> {
        let beneficiary = prop::sample::select(vec![None, Some(BENEFICIARY), Some(SECOND)]);
        let tied = || prop::option::weighted(0.1, Just(Tied { until: None }));
        let mostly = || prop::bool::weighted(0.9);
        (beneficiary, mostly(), mostly(), tied(), tied()).prop_map(
            |(beneficiary, requester_may_ask, decider_may_decide, tied_to_requester, tied_to_beneficiary)| Standing {
                beneficiary,
                requester_may_ask,
                decider_may_decide,
                tied_to_requester,
                tied_to_beneficiary,
            },
        )
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let person = || prop::sample::select(vec![REQUESTER, BENEFICIARY, SECOND, THIRD]);
        let second = || 0_i64..(LIFETIME_DAYS * 86_400 * 2);
        prop::collection::vec(
            prop_oneof![
                (person(), second(), standings())
                    .prop_map(|(person, at, standing)| Step::Approve(person, at, standing)),
                (person(), second(), standings()).prop_map(|(person, at, standing)| Step::Reject(person, at, standing)),
                second().prop_map(Step::Expire),
                second().prop_map(Step::Execute),
                second().prop_map(Step::Fail),
            ],
            0..12,
        )
    }

    proptest! {
        #[test]
        fn whatever_happens_an_end_is_an_end_and_only_two_people_get_something_done(steps in steps()) {
            let mut approval = pending();
            for step in steps {
                let before = approval.clone();
                let at = |seconds| START.plus_seconds(seconds);
                approval = match step {
                    Step::Approve(person, seconds, standing) => {
                        let after = before.approved(by(person, seconds), &standing).unwrap_or(before.clone());
                        if after != before {
                            prop_assert!(standing.requester_may_ask && standing.decider_may_decide);
                            prop_assert!(standing.tied_to_requester.is_none() && standing.tied_to_beneficiary.is_none());
                            prop_assert!(Some(person) != standing.beneficiary && after.beneficiary == standing.beneficiary);
                        }
                        after
                    }
                    Step::Reject(person, seconds, standing) => {
                        before.rejected(by(person, seconds), &standing).unwrap_or(before.clone())
                    }
                    Step::Expire(seconds) => before.expired(at(seconds)),
                    Step::Execute(seconds) => before.executed(at(seconds)),
                    Step::Fail(seconds) => before.failed("reason".to_owned(), at(seconds)),
                };
                prop_assert!(before.ended_at.is_none() || approval == before);
                if let Some(decision) = &before.decision {
                    prop_assert_eq!(Some(decision), approval.decision.as_ref());
                }
                let is_decided = matches!(
                    approval.status,
                    ApprovalStatus::Executing | ApprovalStatus::Executed | ApprovalStatus::Failed | ApprovalStatus::Rejected
                );
                prop_assert_eq!(is_decided, approval.decision.is_some());
                if let Some(decision) = &approval.decision {
                    prop_assert!(decision.by != REQUESTER && decision.by != BENEFICIARY);
                    prop_assert!(decision.at < approval.expires_at);
                }
                let is_open = matches!(approval.status, ApprovalStatus::Pending | ApprovalStatus::Executing);
                prop_assert_eq!(is_open, approval.ended_at.is_none());
                prop_assert_eq!(approval.failure.is_some(), approval.status == ApprovalStatus::Failed);
            }
        }
    }
}
