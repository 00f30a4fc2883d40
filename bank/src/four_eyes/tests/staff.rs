//! Who works for the bank: made and let in by two people.

use super::bank::{PASSWORD, by, new_staff, with_bank};
use approvals::{Action as _, ApprovalStatus, ApprovalsError, Refusal, RequestError, Requested};
use db::WallTime;
use identity::{IdentityError, Password, RequestedStaff, Role, RoleChange, StaffEnabling, UserStatus};
use ids::UserId;

#[test]
fn staff_that_one_person_makes_gets_in_when_a_second_one_agrees() {
    with_bank(async |bank| {
        let (one, two) = (bank.admin("one").await, bank.admin("two").await);
        for (username, role) in [("tom", Role::Teller), ("eve", Role::Admin)] {
            let RequestedStaff { created: made, approval: asked } =
                bank.identity.request_staff(&bank.approvals, new_staff(username, role), one, by(one)).await.unwrap();
            assert_eq!((made.user.status, asked.status), (UserStatus::Disabled, ApprovalStatus::Pending));
            let action = StaffEnabling { user_id: made.user.id, role };
            assert_eq!((asked.action.as_str(), &asked.details), ("STAFF_ENABLE", &action.details()));
            let login = async || bank.login(username, Password::new(PASSWORD), WallTime::now()).await;
            assert_eq!(login().await.unwrap_err(), IdentityError::Disabled);
            assert_eq!(bank.approve(&asked, one).await, Err(ApprovalsError::Refused(Refusal::OwnRequest)));
            assert_eq!(bank.approve(&asked, two).await.unwrap().status, ApprovalStatus::Executed);
            assert_eq!(login().await.unwrap().user.role, role);
            // Nobody is made twice, and nothing is left of the attempt.
            let again = bank.identity.request_staff(&bank.approvals, new_staff(username, role), one, by(one)).await;
            assert_eq!(again.err(), Some(IdentityError::UsernameTaken));
        }
        assert_eq!(bank.approvals.list(None, None, 10).await.unwrap().len(), 2);
    });
}

#[test]
fn staff_is_let_in_again_by_two_people_and_asking_twice_asks_once() {
    with_bank(async |bank| {
        let (one, two) = (bank.admin("one").await, bank.admin("two").await);
        let tom = bank.staff("tom", Role::Teller).await;
        let ask = async |role, by| bank.ask(StaffEnabling { user_id: tom, role }, by).await;
        assert_eq!(ask(Role::Teller, one).await, Err(ApprovalsError::ChangesNothing.into()));
        bank.identity.disable(tom, by(one)).await.unwrap();
        assert_eq!(bank.identity.enable(tom, by(one)).await, Err(IdentityError::NeedsTwoPeople));
        let asked = bank.request(StaffEnabling { user_id: tom, role: Role::Teller }, one).await;
        assert_eq!(ask(Role::Teller, one).await, Ok(Requested::Waiting(asked.clone())));
        assert!(matches!(ask(Role::Teller, two).await, Ok(Requested::New(_))));
        assert_eq!(ask(Role::Admin, one).await, Err(ApprovalsError::ChangesNothing.into()));
        assert_eq!(bank.approve(&asked, two).await.unwrap().status, ApprovalStatus::Executed);
        assert_eq!(bank.identity.user(tom).await.unwrap().unwrap().status, UserStatus::Active);
    });
}

#[test]
fn whoever_got_another_role_meanwhile_is_not_let_in_as_what_they_were() {
    with_bank(async |bank| {
        let (one, two) = (bank.admin("one").await, bank.admin("two").await);
        let tom = bank.staff("tom", Role::Teller).await;
        bank.identity.disable(tom, by(one)).await.unwrap();
        let enable = bank.request(StaffEnabling { user_id: tom, role: Role::Teller }, one).await;
        let (three, four) = (bank.admin("three").await, bank.admin("four").await);
        let promote = bank.request(RoleChange { user_id: tom, role: Role::Admin }, three).await;
        bank.approve(&promote, four).await.unwrap();
        let failed = bank.approve(&enable, two).await.unwrap();
        assert_eq!(failed.failure.as_deref(), Some("the user has another role by now"));
        assert_eq!(bank.identity.user(tom).await.unwrap().unwrap().status, UserStatus::Disabled);
    });
}

#[test]
fn a_customer_is_let_in_again_by_one_person_and_an_approval_is_for_staff() {
    with_bank(async |bank| {
        let (one, ann) = (bank.admin("one").await, bank.customer("ann").await);
        bank.identity.disable(ann, by(one)).await.unwrap();
        let action = StaffEnabling { user_id: ann, role: Role::Customer };
        assert_eq!(bank.ask(action, one).await, Err(ApprovalsError::ChangesNothing.into()));
        assert_eq!(bank.identity.enable(ann, by(one)).await.unwrap().status, UserStatus::Active);
        let action = StaffEnabling { user_id: UserId::generate(), role: Role::Teller };
        assert_eq!(bank.ask(action, one).await, Err(RequestError::Owner(IdentityError::UnknownUser)));
    });
}
