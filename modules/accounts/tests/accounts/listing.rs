//! Finding accounts: by their user, page by page, by another system's reference.

use crate::{at, checking_account, done, on_each_engine, opened_at};
use accounts::NewAccount;
use db::Db;
use ids::{AccountId, UserId};

async fn open_for(db: &Db, user_id: UserId) -> AccountId {
    accounts::open(db, checking_account(Some(user_id)), opened_at(), done(at(0))).await.unwrap().id
}

/// All pages of a list, and an account that is opened after each of them.
async fn walk(db: &Db, user_id: Option<UserId>, opened_meanwhile: UserId) -> Vec<AccountId> {
    let mut ids: Vec<AccountId> = Vec::new();
    for _ in 0..3 {
        let page = accounts::list(db, user_id, ids.last().copied(), 2).await.unwrap();
        ids.extend(page.iter().map(|account| account.id));
        open_for(db, opened_meanwhile).await;
    }
    ids
}

#[test]
fn a_user_sees_their_own_accounts_oldest_first() {
    on_each_engine(async |db| {
        let (ada, bob) = (UserId::generate(), UserId::generate());
        let mut adas = Vec::new();
        for _ in 0..5 {
            adas.push(open_for(&db, ada).await);
            open_for(&db, bob).await;
        }
        assert_eq!(walk(&db, Some(ada), bob).await, adas);
        assert_eq!(accounts::ids_of_user(&db, ada, 100).await.unwrap(), adas);
        assert_eq!(accounts::ids_of_user(&db, ada, 2).await.unwrap(), adas[..2]);
        assert!(accounts::list(&db, Some(UserId::generate()), None, 10).await.unwrap().is_empty());
    });
}

#[test]
fn everybodys_accounts_are_listed_without_gaps_while_others_are_opened() {
    on_each_engine(async |db| {
        let (ada, bob) = (UserId::generate(), UserId::generate());
        let mut all = Vec::new();
        for user_id in [ada, bob, ada, bob, ada, bob] {
            all.push(open_for(&db, user_id).await);
        }
        assert_eq!(walk(&db, None, ada).await, all);
    });
}

#[test]
fn accounts_are_found_by_another_systems_references() {
    on_each_engine(async |db| {
        let new =
            |external_ref: &str| NewAccount { external_ref: Some(external_ref.to_owned()), ..checking_account(None) };
        let opened = accounts::open(&db, new("core-1"), opened_at(), done(at(0))).await.unwrap();
        accounts::open(&db, new("core-2"), opened_at(), done(at(0))).await.unwrap();
        let found = accounts::by_external_refs(&db, &["core-1".to_owned(), "core-3".to_owned()]).await.unwrap();
        assert_eq!(found, [("core-1".to_owned(), opened.id)].into());
        assert!(accounts::by_external_refs(&db, &[]).await.unwrap().is_empty());
    });
}
