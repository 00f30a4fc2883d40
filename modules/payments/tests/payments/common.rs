//! A small bank for the tests of payments: accounts with money, requests, and the proof that the books are right.

use accounts::{AccountKind, AccountName, NewAccount};
use clock::Clocks;
use db::{Db, Migration, Timestamp};
use ids::{AccountId, TransactionId, UserId};
use ledger::{Account, AccountStatus, ChartCode};
use money::{Currency, Money};
use outbox::{Act, Actor, Means};
use payments::verify::{Telling, UnreadableReply, VerifyReport};
use payments::{
    Answer, Booking, Command, Hat, IdempotencyKey, Order, Outcome, Payments, PosterError, Reply, Request,
    TransactionType,
};
use std::sync::{Arc, Mutex};

pub(crate) fn migrations() -> Vec<Migration> {
    [ledger::MIGRATIONS, accounts::MIGRATIONS, payments::MIGRATIONS, outbox::MIGRATIONS].concat()
}

pub(crate) fn dollars() -> Currency {
    Currency::parse("USD").unwrap()
}

pub(crate) fn cents(minor: i64) -> Money {
    Money::new(minor, dollars())
}

#[derive(Clone)]
pub(crate) struct Bank {
    pub(crate) db: Db,
    pub(crate) payments: Payments,
}

impl Bank {
    pub(crate) async fn open(db: Db) -> Self {
        Self::open_with(db, testkit::clocks()).await
    }

    pub(crate) async fn open_with(db: Db, clocks: Clocks) -> Self {
        let tx = db.begin().await.unwrap();
        ledger::open_own_accounts_in_tx(&tx, dollars(), testkit::bank_now()).await.unwrap();
        tx.commit().await.unwrap();
        Self { payments: Payments::start(db.clone(), clocks), db }
    }

    /// A new customer's account with so many cents.
    pub(crate) async fn account(&self, user: UserId, minor: i64) -> AccountId {
        let new = NewAccount {
            user_id: Some(user),
            name: Some(AccountName::parse("Everyday").unwrap()),
            kind: AccountKind::Checking,
            currency: dollars(),
            external_ref: None,
        };
        let account =
            accounts::open(&self.db, new, testkit::bank_now(), Act::of_nobody(Timestamp::now())).await.unwrap();
        if minor > 0 {
            self.done(Hat::Customer(user), deposit(account.id, minor)).await;
        }
        account.id
    }

    /// An account with no owner, as an import leaves it.
    pub(crate) async fn account_of_nobody(&self) -> AccountId {
        let (name, external_ref) = (Some(AccountName::parse("Old").unwrap()), Some("OLD-7".to_owned()));
        let new = NewAccount { user_id: None, name, kind: AccountKind::Checking, currency: dollars(), external_ref };
        accounts::open(&self.db, new, testkit::bank_now(), Act::of_nobody(Timestamp::now())).await.unwrap().id
    }

    /// Accounts of the bank's own under these names.
    pub(crate) async fn own_accounts<const N: usize>(&self, named: [(ChartCode, &str); N]) -> [AccountId; N] {
        let wanted = named.map(|(chart, name)| crate::bookings::own(name, chart));
        let tx = self.db.begin().await.unwrap();
        let opened = ledger::open_named_accounts_in_tx(&tx, &wanted, testkit::bank_now()).await.unwrap();
        tx.commit().await.unwrap();
        std::array::from_fn(|position| opened[position].id)
    }

    /// What the bank itself books.
    pub(crate) async fn book(&self, booking: Booking) -> Outcome {
        self.book_all(vec![booking]).await.remove(0)
    }

    /// Bookings in one request, each on its own. They need no key: their identifiers say what is the same.
    pub(crate) async fn book_all(&self, bookings: Vec<Booking>) -> Vec<Outcome> {
        let seen: Arc<Mutex<Vec<Outcome>>> = Arc::default();
        let sink = Arc::clone(&seen);
        let request = Request {
            hat: Hat::Bank,
            actor: Some(Actor::ITSELF),
            commands: bookings.into_iter().map(Command::Book).collect(),
            is_atomic: false,
            key: None,
            render: Box::new(move |outcomes| {
                *sink.lock().unwrap() = outcomes.to_vec();
                Reply { status: 201, body: Vec::new() }
            }),
        };
        self.payments.submit(request).await.unwrap();
        seen.lock().unwrap().clone()
    }

    /// What two people agreed on: its identifier was made when one of them asked, at wall time.
    pub(crate) async fn approved(&self, from: AccountId, to: AccountId, minor: i64) {
        let Command::Transfer(order) = transfer(from, to, minor) else { unreachable!() };
        let order = Order { kind: TransactionType::Adjustment, ..order };
        let millis = self.payments.clocks().wall().unix_micros().unsigned_abs() / 1_000;
        let id = TransactionId::earliest_at(millis);
        let holder = self.state(from).await.holder_id.map(UserId::from_uuid);
        self.done(Hat::Bank, Command::Adjust { id, order, holder }).await;
    }

    pub(crate) async fn posted(&self, account: AccountId) -> i64 {
        self.state(account).await.posted_minor
    }

    pub(crate) async fn state(&self, account: AccountId) -> Account {
        ledger::accounts(&self.db, &[account]).await.unwrap().remove(0)
    }

    /// Freezes or thaws it, as the office does.
    pub(crate) async fn set_status(&self, account: AccountId, status: AccountStatus) {
        let tx = self.db.begin().await.unwrap();
        let mut locked = ledger::lock_accounts_in_tx(&tx, &[account]).await.unwrap().remove(0);
        locked.status = status;
        ledger::change_terms_in_tx(&tx, &locked).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// One command under a key of its own; what became of it.
    pub(crate) async fn outcome(&self, hat: Hat, command: Command) -> Outcome {
        let (outcomes, _) = self.submit(hat, vec![command], true, &TransactionId::generate().to_string()).await;
        outcomes.expect("nothing in the way").remove(0)
    }

    /// One command that must succeed.
    pub(crate) async fn done(&self, hat: Hat, command: Command) -> payments::Transaction {
        self.outcome(hat, command).await.expect("the command is done")
    }

    /// Submits under a key; the outcomes if the request was worked on now, and the answer.
    pub(crate) async fn submit(
        &self,
        hat: Hat,
        commands: Vec<Command>,
        is_atomic: bool,
        key: &str,
    ) -> (Option<Vec<Outcome>>, Result<Answer, PosterError>) {
        let seen: Arc<Mutex<Option<Vec<Outcome>>>> = Arc::default();
        let sink = Arc::clone(&seen);
        let fingerprint = format!("{commands:?}");
        let request = Request {
            hat,
            actor: hat.user().map(|user| Actor::person(user, Means::External)),
            commands,
            is_atomic,
            key: Some(IdempotencyKey::new(&["caller", "POST", "/route"], key, &[fingerprint.as_bytes()])),
            render: Box::new(move |outcomes| {
                *sink.lock().unwrap() = Some(outcomes.to_vec());
                let status = if outcomes.iter().all(Result::is_ok) { 201 } else { 422 };
                Reply { status, body: written(outcomes).into_bytes() }
            }),
        };
        let answer = self.payments.submit(request).await;
        let outcomes = seen.lock().unwrap().take();
        (outcomes, answer)
    }

    /// Everything that agrees with everything, or not.
    pub(crate) async fn verify(&self) -> VerifyReport {
        let snapshot = self.db.snapshot().await.unwrap();
        payments::verify::verify(&snapshot, read, |_| ()).await.unwrap()
    }

    /// The books are right, and no money was made or lost: all accounts sum to zero.
    pub(crate) async fn assert_sound(&self) {
        assert_eq!(self.verify().await.findings, Vec::new());
        let all = ledger::all_accounts(&self.db).await.unwrap();
        assert_eq!(all.iter().map(|account| account.posted_minor).sum::<i64>(), 0);
    }
}

/// How replies look here: a line for each command.
fn written(outcomes: &[Outcome]) -> String {
    let line = |outcome: &Outcome| match outcome {
        Ok(done) => {
            let captured = done.captured_minor.map_or("-".to_owned(), |minor| minor.to_string());
            let (kind, status, minor) = (done.kind.word(), done.status.word(), done.money.minor());
            let (source, destination) = (done.source.account, done.destination.account);
            format!("{} {kind} {status} {minor} {captured} {source} {destination}", done.id)
        }
        Err(refusal) => format!("refused: {refusal}"),
    };
    outcomes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn read(reply: &Reply) -> Result<Vec<Telling>, UnreadableReply> {
    let text = std::str::from_utf8(&reply.body).map_err(|_| UnreadableReply)?;
    let done = text.lines().filter(|line| !line.starts_with("refused: "));
    done.map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let [id, kind, status, minor, captured, source, destination] = words[..] else { return Err(UnreadableReply) };
        let account = |text| Some(AccountId::parse(text).unwrap()).filter(|account| !ledger::is_line_account(*account));
        Ok(Telling {
            id: TransactionId::parse(id).unwrap(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            money: cents(minor.parse().unwrap()),
            captured: captured.parse().ok().map(cents),
            source: account(source),
            destination: account(destination),
        })
    })
    .collect()
}

pub(crate) fn deposit(account: AccountId, minor: i64) -> Command {
    order(TransactionType::Deposit, ChartCode::Cash.own_account(dollars()), account, minor)
}

pub(crate) fn transfer(source: AccountId, destination: AccountId, minor: i64) -> Command {
    order(TransactionType::Transfer, source, destination, minor)
}

pub(crate) fn hold(source: AccountId, destination: AccountId, minor: i64) -> Command {
    let Command::Transfer(order) = order(TransactionType::Payment, source, destination, minor) else { unreachable!() };
    Command::Hold { order, lasts_seconds: 3600 }
}

fn order(kind: TransactionType, source: AccountId, destination: AccountId, minor: i64) -> Command {
    let description = "a test".to_owned();
    Command::Transfer(Order { kind, source, destination, money: cents(minor), description, metadata: None })
}
