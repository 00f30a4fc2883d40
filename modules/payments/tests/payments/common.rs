//! A small bank for the tests of payments: accounts with money, requests, and the proof that the books are right.

use accounts::{AccountKind, AccountName, NewAccount};
use clock::Clocks;
use db::{Db, Migration, WallTime};
use identity::{Caller, Factors, Proof, Role};
use ids::{AccountId, SessionId, TransactionId, UserId};
use ledger::{Account, AccountStatus, ChartCode};
use money::{Currency, Money};
use outbox::{Act, Actor};
use payments::verify::{Telling, UnreadableReceipt, VerifyReport};
use payments::{
    Answer, Booking, Command, Hat, HoldLength, IdempotencyKey, Mode, Order, OrderError, Outcome, Payments, PosterError,
    Receipt, Request, Rules, TransactionType,
};

pub(crate) fn migrations() -> Vec<Migration> {
    [ledger::MIGRATIONS, accounts::MIGRATIONS, fraud::MIGRATIONS, payments::MIGRATIONS, outbox::MIGRATIONS].concat()
}

pub(crate) fn dollars() -> Currency {
    Currency::parse("USD").unwrap()
}

pub(crate) fn cents(minor: i64) -> Money {
    Money::new(minor, dollars())
}

pub(crate) const RULES: Rules = Rules { mode: Mode::Sandbox, unproved_units: 1_000 };

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
        Self { payments: Payments::start(db.clone(), clocks, RULES), db }
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
            accounts::open(&self.db, new, testkit::bank_now(), Act::of_nobody(WallTime::now())).await.unwrap();
        if minor > 0 {
            self.done(Hat::Customer(user), deposit(account.id, minor)).await;
        }
        account.id
    }

    /// An account with no owner, as an import leaves it.
    pub(crate) async fn account_of_nobody(&self) -> AccountId {
        let (name, external_ref) = (Some(AccountName::parse("Old").unwrap()), Some("OLD-7".to_owned()));
        let new = NewAccount { user_id: None, name, kind: AccountKind::Checking, currency: dollars(), external_ref };
        accounts::open(&self.db, new, testkit::bank_now(), Act::of_nobody(WallTime::now())).await.unwrap().id
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
        let commands = bookings.into_iter().map(Command::Book).collect();
        let pack = Box::new(Receipt::plain);
        let request = Request { commands, is_atomic: false, key: None, pack, request_id: None };
        match self.payments.submit(Some(Actor::ITSELF), request).await.unwrap() {
            Answer::Fresh { outcomes, .. } => outcomes,
            answer => panic!("without a key every request is new: {answer:?}"),
        }
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
        let (outcomes, answer) = self.submit(hat, vec![command], true, &TransactionId::generate().to_string()).await;
        outcomes.unwrap_or_else(|| panic!("something is in the way: {answer:?}")).remove(0)
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
        let fingerprint = format!("{commands:?}");
        let request = Request {
            commands,
            is_atomic,
            key: Some(IdempotencyKey::new(&["caller", "POST", "/route"], key, &[fingerprint.as_bytes()])),
            pack: Box::new(|outcomes| {
                let label = if outcomes.iter().all(Result::is_ok) { 201 } else { 422 };
                Receipt { label, body: written(outcomes).into_bytes() }
            }),
            request_id: Some(key.to_owned()),
        };
        let answer = match caller(hat) {
            Some(caller) => self.payments.order(&caller, request, WallTime::now()).await.map_err(|error| match error {
                OrderError::Poster(error) => error,
                other => panic!("{other}"),
            }),
            None => self.payments.submit(None, request).await,
        };
        let outcomes = match &answer {
            Ok(Answer::Fresh { outcomes, .. }) => Some(outcomes.clone()),
            _ => None,
        };
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

/// Somebody who acts with the hat, logged in; nobody for the bank itself.
pub(crate) fn caller(hat: Hat) -> Option<Caller> {
    let (role, is_fresh) = match hat {
        Hat::Customer(_) => (Role::Customer, true),
        Hat::Teller { is_fresh, .. } => (Role::Teller, is_fresh),
        Hat::Admin { is_fresh, .. } => (Role::Admin, is_fresh),
        Hat::Bank => return None,
    };
    let now = WallTime::now();
    let at = if is_fresh { now } else { now.plus_seconds(-Proof::fresh_seconds()) };
    let proof = Proof { at, factors: Factors::PASSWORD };
    hat.user().map(|user| Caller::of_session(user, role, SessionId::generate(), proof))
}

/// How receipts look here: a line for each command.
fn written(outcomes: &[Outcome]) -> String {
    let line = |outcome: &Outcome| match outcome {
        Ok(done) => {
            let captured = done.captured_minor.map_or("-".to_owned(), |minor| minor.to_string());
            let (kind, status, minor) = (done.kind.word(), done.status.word(), done.money.minor());
            let (source, destination) = (done.source.account, done.destination.account);
            let or_none = |time: Option<db::BankTime>| time.map_or("-".to_owned(), |time| time.to_string());
            let (settled, expires) = (or_none(done.settled_at), or_none(done.expires_at));
            let dates = format!("{} {settled} {} {expires}", done.created_at, done.value_date);
            format!("{} {kind} {status} {minor} {captured} {source} {destination} {dates}", done.id)
        }
        Err(refusal) => format!("refused: {refusal}"),
    };
    outcomes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn read(receipt: &Receipt) -> Result<Vec<Telling>, UnreadableReceipt> {
    let text = std::str::from_utf8(&receipt.body).map_err(|_| UnreadableReceipt)?;
    let done = text.lines().filter(|line| !line.starts_with("refused: "));
    done.map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let [id, kind, status, minor, captured, source, destination, created, settled, day, expires] = words[..] else {
            return Err(UnreadableReceipt);
        };
        let account = |text| Some(AccountId::parse(text).unwrap()).filter(|account| !ledger::is_line_account(*account));
        Ok(Telling {
            id: TransactionId::parse(id).unwrap(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            money: cents(minor.parse().unwrap()),
            captured: captured.parse().ok().map(cents),
            source: account(source),
            destination: account(destination),
            created_at: db::BankTime::parse(created).unwrap(),
            settled_at: db::BankTime::parse(settled).ok(),
            value_date: db::Date::parse(day).unwrap(),
            expires_at: db::BankTime::parse(expires).ok(),
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
    Command::Hold { order, length: HoldLength::try_new(3_600).unwrap() }
}

fn order(kind: TransactionType, source: AccountId, destination: AccountId, minor: i64) -> Command {
    let description = "a test".to_owned();
    Command::Transfer(Order { kind, source, destination, money: cents(minor), description, metadata: None })
}
