//! One person with several hats: nobody decides what somebody asked for who may be themselves, nor what is for such a one.

use super::bank::{Bank, PASSWORD, actor, adjustment, by, command_line, decision, dollars, new_staff, with_bank};
use accounts::OverdraftRaise;
use approvals::{Approval, ApprovalStatus, ApprovalsError, People as _, Refusal, Tied};
use db::WallTime;
use identity::{Password, RequestedStaff, Role, RoleChange, TIE_DAYS};
use ids::{AccountId, UserId};
use payments::OwnerAssignment;
use programs::{IdentityLink, Subject};

impl Bank {
    /// Somebody whom one administrator made and another let in.
    async fn hired(&self, username: &str, role: Role, (maker, second): (UserId, UserId)) -> UserId {
        let new = new_staff(username, role);
        let RequestedStaff { created, approval } =
            self.identity.request_staff(&self.approvals, new, maker, by(maker)).await.unwrap();
        assert_eq!(self.approve(&approval, second).await.unwrap().status, ApprovalStatus::Executed);
        created.user.id
    }

    /// Two agree that somebody becomes something else.
    async fn promoted(&self, user: UserId, role: Role, (by, second): (UserId, UserId)) {
        let change = self.request(RoleChange { user_id: user, role }, by).await;
        assert_eq!(self.approve(&change, second).await.unwrap().status, ApprovalStatus::Executed);
    }

    /// Whoever asks and whoever decides may be one, and so nothing moves; neither does a no.
    async fn expect_tied(&self, approval: &Approval, decider: UserId) -> Option<WallTime> {
        let refused = self.approve(approval, decider).await.unwrap_err();
        let rejected = self.approvals.reject(approval.id, decision(decider), actor(decider)).await.unwrap_err();
        assert_eq!(refused, rejected);
        let ApprovalsError::Refused(Refusal::TiedToRequester(tied) | Refusal::TiedToBeneficiary(tied)) = refused else {
            panic!("{refused}");
        };
        assert_eq!(self.approvals.get(approval.id).await.unwrap().unwrap().status, ApprovalStatus::Pending);
        tied.until
    }

    async fn mule(&self) -> AccountId {
        self.account(self.customer("mule").await).await
    }
}

#[test]
fn nobody_decides_what_their_own_creature_asks_for() {
    with_bank(async |bank| {
        let (root, two, three) = (bank.admin("root").await, bank.admin("two").await, bank.admin("three").await);
        let puppet = bank.hired("puppet", Role::Teller, (root, two)).await;
        let account = bank.mule().await;
        let asked = bank.request(adjustment(account, 100_000_000), puppet).await;
        // Who made the login knows its password; who let it in agreed.
        assert_eq!(bank.expect_tied(&asked, root).await, None);
        assert!(bank.expect_tied(&asked, two).await.is_some());
        assert_eq!(bank.posted(account).await, 0);
        assert_eq!(bank.approve(&asked, three).await.unwrap().status, ApprovalStatus::Executed);
    });
}

#[test]
fn nor_do_creatures_decide_what_their_makers_ask_for_nor_what_others_of_the_same_make_do() {
    with_bank(async |bank| {
        let (root, two) = (bank.admin("root").await, bank.admin("two").await);
        let (puppet, double) = (
            bank.hired("puppet", Role::Teller, (root, two)).await,
            bank.hired("double", Role::Admin, (root, two)).await,
        );
        let account = bank.mule().await;
        for requester in [root, puppet] {
            let asked = bank.request(adjustment(account, 100), requester).await;
            bank.expect_tied(&asked, double).await;
        }
        // Even a creature of the creature is one.
        let three = bank.admin("three").await;
        let grandchild = bank.hired("grandchild", Role::Teller, (double, three)).await;
        let asked = bank.request(adjustment(account, 100), grandchild).await;
        bank.expect_tied(&asked, root).await;
        // The two who made them decide about each other as before.
        let asked = bank.request(adjustment(account, 100), root).await;
        assert_eq!(bank.approve(&asked, two).await.unwrap().status, ApprovalStatus::Executed);
        assert_eq!(bank.posted(account).await, 100);
    });
}

#[test]
fn nobody_decides_what_is_for_somebody_who_may_be_themselves() {
    with_bank(async |bank| {
        let (root, two) = (bank.admin("root").await, bank.admin("two").await);
        let ann = bank.customer("ann").await;
        let account = bank.account(ann).await;
        let now = WallTime::now();
        bank.identity.disable(ann, actor(root).does(now)).await.unwrap();
        bank.identity.enable(ann, actor(root).does(now)).await.unwrap();
        let asked = bank.request(adjustment(account, 100), two).await;
        let refused = bank.approve(&asked, root).await.unwrap_err();
        let until = now.plus_seconds(TIE_DAYS * 86_400);
        assert_eq!(refused, ApprovalsError::Refused(Refusal::TiedToBeneficiary(Tied { until: Some(until) })));
        let later = approvals::Decision { at: until, ..decision(root) };
        // The approval itself has long ended by then.
        assert!(matches!(
            bank.approvals.approve(asked.id, later, actor(root)).await,
            Err(ApprovalsError::Refused(Refusal::NotPending { .. }))
        ));
        // In the other direction: whom one let in has nothing to say about one's own.
        bank.promoted(ann, Role::Admin, (two, bank.admin("three").await)).await;
        let own = bank.request(adjustment(bank.account(root).await, 100), bank.staff("tom", Role::Teller).await).await;
        bank.expect_tied(&own, ann).await;
    });
}

#[test]
fn nobody_asks_for_the_gain_of_somebody_who_may_be_themselves() {
    with_bank(async |bank| {
        let (root, two, three) = (bank.admin("root").await, bank.admin("two").await, bank.admin("three").await);
        let ann = bank.customer("ann").await;
        let (account, unowned) = (bank.account(ann).await, bank.unowned_account().await);
        let early = bank.request(adjustment(unowned, 100), root).await;
        let now = WallTime::now();
        bank.identity.disable(ann, actor(root).does(now)).await.unwrap();
        bank.identity.enable(ann, actor(root).does(now)).await.unwrap();
        let until = Some(now.plus_seconds(TIE_DAYS * 86_400));
        let tied = ApprovalsError::TiedToGainer(Tied { until });
        assert_eq!(bank.ask(adjustment(account, 100), root).await, Err(tied.clone().into()));
        assert_eq!(bank.ask(OverdraftRaise { account, limit: dollars(5_000) }, root).await, Err(tied.into()));
        // What was asked for before somebody like that became the owner is only rejected.
        let given = bank.request(OwnerAssignment { account: unowned, owner: ann }, two).await;
        assert_eq!(bank.approve(&given, three).await.unwrap().status, ApprovalStatus::Executed);
        assert_eq!(bank.approve(&early, two).await, Err(ApprovalsError::Refused(Refusal::RequesterGains)));
        bank.request(adjustment(account, 100), two).await;
    });
}

#[test]
fn ending_sessions_changing_roles_and_linking_tie_and_the_command_line_does_not() {
    with_bank(async |bank| {
        let (root, two, three) = (bank.admin("root").await, bank.admin("two").await, bank.admin("three").await);
        let tom = bank.staff("tom", Role::Teller).await;
        let account = bank.mule().await;
        let untied = bank.request(adjustment(account, 1), tom).await;
        assert_eq!(bank.approve(&untied, root).await.unwrap().status, ApprovalStatus::Executed);

        bank.identity.end_sessions(tom, by(root)).await.unwrap();
        let asked = bank.request(adjustment(account, 1), tom).await;
        bank.expect_tied(&asked, root).await;
        assert_eq!(bank.approve(&asked, two).await.unwrap().status, ApprovalStatus::Executed);

        let ann = bank.customer("ann").await;
        bank.promoted(ann, Role::Teller, (root, two)).await;
        let asked = bank.request(adjustment(account, 1), ann).await;
        for person in [root, two] {
            bank.expect_tied(&asked, person).await;
        }
        assert_eq!(bank.approve(&asked, three).await.unwrap().status, ApprovalStatus::Executed);
        // Whoever is logged out by one is tied to that one, and to nobody else.
        bank.identity.end_sessions(two, by(three)).await.unwrap();
        bank.identity.end_sessions(root, by(three)).await.unwrap();
        let asked = bank.request(adjustment(account, 1), two).await;
        bank.expect_tied(&asked, three).await;
        assert_eq!(bank.approve(&asked, root).await.unwrap().status, ApprovalStatus::Executed);
    });
}

#[test]
fn a_tie_ends_after_thirty_days_and_after_the_password_was_changed() {
    with_bank(async |bank| {
        let (root, two) = (bank.admin("root").await, bank.admin("two").await);
        let puppet = bank.hired("puppet", Role::Teller, (root, two)).await;
        let (now, account) = (WallTime::now(), bank.mule().await);
        let month = TIE_DAYS * 86_400;
        let tied = async |person, at| {
            let tx = bank.db.begin().await.unwrap();
            bank.identity.tied_in_tx(&tx, puppet, person, at).await.unwrap().is_some()
        };
        assert!(tied(two, now).await && !tied(two, now.plus_seconds(month + 60)).await);
        assert!(tied(root, now.plus_seconds(month * 100)).await);
        let login = bank.login("puppet", Password::new(PASSWORD), now).await.unwrap();
        let caller = bank.identity.authenticate(&login.access_token, now).unwrap();
        let changed_at = now.plus_seconds(60);
        let (old, new) = (Password::new(PASSWORD), Password::new("my own long words"));
        bank.identity.change_password(&caller, old, new, changed_at).await.unwrap();
        assert!(tied(root, changed_at.plus_seconds(month - 1)).await);
        assert!(!tied(root, changed_at.plus_seconds(month)).await);
        // What says nothing any more is forgotten, and what still does is not.
        bank.identity.purge(now).await.unwrap();
        let asked = bank.request(adjustment(account, 1), puppet).await;
        assert_eq!(bank.expect_tied(&asked, root).await, Some(changed_at.plus_seconds(month)));
        assert!(bank.identity.purge(changed_at.plus_seconds(month)).await.unwrap() >= 2);
    });
}

#[test]
fn what_somebody_asked_for_who_was_disabled_or_demoted_since_is_only_rejected() {
    with_bank(async |bank| {
        let (root, two, three) = (bank.admin("root").await, bank.admin("two").await, bank.admin("three").await);
        let (tom, account) = (bank.staff("tom", Role::Teller).await, bank.mule().await);
        let (of_tom, of_three) =
            (bank.request(adjustment(account, 1), tom).await, bank.request(adjustment(account, 1), three).await);
        bank.identity.disable(tom, by(root)).await.unwrap();
        bank.promoted(three, Role::Analyst, (root, two)).await;
        for asked in [of_tom, of_three] {
            let refused = bank.approve(&asked, root).await;
            // Who changed the role of who asked is tied to them; both would be reason enough.
            assert!(matches!(
                refused,
                Err(ApprovalsError::Refused(Refusal::RequesterMayNotAsk | Refusal::TiedToRequester(_)))
            ));
        }
        assert_eq!(bank.posted(account).await, 0);
        let raise = bank.request(OverdraftRaise { account, limit: dollars(1) }, two).await;
        bank.identity.disable(two, command_line()).await.unwrap();
        let four = bank.admin("four").await;
        let refused = bank.approve(&raise, four).await;
        assert_eq!(refused, Err(ApprovalsError::Refused(Refusal::RequesterMayNotAsk)));
        let rejected = bank.approvals.reject(raise.id, decision(four), actor(four)).await.unwrap();
        assert_eq!(rejected.status, ApprovalStatus::Rejected);
        // Nor does somebody decide who is no administrator any more.
        let asked = bank.request(adjustment(account, 1), root).await;
        let refused = bank.approve(&asked, two).await;
        assert_eq!(refused, Err(ApprovalsError::Refused(Refusal::NoAdministrator)));
    });
}

#[test]
fn a_link_to_an_identity_elsewhere_ties_those_who_agreed_on_it() {
    with_bank(async |bank| {
        let (root, two) = (bank.admin("root").await, bank.admin("two").await);
        let tom = bank.staff("tom", Role::Teller).await;
        let elsewhere = bank.trusting("https://login.example/").await;
        let tx = bank.db.begin().await.unwrap();
        let link = IdentityLink {
            issuer: "https://login.example/".to_owned(),
            subject: Subject::parse("tom").unwrap(),
            user_id: tom,
        };
        let ended = elsewhere.programs.link_identity_in_tx(&tx, link, root, by(two)).await.unwrap();
        tx.commit().await.unwrap();
        elsewhere.identity.refuse(ended);
        let asked = bank.request(adjustment(bank.mule().await, 1), tom).await;
        for person in [root, two] {
            bank.expect_tied(&asked, person).await;
        }
    });
}

#[test]
fn two_who_demote_and_decide_at_once_take_turns() {
    with_bank(async |bank| {
        let (root, two, three) = (bank.admin("root").await, bank.admin("two").await, bank.admin("three").await);
        let account = bank.mule().await;
        for _ in 0..5 {
            let asked = bank.request(adjustment(account, 1), root).await;
            let before = bank.posted(account).await;
            let (approved, disabled) = tokio::join!(bank.approve(&asked, two), bank.identity.disable(root, by(three)),);
            disabled.unwrap();
            let is_done = match approved {
                Ok(approved) => approved.status == ApprovalStatus::Executed,
                Err(error) => {
                    assert_eq!(error, ApprovalsError::Refused(Refusal::RequesterMayNotAsk));
                    false
                }
            };
            assert_eq!(bank.posted(account).await, before + i64::from(is_done));
            bank.identity.enable(root, command_line()).await.unwrap();
        }
    });
}
