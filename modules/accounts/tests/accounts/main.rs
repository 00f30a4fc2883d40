//! The accounts on both engines: opening, changing, closing and finding them.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod actors;
mod changing;
mod listing;
mod opening;

use accounts::{AccountChange, AccountKind, AccountName, AccountView, Hat, NewAccount, TermsChange};
use db::{BankTime, Db, WallTime};
use ids::{AccountId, EntryId, UserId};
use ledger::{Book, ChartCode, EntryDraft, Refusal};
use money::Currency;
use outbox::{Act, Actor};

/// Runs the body on each engine with the tables that accounts need.
fn on_each_engine(body: impl AsyncFn(Db)) {
    testkit::on_each_engine(&[outbox::MIGRATIONS, ledger::MIGRATIONS, accounts::MIGRATIONS].concat(), body);
}

fn at(second: i64) -> WallTime {
    WallTime::from_unix_micros(1_767_225_600_000_000).plus_seconds(second)
}

/// When the books open an account: on a day of their own.
fn opened_at() -> BankTime {
    BankTime::parse("2027-12-31T12:00:00Z").unwrap()
}

fn done(at: WallTime) -> Act {
    Actor::COMMAND_LINE.does(at)
}

async fn rename(db: &Db, id: AccountId, name: AccountName, act: Act) -> accounts::Result<AccountView> {
    let change = AccountChange { name: Some(name), terms: TermsChange::default() };
    accounts::change(db, id, change, Hat::Bank, act).await
}

async fn change_terms(db: &Db, id: AccountId, terms: TermsChange, act: Act) -> accounts::Result<AccountView> {
    accounts::change(db, id, AccountChange { name: None, terms }, Hat::Bank, act).await
}

async fn close(db: &Db, id: AccountId, act: Act) -> accounts::Result<AccountView> {
    accounts::close(db, id, Hat::Bank, act).await
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn name(text: &str) -> AccountName {
    AccountName::parse(text).unwrap()
}

fn checking_account(user_id: Option<UserId>) -> NewAccount {
    NewAccount {
        user_id,
        name: Some(name("Everyday")),
        kind: AccountKind::Checking,
        currency: usd(),
        external_ref: None,
    }
}

async fn open_one(db: &Db) -> AccountView {
    accounts::open(db, checking_account(Some(UserId::generate())), opened_at(), done(at(0))).await.unwrap()
}

/// Pays cash in (or out, when negative), as the payments would.
async fn pay_in(db: &Db, account: AccountId, amount_minor: i64) -> Result<(), Refusal> {
    let cash = ChartCode::Cash.own_account(usd());
    let tx = db.begin().await.unwrap();
    let mut book = Book::new(ledger::lock_accounts_in_tx(&tx, &[account, cash]).await.unwrap(), []);
    let draft = EntryDraft {
        id: EntryId::generate(),
        kind: "DEPOSIT",
        description: String::new(),
        legs: EntryDraft::transfer_legs(cash, account, amount_minor),
        value_date: at(0).date(),
    };
    book.post(draft, opened_at())?;
    tx.write_and_commit(ledger::writes(&book.into_changes())).await.unwrap();
    Ok(())
}

/// What the outbox tells of an account, oldest first: kind and payload.
async fn told_of(db: &Db, account: AccountId) -> Vec<(String, serde_json::Value)> {
    let told = outbox::numbered_after(db, 0, 100_000).await.unwrap();
    let about = told.into_iter().filter(|event| event.subject_id == account.uuid());
    about.map(|event| (event.kind, serde_json::from_str(&event.payload).unwrap())).collect()
}

async fn kinds_told_of(db: &Db, account: AccountId) -> Vec<String> {
    told_of(db, account).await.into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn commands_may_run_on_any_thread() {
    fn is_send<T: Send>(_: T) {}
    on_each_engine(async |db| {
        let id = AccountId::generate();
        is_send(accounts::open(&db, checking_account(None), opened_at(), done(at(0))));
        is_send(rename(&db, id, name("Other"), done(at(0))));
        is_send(close(&db, id, done(at(0))));
        is_send(accounts::get(&db, id));
        is_send(accounts::list(&db, None, None, 1));
    });
}
