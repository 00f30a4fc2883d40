//! Every event about an account says who did it, with what, and for whom.

use crate::{at, checking_account, name, on_each_engine, opened_at};
use accounts::{AccountChange, Hat, OverdraftChange, TermsChange};
use db::Db;
use ids::{AccountId, SessionId, UserId};
use ledger::AccountStatus;
use outbox::{Act, Actor, Means};

/// Who did what to an account, oldest first.
async fn doers(db: &Db, account: AccountId) -> Vec<(String, Option<Actor>)> {
    let told = outbox::numbered_after(db, 0, 100_000).await.unwrap();
    let about = told.into_iter().filter(|event| event.subject_id == account.uuid());
    about.map(|event| (event.kind, event.actor)).collect()
}

/// Everything that happens to an account that has an owner, each thing at another time.
async fn live_through(db: &Db, account: AccountId, hat: Hat, act: Act) {
    let terms = |status, overdraft| TermsChange { status, overdraft };
    for change in [
        AccountChange { name: Some(name("Rainy days")), terms: TermsChange::default() },
        AccountChange { name: None, terms: terms(None, Some(OverdraftChange::Approved(500))) },
        AccountChange { name: None, terms: terms(Some(AccountStatus::Frozen), None) },
        AccountChange { name: None, terms: terms(Some(AccountStatus::Active), None) },
    ] {
        accounts::change(db, account, change, hat, act).await.unwrap();
    }
    accounts::close(db, account, hat, act).await.unwrap();
}

#[test]
fn each_event_names_who_did_it_and_for_whom() {
    on_each_engine(async |db| {
        let (ann, root) = (UserId::generate(), UserId::generate());
        let by_root = Actor::person(root, Means::Session(SessionId::generate()));
        let id = accounts::open(&db, checking_account(Some(ann)), opened_at(), by_root.does(at(0))).await.unwrap().id;
        live_through(&db, id, Hat::Bank, by_root.does(at(1))).await;
        let expected = [
            "accounts.opened",
            "accounts.renamed",
            "accounts.overdraft_changed",
            "accounts.frozen",
            "accounts.unfrozen",
            "accounts.closed",
        ];
        let for_ann = by_root.on_behalf_of(Some(ann));
        assert_eq!(for_ann.on_behalf_of, Some(ann));
        assert_eq!(doers(&db, id).await, expected.map(|kind| (kind.to_owned(), Some(for_ann))));
    });
}

#[test]
fn what_owners_do_with_their_own_is_on_behalf_of_nobody() {
    on_each_engine(async |db| {
        let ann = UserId::generate();
        let herself = Actor::person(ann, Means::Session(SessionId::generate()));
        let id = accounts::open(&db, checking_account(Some(ann)), opened_at(), herself.does(at(0))).await.unwrap().id;
        accounts::close(&db, id, Hat::Customer(ann), herself.does(at(1))).await.unwrap();
        let expected = ["accounts.opened", "accounts.closed"].map(|kind| (kind.to_owned(), Some(herself)));
        assert_eq!(doers(&db, id).await, expected);
    });
}

#[test]
fn a_new_owner_is_who_it_was_done_for() {
    on_each_engine(async |db| {
        let (ann, root) = (UserId::generate(), UserId::generate());
        let by_root = Actor::person(root, Means::Session(SessionId::generate()));
        let new = accounts::NewAccount { external_ref: Some("OLD-1".to_owned()), ..checking_account(None) };
        let id = accounts::open(&db, new, opened_at(), crate::done(at(0))).await.unwrap().id;
        let tx = db.begin().await.unwrap();
        accounts::assign_owner_in_tx(&tx, id, ann, by_root.does(at(1))).await.unwrap();
        tx.commit().await.unwrap();
        let expected = [
            ("accounts.opened".to_owned(), Some(Actor::COMMAND_LINE)),
            ("accounts.owner_assigned".to_owned(), Some(by_root.on_behalf_of(Some(ann)))),
        ];
        assert_eq!(doers(&db, id).await, expected);
    });
}
