//! Whose an account is: given by two people, and asked again whenever something is decided about it.

use super::bank::{Bank, actor, adjustment, command_line, decision, dollars, with_bank};
use accounts::{AccountsError, OverdraftRaise};
use approvals::{ApprovalStatus, ApprovalsError, Refusal, RequestError};
use ids::{AccountId, UserId};
use payments::{ActionError, Answer, Command, Hat, Order, Outcome, OwnerAssignment, Receipt, Request, TransactionType};

impl Bank {
    async fn give(&self, account: AccountId, owner: UserId, (by, second): (UserId, UserId)) {
        let asked = self.request(OwnerAssignment { account, owner }, by).await;
        assert_eq!(self.approve(&asked, second).await.unwrap().status, ApprovalStatus::Executed);
    }
}

#[test]
fn an_account_finds_its_owner_by_two_people_of_whom_neither_is_the_owner() {
    with_bank(async |bank| {
        let (one, two, ann) = (bank.admin("one").await, bank.admin("two").await, bank.customer("ann").await);
        let (account, other) = (bank.unowned_account().await, bank.unowned_account().await);
        let asked = bank.request(OwnerAssignment { account, owner: ann }, one).await;
        assert_eq!(bank.owner(account).await, None);
        assert_eq!(bank.approve(&asked, one).await, Err(ApprovalsError::Refused(Refusal::OwnRequest)));
        for _ in 0..2 {
            assert_eq!(bank.approve(&asked, two).await.unwrap().status, ApprovalStatus::Executed);
            assert_eq!(bank.owner(account).await, Some(ann));
        }
        let filter = outbox::EventFilter { subject_id: Some(account.uuid()), ..outbox::EventFilter::default() };
        let told = outbox::audited(&bank.db, &filter, None, 10).await.unwrap();
        let kinds: Vec<&str> = told.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["accounts.owner_assigned", "accounts.opened"]);
        let own = bank.request(OwnerAssignment { account: other, owner: two }, one).await;
        assert_eq!(bank.approve(&own, two).await, Err(ApprovalsError::Refused(Refusal::OwnBenefit)));
        let own = bank.ask(OwnerAssignment { account: other, owner: one }, one).await;
        assert_eq!(own, Err(ApprovalsError::OwnGain.into()));
        assert_eq!(bank.owner(other).await, None);
    });
}

#[test]
fn nobody_of_the_bank_asks_for_their_own_gain() {
    with_bank(async |bank| {
        let (one, two, three) = (bank.admin("one").await, bank.admin("two").await, bank.admin("three").await);
        let (account, unowned) = (bank.account(one).await, bank.unowned_account().await);
        for minor in [100, -100] {
            assert_eq!(bank.ask(adjustment(account, minor), one).await, Err(ApprovalsError::OwnGain.into()));
        }
        let raise = |account| OverdraftRaise { account, limit: dollars(5_000) };
        assert_eq!(bank.ask(raise(account), one).await, Err(ApprovalsError::OwnGain.into()));
        bank.request(adjustment(account, 100), two).await;
        // What one asked for while it was nobody's becomes one's own gain: then it is only rejected.
        let (credit, limit) =
            (bank.request(adjustment(unowned, 100), one).await, bank.request(raise(unowned), one).await);
        bank.give(unowned, one, (two, three)).await;
        for asked in [&credit, &limit] {
            assert_eq!(bank.approve(asked, two).await, Err(ApprovalsError::Refused(Refusal::RequesterGains)));
            assert!(bank.approvals.reject(asked.id, decision(two), actor(two)).await.is_ok());
        }
        assert_eq!(bank.posted(unowned).await, 0);
    });
}

#[test]
fn who_gains_is_asked_again_when_it_is_decided() {
    with_bank(async |bank| {
        let (root, two, three) = (bank.admin("root").await, bank.admin("two").await, bank.admin("three").await);
        let account = bank.unowned_account().await;
        let credit = bank.request(adjustment(account, 9_999_900), root).await;
        let raise = bank.request(OverdraftRaise { account, limit: dollars(5_000) }, root).await;
        assert_eq!(credit.beneficiary, None);
        bank.give(account, two, (root, three)).await;
        for asked in [&credit, &raise] {
            assert_eq!(bank.approve(asked, two).await, Err(ApprovalsError::Refused(Refusal::OwnBenefit)));
        }
        assert_eq!(bank.posted(account).await, 0);
        // For somebody else to decide it is known who gains.
        let done = bank.approve(&credit, three).await.unwrap();
        assert_eq!((done.status, done.beneficiary), (ApprovalStatus::Executed, Some(two)));
        assert_eq!(bank.approvals.get(credit.id).await.unwrap(), Some(done));
    });
}

#[test]
fn an_adjustment_for_another_owner_than_it_was_approved_for_does_not_move() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let account = bank.account(ann).await;
        for (holder, is_done) in [(None, false), (Some(bob), false), (Some(ann), true)] {
            let before = bank.posted(account).await;
            let outcome = bank.adjust(account, holder).await;
            assert_eq!((outcome.is_ok(), bank.posted(account).await > before), (is_done, is_done), "{holder:?}");
        }
    });
}

impl Bank {
    /// Posts a dollar as an approved adjustment is, for whoever the owner was.
    async fn adjust(&self, account: AccountId, holder: Option<UserId>) -> Outcome {
        let money = dollars(100);
        let tx = self.db.begin().await.unwrap();
        ledger::open_own_accounts_in_tx(&tx, money.currency(), testkit::bank_now()).await.unwrap();
        tx.commit().await.unwrap();
        let source = ledger::ChartCode::Adjustments.own_account(money.currency());
        let (kind, description) = (TransactionType::Adjustment, "a dollar".to_owned());
        let order = Order { kind, source, destination: account, money, description, metadata: None };
        let command = Command::Adjust { id: ids::TransactionId::generate(), order, holder };
        let (commands, pack) = (vec![command], Box::new(Receipt::plain));
        let request = Request { commands, is_atomic: true, key: None, pack, request_id: None };
        match self.payments.submit(None, request).await.unwrap() {
            Answer::Fresh { mut outcomes, .. } => outcomes.remove(0),
            Answer::Replayed(_) | Answer::KeyReused => panic!("there is no key"),
        }
    }
}

#[test]
fn only_open_accounts_without_an_owner_are_given_and_only_to_who_may_log_in() {
    with_bank(async |bank| {
        let (one, two) = (bank.admin("one").await, bank.admin("two").await);
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (account, closed) = (bank.unowned_account().await, bank.unowned_account().await);
        accounts::close(&bank.db, closed, Hat::Bank, command_line()).await.unwrap();
        let to = |account, owner| OwnerAssignment { account, owner };
        let refused = |error: ActionError| Err(RequestError::Owner(error));
        assert_eq!(bank.ask(to(closed, ann), one).await, refused(AccountsError::Closed { account: closed }.into()));
        let nobody = UserId::generate();
        assert_eq!(bank.ask(to(account, nobody), one).await, refused(ActionError::NoSuchUser));
        let nowhere = AccountId::generate();
        assert_eq!(bank.ask(to(nowhere, ann), one).await, refused(ActionError::NoSuchAccount { account: nowhere }));
        // What was right when it was asked for, and is not when it is decided.
        let (for_ann, for_bob) = (bank.request(to(account, ann), one).await, bank.request(to(account, bob), one).await);
        bank.identity.disable(ann, command_line()).await.unwrap();
        assert_eq!(bank.ask(to(account, ann), two).await, refused(ActionError::DisabledUser));
        let failed = bank.approve(&for_ann, two).await.unwrap();
        assert_eq!((failed.status, failed.failure.as_deref()), (ApprovalStatus::Failed, Some("the user is disabled")));
        bank.identity.enable(ann, command_line()).await.unwrap();
        bank.give(account, ann, (one, two)).await;
        let failed = bank.approve(&for_bob, two).await.unwrap();
        assert_eq!(failed.failure.as_deref(), Some("the account has an owner"));
        assert_eq!(bank.owner(account).await, Some(ann));
        assert_eq!(bank.ask(to(account, ann), one).await, Err(ApprovalsError::ChangesNothing.into()));
        assert_eq!(bank.ask(to(account, bob), one).await, refused(AccountsError::HasOwner { account }.into()));
    });
}

#[test]
fn of_two_owners_who_are_agreed_on_at_once_one_gets_the_account() {
    with_bank(async |bank| {
        let (one, two, three) = (bank.admin("one").await, bank.admin("two").await, bank.admin("three").await);
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let account = bank.unowned_account().await;
        let to = |owner| OwnerAssignment { account, owner };
        let (for_ann, for_bob) = (bank.request(to(ann), one).await, bank.request(to(bob), one).await);
        let (first, second) = tokio::join!(bank.approve(&for_ann, two), bank.approve(&for_bob, three));
        let ends = [first.unwrap().status, second.unwrap().status];
        assert!(ends.contains(&ApprovalStatus::Executed) && ends.contains(&ApprovalStatus::Failed), "{ends:?}");
    });
}
