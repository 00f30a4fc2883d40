//! Opening accounts, one at a time and by the thousand.

use crate::{at, checking_account, done, kinds_told_of, name, on_each_engine, open_one, opened_at, told_of, usd};
use accounts::{AccountKind, AccountNumber, AccountsError, NewAccount};
use ids::{AccountId, UserId};
use ledger::ChartCode;
use money::Currency;
use std::collections::HashSet;

#[test]
fn an_opened_account_is_found_as_it_was_opened() {
    on_each_engine(async |db| {
        let user_id = UserId::generate();
        let new = NewAccount {
            user_id: Some(user_id),
            name: Some(name("Ærøskøbing 💰")),
            kind: AccountKind::Business,
            currency: Currency::parse("JPY").unwrap(),
            external_ref: Some("core-7".to_owned()),
        };
        let opened = accounts::open(&db, new, opened_at(), done(at(5))).await.unwrap();
        assert_eq!(opened.number, AccountNumber::of(opened.id));
        assert_eq!((opened.user_id, opened.created_at, opened.updated_at), (Some(user_id), at(5), at(5)));
        assert_eq!((opened.ledger.holder_id, opened.ledger.posted_minor), (Some(user_id.uuid()), 0));
        assert_eq!(accounts::get(&db, opened.id).await.unwrap(), Some(opened));
    });
}

#[test]
fn an_imported_account_may_be_nobodys_yet() {
    on_each_engine(async |db| {
        let opened = accounts::open(&db, checking_account(None), opened_at(), done(at(0))).await.unwrap();
        let found = accounts::get(&db, opened.id).await.unwrap().unwrap();
        assert_eq!((found.user_id, found.ledger.holder_id), (None, None));
    });
}

#[test]
fn opening_is_told_with_what_others_need_to_know() {
    on_each_engine(async |db| {
        let opened = open_one(&db).await;
        let payload = serde_json::json!({
            "accountId": opened.id.to_string(),
            "userId": opened.user_id.unwrap().to_string(),
            "accountNumber": opened.number.as_str(),
            "name": "Everyday",
            "type": "CHECKING",
            "currency": "USD",
            "externalRef": null,
        });
        assert_eq!(told_of(&db, opened.id).await, [("accounts.opened".to_owned(), payload)]);
    });
}

#[test]
fn the_first_account_of_a_currency_opens_the_banks_own_and_later_ones_leave_them() {
    on_each_engine(async |db| {
        accounts::open(&db, checking_account(None), opened_at(), done(at(0))).await.unwrap();
        accounts::open(&db, checking_account(None), opened_at().plus_seconds(9), done(at(9))).await.unwrap();
        let own: Vec<AccountId> = ChartCode::ALL.map(|line| line.own_account(usd())).into();
        let found = ledger::accounts(&db, &own).await.unwrap();
        assert_eq!(found.len(), ChartCode::ALL.len() - 1, "all but the line of the customers' deposits");
        assert!(found.iter().all(|account| account.opened_at == opened_at()));
    });
}

#[test]
fn a_missing_own_account_is_opened_with_the_next_customers() {
    on_each_engine(async |db| {
        let tx = db.begin().await.unwrap();
        let cash = ledger::Account::own(ChartCode::Cash, usd(), opened_at());
        ledger::open_accounts_in_tx(&tx, &[cash]).await.unwrap();
        tx.commit().await.unwrap();
        open_one(&db).await;
        let fees = ChartCode::FeeIncome.own_account(usd());
        assert_eq!(ledger::accounts(&db, &[fees]).await.unwrap().len(), 1);
    });
}

#[test]
fn a_taken_external_reference_is_refused_and_leaves_nothing() {
    on_each_engine(async |db| {
        let new = NewAccount { external_ref: Some("core-7".to_owned()), ..checking_account(None) };
        accounts::open(&db, new.clone(), opened_at(), done(at(0))).await.unwrap();
        assert_eq!(
            accounts::open(&db, new.clone(), opened_at(), done(at(0))).await,
            Err(AccountsError::ExternalRefTaken)
        );
        let tx = db.begin().await.unwrap();
        let both = [checking_account(None), new];
        assert_eq!(
            accounts::open_many_in_tx(&tx, &both, opened_at(), done(at(0))).await,
            Err(AccountsError::ExternalRefTaken)
        );
        tx.rollback().await.unwrap();
        assert_eq!(accounts::list(&db, None, None, 100).await.unwrap().len(), 1);
        assert_eq!(ledger::all_accounts(&db).await.unwrap().len(), 1 + ChartCode::ALL.len() - 1);
    });
}

#[test]
fn ten_thousand_accounts_open_in_one_transaction() {
    on_each_engine(async |db| {
        let currencies = ["USD", "CZK", "KWD"].map(|code| Currency::parse(code).unwrap());
        let new: Vec<NewAccount> = (0..10_000)
            .map(|index| NewAccount {
                external_ref: Some(format!("core-{index}")),
                currency: currencies[index % currencies.len()],
                ..checking_account(None)
            })
            .collect();
        let tx = db.begin().await.unwrap();
        let opened = accounts::open_many_in_tx(&tx, &new, opened_at(), done(at(0))).await.unwrap();
        let ids: Vec<_> = opened.iter().map(|account| account.id).collect();
        tx.commit().await.unwrap();
        let external_refs: Vec<String> = new.iter().filter_map(|new| new.external_ref.clone()).collect();
        let found = accounts::by_external_refs(&db, &external_refs).await.unwrap();
        assert_eq!(found.len(), 10_000);
        assert!(external_refs.iter().zip(&ids).all(|(external_ref, id)| found[external_ref] == *id));
        let last = accounts::get(&db, ids[9_999]).await.unwrap().unwrap();
        assert_eq!(last.ledger.currency, currencies[9_999 % currencies.len()]);
        assert_eq!(kinds_told_of(&db, last.id).await, ["accounts.opened"]);
    });
}

#[test]
fn opening_none_does_nothing() {
    on_each_engine(async |db| {
        let tx = db.begin().await.unwrap();
        assert_eq!(accounts::open_many_in_tx(&tx, &[], opened_at(), done(at(0))).await, Ok(Vec::new()));
        tx.commit().await.unwrap();
        assert!(ledger::all_accounts(&db).await.unwrap().is_empty());
    });
}

#[test]
fn accounts_opened_at_once_in_a_new_currency_all_open() {
    on_each_engine(async |db| {
        let opening = (0..16).map(|_| {
            let db = db.clone();
            tokio::spawn(async move { accounts::open(&db, checking_account(None), opened_at(), done(at(0))).await })
        });
        let mut numbers = HashSet::new();
        for opening in opening.collect::<Vec<_>>() {
            numbers.insert(opening.await.unwrap().unwrap().number);
        }
        assert_eq!(numbers.len(), 16);
    });
}

#[test]
fn a_customer_opens_no_more_accounts_than_one_may_have() {
    on_each_engine(async |db| {
        let user = UserId::generate();
        let many = vec![checking_account(Some(user)); 9_999];
        let tx = db.begin().await.unwrap();
        accounts::open_many_in_tx(&tx, &many, opened_at(), done(at(0))).await.unwrap();
        tx.commit().await.unwrap();
        accounts::open(&db, checking_account(Some(user)), opened_at(), done(at(0))).await.unwrap();
        let refused = accounts::open(&db, checking_account(Some(user)), opened_at(), done(at(0))).await;
        assert_eq!(refused.unwrap_err(), AccountsError::TooMany { accounts_max: 10_000 });
        let other = checking_account(Some(UserId::generate()));
        accounts::open(&db, other, opened_at(), done(at(0))).await.unwrap();
    });
}
