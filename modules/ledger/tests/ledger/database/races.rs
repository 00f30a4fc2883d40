//! Many batches at once on the same accounts: locks keep every history whole.

use crate::database::books::{Books, at, on_each_engine, transfer};
use db::Db;
use ids::{AccountId, EntryId};
use ledger::Book;

const WRITERS: usize = 8;
const BATCHES: usize = 12;

/// One batch of two transfers; one that is refused for lack of money is no failure.
async fn write_batch(db: &Db, [source, destination, third]: [AccountId; 3]) {
    let tx = db.begin().await.unwrap();
    let accounts = ledger::lock_accounts_in_tx(&tx, &[source, destination, third]).await.unwrap();
    let mut book = Book::new(accounts, []);
    drop(book.post(transfer(EntryId::generate(), source, destination, 700), at(5)));
    drop(book.post(transfer(EntryId::generate(), destination, third, 300), at(5)));
    tx.write_and_commit(ledger::writes(&book.into_changes())).await.unwrap();
}

async fn write_batches(db: Db, accounts: [AccountId; 3], turn: usize) {
    for batch in 0..BATCHES {
        let mut order = accounts;
        order.rotate_left((turn + batch) % 3);
        write_batch(&db, order).await;
    }
}

async fn total_minor(books: &Books) -> i64 {
    ledger::all_accounts(&books.db).await.unwrap().iter().map(|account| account.posted_minor).sum()
}

#[test]
fn batches_at_once_lose_nothing_and_overdraw_nobody() {
    on_each_engine(async |books| {
        let accounts = [books.ann, books.bob, books.cash];
        let writers = (0..WRITERS).map(|turn| tokio::spawn(write_batches(books.db.clone(), accounts, turn)));
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(total_minor(&books).await, 0);
        assert!(books.account(books.ann).await.is_within_limit() && books.account(books.bob).await.is_within_limit());
        let report = ledger::verify(&books.db, |_| ()).await.unwrap();
        assert!(report.entries > u64::try_from(WRITERS * BATCHES).unwrap(), "{report:?}");
        assert_eq!(report.findings, []);
    });
}
