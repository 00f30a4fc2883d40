//! Renaming, freezing, limiting and closing accounts. Each command is run twice.

use crate::{
    at, change_terms, close, done, kinds_told_of, name, on_each_engine, open_one, pay_in, rename, told_of, usd,
};
use accounts::{AccountView, AccountsError, OverdraftChange, TermsChange};
use db::Db;
use ids::AccountId;
use ledger::{AccountStatus, ChartCode, Refusal, Shortfall};

const FREEZE: TermsChange = TermsChange { status: Some(AccountStatus::Frozen), overdraft: None };
const UNFREEZE: TermsChange = TermsChange { status: Some(AccountStatus::Active), overdraft: None };

fn limit(limit_minor: i64) -> TermsChange {
    TermsChange { status: None, overdraft: Some(OverdraftChange::Approved(limit_minor)) }
}

async fn found(db: &Db, account: AccountId) -> AccountView {
    accounts::get(db, account).await.unwrap().unwrap()
}

#[test]
fn a_renamed_account_has_its_new_name_and_says_so_once() {
    on_each_engine(async |db| {
        let id = open_one(&db).await.id;
        let renamed = rename(&db, id, name("Rainy \"days\""), done(at(1))).await.unwrap();
        assert_eq!(rename(&db, id, name("Rainy \"days\""), done(at(2))).await, Ok(renamed.clone()));
        assert_eq!((renamed.name.as_str(), renamed.updated_at), ("Rainy \"days\"", at(1)));
        assert_eq!(found(&db, id).await, renamed);
        let told = told_of(&db, id).await;
        assert_eq!(told.len(), 2);
        assert_eq!((told[1].0.as_str(), &told[1].1["name"]), ("accounts.renamed", &"Rainy \"days\"".into()));
    });
}

#[test]
fn no_money_moves_on_a_frozen_account_until_it_is_active_again() {
    on_each_engine(async |db| {
        let id = open_one(&db).await.id;
        for second in [1, 2] {
            let frozen = change_terms(&db, id, FREEZE, done(at(second))).await.unwrap();
            assert_eq!((frozen.ledger.status, frozen.updated_at), (AccountStatus::Frozen, at(1)));
        }
        let refusal = Refusal::NotActive { account: id, status: AccountStatus::Frozen };
        assert_eq!(pay_in(&db, id, 100).await, Err(refusal));
        for second in [3, 4] {
            change_terms(&db, id, UNFREEZE, done(at(second))).await.unwrap();
        }
        assert_eq!(pay_in(&db, id, 100).await, Ok(()));
        assert_eq!(kinds_told_of(&db, id).await, ["accounts.opened", "accounts.frozen", "accounts.unfrozen"]);
    });
}

#[test]
fn an_overdraft_limit_lets_money_out_and_is_not_lowered_below_what_is_used() {
    on_each_engine(async |db| {
        let id = open_one(&db).await.id;
        let shortfall =
            Shortfall { currency: usd(), available_minor: 0, overdraft_limit_minor: 0, requested_minor: 300 };
        let refusal = Refusal::InsufficientFunds { account: id, shortfall: Some(shortfall) };
        assert_eq!(pay_in(&db, id, -300).await, Err(refusal));
        for second in [1, 2] {
            change_terms(&db, id, limit(500), done(at(second))).await.unwrap();
        }
        assert_eq!(pay_in(&db, id, -300).await, Ok(()));
        let refusal = AccountsError::OverdraftInUse { account: id, used_minor: 300 };
        assert_eq!(change_terms(&db, id, limit(299), done(at(3))).await, Err(refusal));
        let lowered = change_terms(&db, id, limit(300), done(at(4))).await.unwrap();
        assert_eq!(found(&db, id).await, lowered);
        let (kind, payload) = told_of(&db, id).await.pop().unwrap();
        assert_eq!(kind, "accounts.overdraft_changed");
        assert_eq!((&payload["overdraftLimit"], &payload["formerOverdraftLimit"]), (&"3.00".into(), &"5.00".into()));
    });
}

#[test]
fn an_empty_account_closes_once_and_for_good() {
    on_each_engine(async |db| {
        let id = open_one(&db).await.id;
        let closed = close(&db, id, done(at(1))).await.unwrap();
        assert_eq!(close(&db, id, done(at(2))).await, Ok(closed.clone()));
        assert_eq!((closed.ledger.status, closed.updated_at), (AccountStatus::Closed, at(1)));
        assert_eq!(found(&db, id).await, closed);
        let refusal = AccountsError::Closed { account: id };
        assert_eq!(change_terms(&db, id, UNFREEZE, done(at(3))).await, Err(refusal.clone()));
        assert_eq!(rename(&db, id, name("Other"), done(at(3))).await, Err(refusal));
        assert!(pay_in(&db, id, 1).await.is_err());
        assert_eq!(kinds_told_of(&db, id).await, ["accounts.opened", "accounts.closed"]);
    });
}

#[test]
fn an_account_with_money_and_a_frozen_one_are_not_closed() {
    on_each_engine(async |db| {
        let id = open_one(&db).await.id;
        pay_in(&db, id, 5).await.unwrap();
        let refusal = AccountsError::NotEmpty { account: id, posted_minor: 5, held_minor: 0 };
        assert_eq!(close(&db, id, done(at(1))).await, Err(refusal));
        pay_in(&db, id, -5).await.unwrap();
        change_terms(&db, id, FREEZE, done(at(2))).await.unwrap();
        assert_eq!(close(&db, id, done(at(3))).await, Err(AccountsError::Frozen { account: id }));
        assert_eq!(kinds_told_of(&db, id).await, ["accounts.opened", "accounts.frozen"]);
    });
}

#[test]
fn a_change_of_two_things_happens_as_one_or_not_at_all() {
    on_each_engine(async |db| {
        let id = open_one(&db).await.id;
        let both = |limit_minor| TermsChange { overdraft: Some(OverdraftChange::Approved(limit_minor)), ..FREEZE };
        let refusal = change_terms(&db, id, both(-1), done(at(1))).await;
        assert_eq!(refusal, Err(AccountsError::NegativeOverdraftLimit));
        assert_eq!(found(&db, id).await.ledger.status, AccountStatus::Active);
        let after = change_terms(&db, id, both(100), done(at(2))).await.unwrap();
        assert_eq!((after.ledger.status, after.ledger.overdraft_limit_minor), (AccountStatus::Frozen, Some(100)));
        let kinds = kinds_told_of(&db, id).await;
        assert_eq!(kinds, ["accounts.opened", "accounts.overdraft_changed", "accounts.frozen"]);
    });
}

#[test]
fn an_account_that_is_no_customers_is_not_found() {
    on_each_engine(async |db| {
        open_one(&db).await;
        for id in [AccountId::generate(), ChartCode::Cash.own_account(usd())] {
            let refusal = AccountsError::NotFound { account: id };
            assert_eq!(accounts::get(&db, id).await, Ok(None));
            assert_eq!(rename(&db, id, name("Other"), done(at(1))).await, Err(refusal.clone()));
            assert_eq!(change_terms(&db, id, FREEZE, done(at(1))).await, Err(refusal.clone()));
            assert_eq!(close(&db, id, done(at(1))).await, Err(refusal));
        }
    });
}

#[test]
fn a_closed_account_never_has_money_whoever_comes_first() {
    on_each_engine(async |db| {
        for _ in 0..20 {
            let id = open_one(&db).await.id;
            let paying = tokio::spawn({
                let db = db.clone();
                async move { pay_in(&db, id, 100).await }
            });
            let closing = close(&db, id, done(at(1))).await;
            let paying = paying.await.unwrap();
            assert!(closing.is_ok() != paying.is_ok(), "{closing:?} {paying:?}");
            let account = found(&db, id).await.ledger;
            assert_eq!(account.status == AccountStatus::Closed, account.posted_minor == 0);
        }
    });
}
