//! Asked for, decided, done once, whatever it is.

use crate::office::{ADMIN, CUSTOMER, Counting, Jammed, Opening, SECOND, TELLER, with_office};
use approvals::{ApprovalStatus, ApprovalsError, Refusal, RequestError, Requested};
use db::WallTime;
use std::sync::atomic::Ordering;

#[test]
fn what_two_agree_on_is_done_with_the_decision_and_once() {
    with_office(async |office| {
        let asked = office.asked(Opening { person: CUSTOMER }, ADMIN).await;
        assert_eq!((asked.action.as_str(), asked.beneficiary), ("OPENING", Some(CUSTOMER)));
        assert_eq!(office.approve(&asked, ADMIN).await, Err(Refusal::OwnRequest.into()));
        assert_eq!(office.approve(&asked, TELLER).await, Err(Refusal::NoAdministrator.into()));
        for _ in 0..2 {
            assert_eq!(office.approve(&asked, SECOND).await.unwrap().status, ApprovalStatus::Executed);
        }
        assert_eq!(*office.safe.opened_for.lock().unwrap(), [CUSTOMER]);
    });
}

#[test]
fn who_may_not_ask_for_it_gets_nothing_done() {
    with_office(async |office| {
        let asked = office.asked(Opening { person: CUSTOMER }, TELLER).await;
        assert_eq!(office.approve(&asked, ADMIN).await, Err(Refusal::RequesterMayNotAsk.into()));
        assert!(office.safe.opened_for.lock().unwrap().is_empty());
    });
}

#[test]
fn asking_twice_asks_once_and_the_owner_says_what_cannot_be_asked_for() {
    with_office(async |office| {
        let opening = Opening { person: CUSTOMER };
        let asked = office.asked(opening.clone(), ADMIN).await;
        office.safe.is_jammed.store(true, Ordering::Relaxed);
        assert_eq!(office.ask(opening.clone(), ADMIN).await, Ok(Requested::Waiting(asked.clone())));
        assert_eq!(office.ask(opening, SECOND).await, Err(RequestError::Owner(Jammed)));
        let failed = office.approve(&asked, SECOND).await.unwrap();
        assert_eq!((failed.status, failed.failure.as_deref()), (ApprovalStatus::Failed, Some("the safe is jammed")));
        assert!(office.safe.opened_for.lock().unwrap().is_empty());
    });
}

#[test]
fn what_was_only_begun_is_completed_later_and_once() {
    with_office(async |office| {
        let asked = office.asked(Counting, TELLER).await;
        office.safe.is_busy.store(true, Ordering::Relaxed);
        assert_eq!(office.approve(&asked, ADMIN).await.unwrap().status, ApprovalStatus::Executing);
        let later = WallTime::now().plus_seconds(60);
        assert_eq!(office.approvals.resume(later).await, Ok(1));
        assert!(office.safe.counted.lock().unwrap().is_empty());
        office.safe.is_busy.store(false, Ordering::Relaxed);
        assert_eq!(office.approvals.resume(WallTime::now()).await, Ok(0), "who decided still waits for it");
        assert_eq!(office.approvals.resume(later).await, Ok(1));
        assert_eq!(office.approvals.resume(later).await, Ok(0));
        let done = office.approvals.get(asked.id).await.unwrap().unwrap();
        assert_eq!((done.status, office.safe.counted.lock().unwrap().len()), (ApprovalStatus::Executed, 1));
    });
}

#[test]
fn there_has_to_be_an_approval_to_decide_one() {
    with_office(async |office| {
        let mut asked = office.asked(Counting, TELLER).await;
        asked.id = ids::ApprovalId::generate();
        assert_eq!(office.approve(&asked, ADMIN).await, Err(ApprovalsError::NotFound { approval: asked.id }));
    });
}
