//! Who decides what and when: one by one, and whatever happens.

use super::*;
use proptest::prelude::*;
use uuid::Uuid;

const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);
const REQUESTER: UserId = UserId::from_uuid(Uuid::from_u128(1));
const BENEFICIARY: UserId = UserId::from_uuid(Uuid::from_u128(2));
const SECOND: UserId = UserId::from_uuid(Uuid::from_u128(3));
const THIRD: UserId = UserId::from_uuid(Uuid::from_u128(4));

fn pending() -> Approval {
    Approval {
        id: ApprovalId::generate(),
        action: "ROLE_CHANGE".to_owned(),
        details: Value::Null,
        status: ApprovalStatus::Pending,
        requested_by: REQUESTER,
        beneficiary: Some(BENEFICIARY),
        requested_at: START,
        expires_at: START.plus_seconds(LIFETIME_DAYS * 86_400),
        decision: None,
        ended_at: None,
        failure: None,
    }
}

fn by(person: UserId, seconds: i64) -> Decision {
    Decision { by: person, at: START.plus_seconds(seconds), comment: None }
}

const FINE: Standing = Standing {
    beneficiary: Some(BENEFICIARY),
    is_understood: true,
    requester_may_ask: true,
    requester_gains: false,
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
fn what_has_come_to_be_for_who_asked_for_it_is_only_rejected() {
    let standing = Standing { beneficiary: Some(REQUESTER), requester_gains: true, ..FINE };
    assert_eq!(pending().approved(by(SECOND, 1), &standing), Err(Refusal::RequesterGains));
    assert!(pending().rejected(by(SECOND, 1), &standing).is_ok());
}

#[test]
fn what_nobody_here_understands_is_only_rejected() {
    let standing = Standing { is_understood: false, requester_may_ask: false, ..FINE };
    assert_eq!(pending().approved(by(SECOND, 1), &standing), Err(Refusal::NotUnderstood));
    assert_eq!(pending().approved(by(REQUESTER, 1), &standing), Err(Refusal::OwnRequest));
    assert_eq!(pending().rejected(by(SECOND, 1), &standing).unwrap().status, ApprovalStatus::Rejected);
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
    let may = (mostly(), mostly(), mostly());
    (beneficiary, may, tied(), tied()).prop_map(|(beneficiary, may, tied_to_requester, tied_to_beneficiary)| {
        let (is_understood, requester_may_ask, decider_may_decide) = may;
        Standing {
            beneficiary,
            is_understood,
            requester_may_ask,
            requester_gains: false,
            decider_may_decide,
            tied_to_requester,
            tied_to_beneficiary,
        }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let person = || prop::sample::select(vec![REQUESTER, BENEFICIARY, SECOND, THIRD]);
    let second = || 0_i64..(LIFETIME_DAYS * 86_400 * 2);
    prop::collection::vec(
        prop_oneof![
            (person(), second(), standings()).prop_map(|(person, at, standing)| Step::Approve(person, at, standing)),
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
                        prop_assert!(standing.is_understood);
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
