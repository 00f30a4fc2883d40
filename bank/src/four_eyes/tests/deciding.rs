//! Approvals over a whole small bank, on each engine: what two people agree on happens once.

use super::bank::{PASSWORD, actor, adjustment, by, command_line, decision, dollars, with_bank};
use accounts::{AccountsError, OverdraftRaise};
use approvals::{ApprovalStatus, ApprovalsError, NewRequest, Refusal, RequestError, Requested};
use db::WallTime;
use identity::{IdentityError, Password, Role, RoleChange};
use ids::{AccountId, TransactionId, UserId};
use money::{Currency, Money};
use payments::{ActionError, Adjustment, IdempotencyKey, Pack, Payments, Receipt, Request};

#[test]
fn an_approved_adjustment_moves_the_money_once_under_the_approvals_identifier() {
    with_bank(async |bank| {
        let (one, two, ann) = (bank.admin("one").await, bank.admin("two").await, bank.customer("ann").await);
        let account = bank.account(ann).await;
        let approval = bank.request(adjustment(account, 2_500), one).await;
        assert_eq!((approval.status, bank.posted(account).await), (ApprovalStatus::Pending, 0));
        for person in [one, ann] {
            assert!(matches!(bank.approve(&approval, person).await, Err(ApprovalsError::Refused(_))));
        }
        for _ in 0..2 {
            let executed = bank.approve(&approval, two).await.unwrap();
            assert_eq!((executed.status, bank.posted(account).await), (ApprovalStatus::Executed, 2_500));
            assert_eq!(bank.approvals.get(approval.id).await.unwrap(), Some(executed));
        }
        let id = TransactionId::from_uuid(approval.id.uuid());
        let moved = bank.payments.transaction(id).await.unwrap().unwrap();
        assert_eq!((moved.kind.word(), moved.description.as_str()), ("ADJUSTMENT", "A fee that was wrong"));
        // The money has the same identifier; whoever agreed moved it, for its owner.
        let told = bank.told_of(&approval).await;
        let kinds: Vec<&str> = told.iter().map(|event| event.kind.as_str()).collect();
        let of_approval = ["approvals.requested", "approvals.approved"];
        assert_eq!(kinds, [&of_approval[..], &["payments.transaction_settled", "approvals.executed"]].concat());
        let users: Vec<_> = told.iter().map(|event| event.actor.and_then(|actor| actor.user)).collect();
        assert_eq!(users, [Some(one), Some(two), Some(two), Some(two)]);
        assert_eq!(told[2].actor, Some(actor(two).on_behalf_of(Some(ann))));
        assert!(ledger::verify(&bank.db, |_| ()).await.unwrap().findings.is_empty());
    });
}

#[test]
fn an_adjustment_that_the_balance_does_not_cover_fails_with_its_reason_for_good() {
    with_bank(async |bank| {
        let (one, two, ann) = (bank.admin("one").await, bank.admin("two").await, bank.customer("ann").await);
        let account = bank.account(ann).await;
        let debit = bank.request(adjustment(account, -100), one).await;
        let failed = bank.approve(&debit, two).await.unwrap();
        assert_eq!(failed.status, ApprovalStatus::Failed);
        assert_eq!(failed.failure.as_deref(), Some("the available balance does not cover this amount"));
        let credit = bank.request(adjustment(account, 500), one).await;
        bank.approve(&credit, two).await.unwrap();
        assert_eq!(bank.approve(&debit, two).await.unwrap(), failed);
        assert_eq!(bank.posted(account).await, 500);
        let debit = bank.request(adjustment(account, -100), one).await;
        assert_eq!(bank.approve(&debit, two).await.unwrap().status, ApprovalStatus::Executed);
        assert_eq!(bank.posted(account).await, 400);
    });
}

#[test]
fn of_two_who_approve_at_once_one_does_and_the_money_moves_once() {
    with_bank(async |bank| {
        let (one, two, three) = (bank.admin("one").await, bank.admin("two").await, bank.admin("three").await);
        let account = bank.account(bank.customer("ann").await).await;
        for round in 1..=5 {
            let approval = bank.request(adjustment(account, 100), one).await;
            let (first, second) = tokio::join!(bank.approve(&approval, two), bank.approve(&approval, three));
            let refused: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
            assert!(matches!(refused[..], [ApprovalsError::Refused(Refusal::NotPending { .. })]), "{refused:?}");
            assert_eq!(bank.posted(account).await, 100 * round);
        }
    });
}

#[test]
fn an_adjustment_whose_posting_was_cut_short_is_done_later_and_once() {
    with_bank(async |bank| {
        let (one, two) = (bank.admin("one").await, bank.admin("two").await);
        let account = bank.account(bank.customer("ann").await).await;
        let approval = bank.request(adjustment(account, 100), one).await;
        bank.approve(&approval, two).await.unwrap();
        bank.cut_short().await;
        let later = WallTime::now().plus_seconds(60);
        let (first, second) = tokio::join!(bank.approvals.resume(later), bank.approvals.resume(later));
        // One may be over before the other looks.
        assert!(first.unwrap() + second.unwrap() >= 1);
        bank.approvals.resume(later).await.unwrap();
        let executed = bank.approvals.get(approval.id).await.unwrap().unwrap();
        assert_eq!((executed.status, bank.posted(account).await), (ApprovalStatus::Executed, 100));
        // Not even when the kept answer is long gone.
        bank.cut_short().await;
        let retained = (payments::RETENTION_DAYS + 1) * 86_400;
        let forgotten = bank.payments.purge_idempotency_keys(WallTime::now().plus_seconds(retained)).await;
        assert_eq!(forgotten, Ok(1));
        assert_eq!(bank.approvals.resume(later).await, Ok(1));
        assert_eq!(bank.posted(account).await, 100);
    });
}

#[test]
fn a_raise_of_an_overdraft_and_a_change_of_role_are_done_with_the_decision() {
    with_bank(async |bank| {
        let (one, two, ann) = (bank.admin("one").await, bank.admin("two").await, bank.customer("ann").await);
        let account = bank.account(ann).await;
        let raise = bank.request(OverdraftRaise { account, limit: dollars(5_000) }, one).await;
        assert_eq!(bank.approve(&raise, two).await.unwrap().status, ApprovalStatus::Executed);
        let found = accounts::get(&bank.db, account).await.unwrap().unwrap();
        assert_eq!(found.ledger.overdraft_limit_minor, Some(5_000));

        let login = bank.login("ann", Password::new(PASSWORD), WallTime::now()).await.unwrap();
        let change = bank.request(RoleChange { user_id: ann, role: Role::Teller }, one).await;
        assert_eq!(bank.approve(&change, two).await.unwrap().status, ApprovalStatus::Executed);
        assert!(bank.identity.authenticate(&login.access_token, WallTime::now()).is_err());
        assert_eq!(bank.identity.user(ann).await.unwrap().unwrap().role, Role::Teller);
    });
}

#[test]
fn what_cannot_be_done_any_more_fails_and_changes_nothing() {
    with_bank(async |bank| {
        let (one, two, ann) = (bank.admin("one").await, bank.admin("two").await, bank.customer("ann").await);
        let account = bank.account(ann).await;
        let raise = bank.request(OverdraftRaise { account, limit: dollars(5_000) }, one).await;
        accounts::close(&bank.db, account, accounts::Hat::Bank, command_line()).await.unwrap();
        let failed = bank.approve(&raise, two).await.unwrap();
        assert_eq!(failed.failure.as_deref(), Some("the account is closed"));

        // Somebody wants to be an administrator no longer, and would leave one alone.
        let demotion = bank.request(RoleChange { user_id: one, role: Role::Auditor }, one).await;
        let failed = bank.approve(&demotion, two).await.unwrap();
        assert_eq!(failed.status, ApprovalStatus::Failed);
        assert_eq!(bank.identity.user(one).await.unwrap().unwrap().role, Role::Admin);
        let told = bank.kinds_told_of(&demotion).await;
        assert_eq!(told, ["approvals.requested", "approvals.approved", "approvals.failed"]);
    });
}

#[test]
fn what_nobody_decides_in_a_week_expires_and_what_is_rejected_stays_so() {
    with_bank(async |bank| {
        let (one, two, ann) = (bank.admin("one").await, bank.admin("two").await, bank.customer("ann").await);
        let old = bank.request(RoleChange { user_id: ann, role: Role::Teller }, one).await;
        let in_time = old.expires_at.plus_seconds(-1);
        assert_eq!(bank.approvals.expire(in_time).await, Ok(0));
        assert_eq!(bank.approvals.expire(old.expires_at).await, Ok(1));
        assert_eq!(bank.approvals.expire(old.expires_at).await, Ok(0));
        let refused = bank.approve(&old, two).await;
        let refusal = Refusal::NotPending { status: ApprovalStatus::Expired };
        assert_eq!(refused, Err(ApprovalsError::Refused(refusal)));
        assert_eq!(bank.kinds_told_of(&old).await, ["approvals.requested", "approvals.expired"]);

        let unwanted = bank.request(RoleChange { user_id: ann, role: Role::Teller }, one).await;
        let rejected = bank.approvals.reject(unwanted.id, decision(two), actor(two)).await.unwrap();
        assert_eq!(bank.approvals.reject(unwanted.id, decision(two), actor(two)).await, Ok(rejected));
        assert!(bank.approve(&unwanted, two).await.is_err());
        assert_eq!(bank.kinds_told_of(&unwanted).await, ["approvals.requested", "approvals.rejected"]);
        let open = bank.approvals.list(Some(ApprovalStatus::Pending), None, 10).await.unwrap();
        let all = bank.approvals.list(None, None, 10).await.unwrap();
        assert_eq!((open.len(), all.len(), all[0].id), (0, 2, unwanted.id));
        assert_eq!(bank.identity.user(ann).await.unwrap().unwrap().role, Role::Customer);
    });
}

#[test]
fn a_key_asks_once_and_gets_its_first_answer_again() {
    with_bank(async |bank| {
        let (one, two) = (bank.admin("one").await, bank.admin("two").await);
        let account = bank.account(bank.customer("ann").await).await;
        let new = |minor: i64| NewRequest {
            action: adjustment(account, minor),
            by: one,
            key: Some(IdempotencyKey::new(&["one"], "key", &[&minor.to_be_bytes()])),
        };
        let (first, second) =
            tokio::join!(bank.approvals.request(new(100), by(one)), bank.approvals.request(new(100), by(one)),);
        let approval = match (first.unwrap(), second.unwrap()) {
            (Requested::New(new), Requested::Replayed(again)) | (Requested::Replayed(again), Requested::New(new)) => {
                assert_eq!(new, again);
                new
            }
            both => panic!("{both:?}"),
        };
        bank.approve(&approval, two).await.unwrap();
        let again = bank.approvals.request(new(100), by(one)).await;
        assert_eq!(again, Ok(Requested::Replayed(approval)));
        assert_eq!(bank.approvals.request(new(200), by(one)).await, Err(ApprovalsError::KeyReused.into()));
        assert_eq!(bank.posted(account).await, 100);
    });
}

#[test]
fn what_is_not_there_or_is_so_already_cannot_be_asked_for() {
    with_bank(async |bank| {
        let (one, ann) = (bank.admin("one").await, bank.customer("ann").await);
        let account = bank.account(ann).await;
        let refusal = async |action: Adjustment| bank.ask(action, one).await.unwrap_err();
        let nowhere = AccountId::generate();
        assert_eq!(
            refusal(adjustment(nowhere, 1)).await,
            RequestError::Owner(ActionError::NoSuchAccount { account: nowhere })
        );
        let cash = ledger::ChartCode::Cash.own_account(dollars(0).currency());
        assert_eq!(
            refusal(adjustment(cash, 1)).await,
            RequestError::Owner(ActionError::NoSuchAccount { account: cash })
        );
        assert_eq!(refusal(adjustment(account, 0)).await, ApprovalsError::ChangesNothing.into());
        let yen = Money::new(1, Currency::parse("JPY").unwrap());
        let action = Adjustment { account, money: yen, reason: "yen".to_owned() };
        assert_eq!(refusal(action).await, RequestError::Owner(ActionError::CurrencyMismatch { account }));
        let same = RoleChange { user_id: ann, role: Role::Customer };
        assert_eq!(bank.ask(same, one).await, Err(ApprovalsError::ChangesNothing.into()));
        let nobody = RoleChange { user_id: UserId::generate(), role: Role::Teller };
        assert_eq!(bank.ask(nobody, one).await, Err(RequestError::Owner(IdentityError::UnknownUser)));
        let raise = OverdraftRaise { account: nowhere, limit: dollars(1) };
        let refused = RequestError::Owner(AccountsError::NotFound { account: nowhere });
        assert_eq!(bank.ask(raise, one).await, Err(refused));
    });
}

/// What an older version has kept of an adjustment that was posted before the process stopped.
async fn keep(payments: &Payments, key: IdempotencyKey, label: u16, body: &'static str) {
    let pack: Pack = Box::new(move |_| Receipt { label, body: body.as_bytes().to_vec() });
    let request = Request { commands: Vec::new(), is_atomic: true, key: Some(key), pack, request_id: None };
    payments.submit(None, request).await.unwrap();
}

#[test]
fn what_an_older_version_kept_of_an_adjustment_is_understood() {
    with_bank(async |bank| {
        let (one, two) = (bank.admin("one").await, bank.admin("two").await);
        let account = bank.account(bank.customer("ann").await).await;
        for (label, body, is_done) in [(200, "", true), (422, "the account is not active", false)] {
            let approval = bank.request(adjustment(account, 100), one).await;
            let key = IdempotencyKey::new(&["approvals"], &approval.id.to_string(), &[]);
            keep(&bank.payments, key, label, body).await;
            let decided = bank.approve(&approval, two).await.unwrap();
            let expected = if is_done { ApprovalStatus::Executed } else { ApprovalStatus::Failed };
            assert_eq!((decided.status, decided.failure.as_deref()), (expected, (!is_done).then_some(body)));
        }
        assert_eq!(bank.posted(account).await, 0, "it had been posted, or refused, before");
    });
}
