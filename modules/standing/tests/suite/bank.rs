//! A small bank whose clock the tests set.

use clock::{ClockCommand, Clocks, CommandKey, Ordered};
use db::{BankTime, Db, Migration, WallTime};
use ids::{AccountId, IdempotencyKey, TransactionId, UserId};
use ledger::{Account, AccountStatus, ChartCode};
use money::{Currency, Money};
use outbox::{Act, Actor};
use payments::{Answer, Command, Order, Receipt, TransactionType};
use payments::{Mode, Payments, Request, Rules};
use standing::{Frequency, OnHoliday, OwnedOrder, Schedule, StandingOrder, StandingOrders, StandingRun, StandingWish};
use testkit::{SetClock, on_each_engine};
use time::Date;

/// A Friday.
pub(crate) const START: &str = "2026-11-27T12:00:00Z";

fn migrations() -> Vec<Migration> {
    [
        ledger::MIGRATIONS,
        accounts::MIGRATIONS,
        payments::MIGRATIONS,
        outbox::MIGRATIONS,
        clock::MIGRATIONS,
        standing::MIGRATIONS,
    ]
    .concat()
}

pub(crate) struct Bank {
    pub(crate) db: Db,
    pub(crate) clocks: Clocks,
    pub(crate) machine: SetClock,
    pub(crate) orders: StandingOrders,
    payments: Payments,
}

/// Somebody with two accounts, and what somebody else has.
pub(crate) struct Payer {
    pub(crate) id: UserId,
    pub(crate) account: AccountId,
    pub(crate) savings: AccountId,
    pub(crate) landlord: AccountId,
}

pub(crate) fn with_bank(body: impl AsyncFn(Bank)) {
    on_each_engine(&migrations(), async |db| {
        let machine = SetClock::at(START);
        let clocks = Clocks::of_sandbox(machine.reader(), &db).await.unwrap();
        let tx = db.begin().await.unwrap();
        ledger::open_own_accounts_in_tx(&tx, dollars(), at(START)).await.unwrap();
        tx.commit().await.unwrap();
        let rules = Rules { mode: Mode::Sandbox, unproved_units: 1_000 };
        let payments = Payments::start(db.clone(), clocks.clone(), rules);
        let orders = StandingOrders::new(db.clone(), clocks.clone(), payments.clone());
        body(Bank { db, clocks, machine, orders, payments }).await;
    });
}

pub(crate) fn dollars() -> Currency {
    Currency::parse("USD").unwrap()
}

pub(crate) fn at(text: &str) -> BankTime {
    BankTime::parse(text).unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    calendar::read(db::Date::parse(text).unwrap())
}

/// So much on these dates.
pub(crate) fn wish(payer: &Payer, minor: i64, schedule: Schedule) -> StandingWish {
    StandingWish {
        source: payer.account,
        destination: payer.landlord,
        money: Money::new(minor, dollars()),
        description: "Rent".to_owned(),
        schedule,
        catches_up: false,
    }
}

pub(crate) fn schedule(frequency: Frequency, first: &str) -> Schedule {
    Schedule { frequency, first: day(first), last: None, day_of_month: None, on_holiday: OnHoliday::Same }
}

impl Bank {
    pub(crate) async fn payer(&self, minor: i64) -> Payer {
        let id = UserId::generate();
        let account = self.account(id).await;
        let payer =
            Payer { id, account, savings: self.account(id).await, landlord: self.account(UserId::generate()).await };
        if minor > 0 {
            self.pay_in(&payer, minor).await;
        }
        payer
    }

    pub(crate) async fn account(&self, owner: UserId) -> AccountId {
        let new = accounts::NewAccount {
            user_id: Some(owner),
            name: Some(accounts::AccountName::parse("Everyday").unwrap()),
            kind: accounts::AccountKind::Checking,
            currency: dollars(),
            external_ref: None,
        };
        accounts::open(&self.db, new, at(START), Act::of_nobody(WallTime::now())).await.unwrap().id
    }

    pub(crate) async fn pay_in(&self, payer: &Payer, minor: i64) {
        let order = Order {
            kind: TransactionType::Deposit,
            source: ChartCode::Cash.own_account(dollars()),
            destination: payer.account,
            money: Money::new(minor, dollars()),
            description: String::new(),
            metadata: None,
        };
        let commands = vec![Command::Transfer(order)];
        let pack = Box::new(Receipt::plain);
        let request = Request { commands, is_atomic: true, key: None, pack, request_id: None };
        let answer = self.payments.submit(None, request).await.unwrap();
        assert!(matches!(answer, Answer::Fresh { outcomes, .. } if outcomes.iter().all(Result::is_ok)));
    }

    pub(crate) async fn create(&self, payer: &Payer, wish: StandingWish) -> StandingOrder {
        let key = TransactionId::generate().to_string();
        self.create_under(&key, payer, wish).await.unwrap().order
    }

    pub(crate) async fn create_under(
        &self,
        key: &str,
        payer: &Payer,
        wish: StandingWish,
    ) -> standing::Result<standing::Created> {
        let asked = format!("{wish:?}");
        let key = IdempotencyKey::new(&[&payer.id.to_string()], key, &[asked.as_bytes()]);
        self.orders.create(payer.id, wish, &key, self.act(payer)).await
    }

    pub(crate) fn act(&self, payer: &Payer) -> Act {
        Actor::person(payer.id, outbox::Means::External).does(self.clocks.wall())
    }

    pub(crate) async fn runs(&self, payer: &Payer, order: &StandingOrder) -> Vec<StandingRun> {
        let of = OwnedOrder { owner: payer.id, id: order.id };
        let mut runs = self.orders.runs(of, None, 1_000).await.unwrap();
        runs.reverse();
        runs
    }

    pub(crate) async fn now_is(&self, payer: &Payer, order: &StandingOrder) -> StandingOrder {
        self.orders.find(OwnedOrder { owner: payer.id, id: order.id }).await.unwrap()
    }

    pub(crate) async fn posted(&self, account: AccountId) -> i64 {
        self.state(account).await.posted_minor
    }

    async fn state(&self, account: AccountId) -> Account {
        ledger::accounts(&self.db, &[account]).await.unwrap().remove(0)
    }

    pub(crate) async fn set_status(&self, account: AccountId, status: AccountStatus) {
        let tx = self.db.begin().await.unwrap();
        let mut locked = ledger::lock_accounts_in_tx(&tx, &[account]).await.unwrap().remove(0);
        locked.status = status;
        ledger::change_terms_in_tx(&tx, &locked).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The machine's clock goes on, and what is due then is done, as if the bank had been down in between.
    pub(crate) async fn wake_at(&self, text: &str) {
        let seconds = at(text).unix_seconds() - self.clocks.wall().unix_seconds();
        self.machine.shift(seconds);
        self.keep_up().await;
    }

    pub(crate) async fn keep_up(&self) {
        self.clocks.keep_up(&self.db, &[self.payments.due_holds(), self.orders.due_orders()]).await.unwrap();
    }

    pub(crate) async fn command(&self, command: ClockCommand) {
        let name = TransactionId::generate().to_string();
        let key = CommandKey { hash: name.as_bytes(), fingerprint: b"" };
        let ordered = Ordered { command, by: Actor::COMMAND_LINE, key };
        self.clocks.command(&self.db, ordered, |_| Vec::new()).await.unwrap();
    }

    /// Each kind of event with its data, in order.
    pub(crate) async fn told(&self) -> Vec<(String, String)> {
        let all = outbox::numbered_after(&self.db, 0, 100_000).await.unwrap();
        let orders = all.into_iter().filter(|event| event.kind.starts_with("payments.order_"));
        orders.map(|event| (event.kind, event.payload)).collect()
    }

    /// The books are right, and no money was made or lost.
    pub(crate) async fn assert_sound(&self) {
        let all = ledger::all_accounts(&self.db).await.unwrap();
        assert_eq!(all.iter().map(|account| account.posted_minor).sum::<i64>(), 0);
    }
}
