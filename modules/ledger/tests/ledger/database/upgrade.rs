//! Books that were kept by an older version: what was there is there, in its new order.

use crate::database::books::{at, hold, transfer, usd};
use db::{Db, Engine};
use ids::{AccountId, EntryId, HoldId};
use ledger::{Account, Book};

/// What the older version had: postings of a movement and of a captured hold, on two accounts.
async fn fill(db: &Db, [ann, bob]: [AccountId; 2]) -> EntryId {
    let captured = HoldId::generate();
    let mut accounts = [ann, bob].map(|id| Account::for_customer(id, None, usd(), at(0)));
    accounts[0].overdraft_limit_minor = None;
    let tx = db.begin().await.unwrap();
    ledger::open_accounts_in_tx(&tx, &accounts).await.unwrap();
    let mut book = Book::new(accounts, []);
    book.place_hold(hold(captured, ann, 300)).unwrap();
    book.post(transfer(EntryId::generate(), ann, bob, 5), at(1)).unwrap();
    book.capture_hold(captured, transfer(EntryId::from_uuid(captured.uuid()), ann, bob, 300), at(2)).unwrap();
    let changes = book.into_changes();
    for posting in &changes.postings {
        tx.run_script(&insert_as_of_old(db.engine(), posting)).await.unwrap();
    }
    for ledger::AccountChange { after, .. } in &changes.accounts {
        let (id, posted_minor) = (literal(db.engine(), after.id.uuid()), after.posted_minor);
        let moved = format!("UPDATE ledger_account SET sequence = 2, posted_minor = {posted_minor} WHERE id = {id}");
        tx.run_script(&moved).await.unwrap();
    }
    tx.write_and_commit(ledger::additions(&ledger::Changes { postings: Vec::new(), ..changes })).await.unwrap();
    EntryId::from_uuid(captured.uuid())
}

fn literal(engine: Engine, id: uuid::Uuid) -> String {
    match engine {
        Engine::Postgres => format!("'{id}'"),
        Engine::Sqlite => format!("x'{}'", id.simple()),
    }
}

fn insert_as_of_old(engine: Engine, posting: &ledger::Posting) -> String {
    let (date, time) = match engine {
        Engine::Postgres => (format!("'{}'", posting.value_date), format!("'{}'", posting.booked_at)),
        Engine::Sqlite => (posting.value_date.unix_days().to_string(), posting.booked_at.unix_micros().to_string()),
    };
    format!(
        "INSERT INTO ledger_posting VALUES ({}, {}, {}, 'USD', {}, {}, {date}, {time})",
        literal(engine, posting.account.uuid()),
        posting.sequence,
        literal(engine, posting.entry.uuid()),
        posting.amount_minor,
        posting.balance_minor,
    )
}

#[test]
fn postings_of_an_older_version_are_carried_over() {
    testkit::on_each_engine(&ledger::MIGRATIONS[..1], async |db| {
        let parties = [AccountId::generate(), AccountId::generate()];
        let captured = fill(&db, parties).await;
        let applied = db::migrate(&db, ledger::MIGRATIONS, db::WallTime::now()).await.unwrap().applied;
        assert_eq!(applied, ledger::MIGRATIONS.len() - 1);
        let report = ledger::verify(&db, |_| ()).await.unwrap();
        assert_eq!((report.postings, report.findings), (4, vec![]));
        for (day, balance_minor) in [(0, 0), (1, 5), (2, 305)] {
            assert_eq!(ledger::balance_at(&db, parties[1], at(day)).await, Ok(balance_minor), "day {day}");
        }
        let highest = EntryId::from_uuid(uuid::Uuid::max());
        let listed = ledger::entries_before(&db, &parties, highest, 10).await.unwrap();
        assert_eq!((listed.len(), listed[1]), (2, captured));
        let tx = db.begin().await.unwrap();
        let refusal = tx.run_script("DELETE FROM ledger_posting").await.unwrap_err().to_string();
        assert!(refusal.contains("ledger_posting is append-only"), "{refusal}");
    });
}
