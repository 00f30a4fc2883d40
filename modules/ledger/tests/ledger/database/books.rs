//! A small set of books: two customers, some movements, and every kind of hold. Its amounts are all different,
//! so that a test can name a row by its amount on either engine.

use db::{BankTime, Db};
use ids::{AccountId, EntryId, HoldId};
use ledger::{Account, Book, Changes, ChartCode, EntryDraft, Hold, HoldStatus};
use money::Currency;

/// Ann has 100.00 - 12.34 - 2.50 + 0.11 in four postings, and 7.00 and 0.05 of it are held.
/// Bob has 50.00 + 12.34 in two postings.
pub(crate) struct Books {
    pub(crate) db: Db,
    pub(crate) cash: AccountId,
    pub(crate) ann: AccountId,
    pub(crate) bob: AccountId,
    /// Ann pays Bob 12.34: the second posting of both.
    pub(crate) payment: EntryId,
    /// Everything that was written, commit by commit.
    pub(crate) written: Vec<Changes>,
}

impl Books {
    pub(crate) async fn keep(db: Db) -> Self {
        let [ann, bob] = [AccountId::generate(), AccountId::generate()];
        let cash = ChartCode::Cash.own_account(usd());
        let tx = db.begin().await.unwrap();
        let customers = [ann, bob].map(|id| Account::for_customer(id, None, usd(), at(0)));
        ledger::open_accounts_in_tx(&tx, &customers).await.unwrap();
        ledger::open_own_accounts_in_tx(&tx, usd(), at(0)).await.unwrap();
        tx.commit().await.unwrap();
        let mut books = Self { db, cash, ann, bob, payment: EntryId::generate(), written: Vec::new() };
        books.fill().await;
        books
    }

    async fn fill(&mut self) {
        let Self { cash, ann, bob, .. } = *self;
        let [captured, expired, released] = [(); 3].map(|()| HoldId::generate());
        let movement = |source, destination, minor| transfer(EntryId::generate(), source, destination, minor);
        self.write(&[], |book| {
            book.post(movement(cash, ann, 10_000), at(1)).unwrap();
            book.post(movement(cash, bob, 5_000), at(1)).unwrap();
        })
        .await;
        // Made when it is booked, as identifiers are; only what was held is booked under an older one.
        let payment = EntryId::generate();
        self.payment = payment;
        self.write(&[], |book| {
            book.post(transfer(payment, ann, bob, 1_234), at(2)).unwrap();
            for (id, amount_minor) in [(HoldId::generate(), 700), (HoldId::generate(), 5), (captured, 300)] {
                book.place_hold(hold(id, ann, amount_minor)).unwrap();
            }
            book.place_hold(hold(expired, bob, 60)).unwrap();
            book.place_hold(hold(released, ann, 40)).unwrap();
            book.release_hold(released, at(2)).unwrap();
        })
        .await;
        self.write(&[captured, expired], |book| {
            let taking = transfer(EntryId::from_uuid(captured.uuid()), ann, cash, 250);
            book.capture_hold(captured, taking, at(3)).unwrap();
            book.expire_hold(expired, at(100)).unwrap();
        })
        .await;
        self.write(&[], |book| book.post(movement(cash, ann, 11), at(4)).unwrap()).await;
    }

    /// Loads and locks, acts, writes and commits, as one batch of movements does.
    pub(crate) async fn write(&mut self, holds: &[HoldId], act: impl FnOnce(&mut Book)) {
        let tx = self.db.begin().await.unwrap();
        let accounts = ledger::lock_accounts_in_tx(&tx, &[self.cash, self.ann, self.bob]).await.unwrap();
        let mut book = Book::new(accounts, ledger::holds(&tx, holds).await.unwrap());
        act(&mut book);
        let changes = book.into_changes();
        tx.write_and_commit(ledger::writes(&changes)).await.unwrap();
        self.written.push(changes);
    }

    pub(crate) async fn account(&self, id: AccountId) -> Account {
        ledger::accounts(&self.db, &[id]).await.unwrap().pop().unwrap()
    }

    /// Runs SQL that no module would.
    pub(crate) async fn run(&self, script: &str) -> db::Result<()> {
        let tx = self.db.begin().await?;
        tx.run_script(script).await?;
        tx.commit().await
    }
}

/// Runs the body on each engine with filled books.
pub(crate) fn on_each_engine(body: impl AsyncFn(Books)) {
    testkit::on_each_engine(ledger::MIGRATIONS, async |db| body(Books::keep(db).await).await);
}

pub(crate) fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

/// So many days after the books were opened.
pub(crate) fn at(day: i64) -> BankTime {
    BankTime::from_unix_micros(1_767_225_600_000_000).plus_seconds(day * 86_400)
}

pub(crate) fn transfer(id: EntryId, source: AccountId, destination: AccountId, minor: i64) -> EntryDraft {
    let legs = EntryDraft::transfer_legs(source, destination, minor);
    let description = format!("{minor} for \"both\" of 'us' 💰");
    EntryDraft { id, kind: "TRANSFER", description, legs, value_date: at(1).date() }
}

pub(crate) fn hold(id: HoldId, account: AccountId, amount_minor: i64) -> Hold {
    let (status, placed_at, expires_at) = (HoldStatus::Held, at(2), at(30));
    Hold { id, account, amount_minor, captured_minor: 0, status, placed_at, expires_at, closed_at: None }
}
