//! Two versions of the bank on one database: what only one of them knows is shown by the other, and left to the first.

use crate::office::{ADMIN, Counting, Opening, SECOND, TELLER, actor, by, decision, with_office};
use approvals::{Action as _, ApprovalStatus, ApprovalsError, NewRequest, Refusal, RequestError};
use db::WallTime;
use std::sync::atomic::Ordering;

#[test]
fn an_action_that_nobody_here_knows_is_shown_and_only_rejected() {
    with_office(async |office| {
        let other = office.of_another_version();
        let asked = office.asked(Counting, TELLER).await;
        assert_eq!(other.get(asked.id).await, Ok(Some(asked.clone())));
        assert_eq!(other.list(None, None, 10).await, Ok(vec![asked.clone()]));
        let refused = other.approve(asked.id, decision(ADMIN), actor(ADMIN)).await;
        assert_eq!(refused, Err(Refusal::NotUnderstood.into()));
        assert_eq!(other.get(asked.id).await, Ok(Some(asked.clone())));
        let rejected = other.reject(asked.id, decision(ADMIN), actor(ADMIN)).await.unwrap();
        assert_eq!(rejected.status, ApprovalStatus::Rejected);
        // It expires there, too.
        let asked = office.asked(Counting, TELLER).await;
        assert_eq!(other.expire(asked.expires_at).await, Ok(1));
    });
}

#[test]
fn of_an_action_that_nobody_here_knows_neither_who_asked_nor_whom_it_was_for_decides() {
    with_office(async |office| {
        let asked = office.asked(Opening { person: SECOND }, ADMIN).await;
        let tx = office.db.begin().await.unwrap();
        tx.run_script("UPDATE approvals_approval SET action = 'MOVING_HOUSE'").await.unwrap();
        tx.commit().await.unwrap();
        for (person, refusal) in [(ADMIN, Refusal::OwnRequest), (SECOND, Refusal::OwnBenefit)] {
            let refused = office.approvals.reject(asked.id, decision(person), actor(person)).await;
            assert_eq!(refused, Err(refusal.into()));
        }
    });
}

#[test]
fn details_that_another_version_has_written_are_shown_and_only_rejected() {
    with_office(async |office| {
        let asked = office.asked(Opening { person: SECOND }, ADMIN).await;
        let tx = office.db.begin().await.unwrap();
        tx.run_script("UPDATE approvals_approval SET details = '{\"door\":2}', beneficiary_id = NULL").await.unwrap();
        tx.commit().await.unwrap();
        let shown = office.approvals.get(asked.id).await.unwrap().unwrap();
        assert_eq!(shown.details.to_string(), r#"{"door":2}"#);
        assert_eq!(office.approve(&asked, SECOND).await, Err(Refusal::NotUnderstood.into()));
        let rejected = office.approvals.reject(asked.id, decision(SECOND), actor(SECOND)).await.unwrap();
        assert_eq!(rejected.status, ApprovalStatus::Rejected);
    });
}

#[test]
fn what_another_version_is_doing_is_left_to_it() {
    with_office(async |office| {
        let other = office.of_another_version();
        office.safe.is_busy.store(true, Ordering::Relaxed);
        let asked = office.asked(Counting, TELLER).await;
        assert_eq!(office.approve(&asked, ADMIN).await.unwrap().status, ApprovalStatus::Executing);
        let later = WallTime::now().plus_seconds(60);
        office.safe.is_busy.store(false, Ordering::Relaxed);
        assert_eq!(other.resume(later).await, Ok(0));
        assert_eq!(office.approvals.resume(later).await, Ok(1));
        assert_eq!(other.get(asked.id).await.unwrap().unwrap().status, ApprovalStatus::Executed);
    });
}

#[test]
fn nobody_asks_for_what_nobody_here_does() {
    with_office(async |office| {
        let new = NewRequest { action: Counting, by: TELLER, key: None };
        let refused = office.of_another_version().request(new, by(TELLER)).await;
        let nobody = ApprovalsError::NobodyDoesIt { action: Counting::WORD };
        assert_eq!(refused, Err(RequestError::Approvals(nobody)));
    });
}
