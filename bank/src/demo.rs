//! The demo bank: made-up customers with three months of history, filled in once, and logins printed at each start.

use crate::machine_clock;
use crate::output;
use crate::settings::Checked;
use anyhow::Context as _;
use clock::Clocks;
use db::{Date, Db, WallTime};
use identity::{Identity, NewStaff, NewUser, Password, Role, UserFilter};
use ids::UserId;
use money::{Currency, Money};
use outbox::Actor;
use payments::history::{Category, Ending, HistoryError, HistoryRow, Import};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The documented example login of the sandbox.
const EXAMPLE: (&str, &str) = ("john_doe", "secure_password");
/// Two administrators, because some things take two people.
const STAFF: [(&str, &str, Role); 3] = [
    ("administrator", "admin", Role::Admin),
    ("administrator", "second_admin", Role::Admin),
    ("teller", "teller", Role::Teller),
];
const DAYS_OF_HISTORY: i32 = 90;
/// Under this name a database remembers that it is a demo.
const MARK: &str = "demo";

struct Customer {
    username: &'static str,
    currency: &'static str,
    /// In whole units of the currency.
    salary: i64,
    rent: i64,
    groceries: i64,
}

const CUSTOMERS: [Customer; 3] = [
    Customer { username: EXAMPLE.0, currency: "USD", salary: 4_200, rent: 1_450, groceries: 86 },
    Customer { username: "maria_garcia", currency: "EUR", salary: 3_100, rent: 980, groceries: 64 },
    Customer { username: "aiko_tanaka", currency: "JPY", salary: 410_000, rent: 128_000, groceries: 5_400 },
];

/// Fills an empty sandbox, and prints who can log in. Passwords are kept before anybody has one, and only what is missing
/// is made, so that a start that was cut short is finished by the next.
pub(crate) async fn fill(settings: &Checked, db: &Db, identity: &Identity, clocks: &Clocks) -> anyhow::Result<()> {
    let logins_file = settings.in_data_dir("demo-logins.txt");
    if !is_demo(&logins_file, db, identity).await? {
        output::report(format_args!(
            "There are people or accounts already: no demo is filled in, the bank stays as it is.\n"
        ));
        return Ok(());
    }
    if !logins_file.exists() {
        if identity.find_by_username(EXAMPLE.0).await?.is_some() {
            output::report(format_args!("The demo was filled in from another data folder: its logins are there.\n"));
            return Ok(());
        }
        keep(&logins_file, &new_logins()?)?;
    }
    let logins =
        std::fs::read_to_string(&logins_file).with_context(|| format!("cannot read {}", logins_file.display()))?;
    fill_in_staff(identity, &logins, machine_clock::now()).await?;
    fill_in_customers(db, identity, &logins, clocks).await?;
    let working = working(identity, &logins).await?;
    output::report(format_args!("Demo logins (kept in {}):\n{working}\n", logins_file.display()));
    Ok(())
}

/// Whether the bank is a demo, or empty, and a demo from now on. One from before this was remembered has its logins beside it.
async fn is_demo(logins_file: &Path, db: &Db, identity: &Identity) -> anyhow::Result<bool> {
    if db::mark(db, MARK).await?.is_some() {
        return Ok(true);
    }
    let of_earlier_version = logins_file.exists() && identity.find_by_username(EXAMPLE.0).await?.is_some();
    let is_empty = identity.users(&UserFilter::default(), None, 1).await?.is_empty()
        && accounts::list(db, None, None, 1).await?.is_empty();
    if of_earlier_version || is_empty {
        db::mark_once(db, MARK, "demo").await?;
    }
    Ok(of_earlier_version || is_empty)
}

async fn fill_in_staff(identity: &Identity, logins: &str, now: WallTime) -> anyhow::Result<()> {
    for (_, username, role) in STAFF {
        // A demo that is older than one of these logins goes on without it.
        let Ok(password) = password_of(logins, username) else { continue };
        if identity.find_by_username(username).await?.is_none() {
            let new = NewStaff { username: username.to_owned(), password: Some(password), role };
            identity.create_staff(new, Actor::COMMAND_LINE.does(now)).await?;
        }
    }
    Ok(())
}

async fn fill_in_customers(db: &Db, identity: &Identity, logins: &str, clocks: &Clocks) -> anyhow::Result<()> {
    let now = machine_clock::now();
    for customer in &CUSTOMERS {
        let user_id = match identity.find_by_username(customer.username).await? {
            Some(user) => user.id,
            None => {
                let password = password_of(logins, customer.username)?;
                let new_user = NewUser { username: customer.username.to_owned(), password, email: None };
                identity.register(new_user, now).await?.user.id
            }
        };
        if accounts::ids_of_user(db, user_id, 1).await?.is_empty() {
            let import = Import { owner: Some(user_id), ending: Ending::Commit, clocks };
            let today = clocks.now(db).await?.bank.date();
            payments::history::import(db, history(customer, today).into_iter(), &import, |_| ()).await?;
            rename_account(db, user_id, now).await?;
        }
    }
    Ok(())
}

/// The lines of those logins with which somebody gets in: passwords may have been changed since, and people disabled.
async fn working(identity: &Identity, logins: &str) -> anyhow::Result<String> {
    let mut working = String::new();
    for line in logins.lines() {
        let Some((username, password)) = login_of(line) else { continue };
        if identity.could_log_in(username, Password::new(password)).await? {
            working.push_str(line);
            working.push('\n');
        }
    }
    Ok(working)
}

/// One line for each login: what they are, their name, a slash, their password.
fn new_logins() -> anyhow::Result<String> {
    let mut logins = String::new();
    for (what, username, _) in STAFF {
        logins.push_str(&format!("  {what:<14} {username} / {}\n", random_password()?));
    }
    for customer in &CUSTOMERS {
        let password = if customer.username == EXAMPLE.0 { EXAMPLE.1.to_owned() } else { random_password()? };
        logins.push_str(&format!("  customer       {} / {password}\n", customer.username));
    }
    Ok(logins)
}

fn password_of(logins: &str, username: &str) -> anyhow::Result<Password> {
    let mut of_user = logins.lines().filter_map(login_of).filter(|(who, _)| *who == username);
    let (_, password) = of_user.next().with_context(|| format!("the kept demo logins lack {username}"))?;
    Ok(Password::new(password))
}

/// The name and the password of a line.
fn login_of(line: &str) -> Option<(&str, &str)> {
    let (who, password) = line.split_once(" / ")?;
    Some((who.split_whitespace().last()?, password))
}

/// Only the owner of the data folder may read the logins; they are there as a whole or not at all.
fn keep(file: &Path, logins: &str) -> anyhow::Result<()> {
    let unfinished = file.with_extension("unfinished");
    let mut options = std::fs::OpenOptions::new();
    let mut opened = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .with_context(|| format!("cannot write {}", unfinished.display()))?;
    opened.write_all(logins.as_bytes())?;
    opened.sync_all()?;
    std::fs::rename(&unfinished, file).with_context(|| format!("cannot write {}", file.display()))
}

fn random_password() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 12];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn rename_account(db: &Db, user: UserId, now: WallTime) -> anyhow::Result<()> {
    let name = Some(accounts::AccountName::parse("Everyday account")?);
    let change = accounts::AccountChange { name, terms: accounts::TermsChange::default() };
    for account in accounts::ids_of_user(db, user, 10).await? {
        let hat = accounts::Hat::Customer(user);
        accounts::change(db, account, change.clone(), hat, Actor::COMMAND_LINE.does(now)).await?;
    }
    Ok(())
}

/// Salary and rent once a month, groceries every third day, a little interest, the same on every machine.
fn history(customer: &Customer, today: Date) -> Vec<Result<HistoryRow, HistoryError>> {
    let mut rows = Vec::new();
    let first_day = today.unix_days() - DAYS_OF_HISTORY;
    let mut add = |day: i32, units: i64, category: Category, counterparty: &str, description: &str| {
        let currency = Currency::parse(customer.currency).expect("the demo's currencies are of ISO 4217");
        let minor_per_unit = 10_i64.pow(u32::from(currency.exponent()));
        rows.push(Ok(HistoryRow {
            line: 0,
            external_id: format!("demo-{}-{}-{description}", customer.username, day - first_day),
            account: format!("demo-{}", customer.username),
            value_date: Date::from_unix_days(day),
            money: Money::new(units * minor_per_unit, currency),
            category,
            counterparty: counterparty.to_owned(),
            description: description.to_owned(),
        }));
    };
    add(first_day, customer.salary * 2, Category::Transfer, "Savings elsewhere", "Opening transfer");
    for number in 0..=DAYS_OF_HISTORY {
        let day = first_day + number;
        match number % 30 {
            1 => add(day, customer.salary, Category::Transfer, "Acme Works", "Salary"),
            3 => add(day, -customer.rent, Category::Transfer, "Hillside Homes", "Rent"),
            28 => add(day, customer.salary / 400, Category::Interest, "Florin", "Interest"),
            _ => {}
        }
        if number % 3 == 2 {
            let basket = customer.groceries + i64::from(number % 7) * customer.groceries / 10;
            add(day, -basket, Category::Transfer, "Corner Market", "Groceries");
        }
        if number % 21 == 10 {
            add(day, -customer.groceries, Category::Cash, "", "Cash machine");
        }
    }
    rows
}
