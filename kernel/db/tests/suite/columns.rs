//! Rows that are bound and read by the names of their columns.

use crate::migration;
use db::{BankTime, Date, DbError, Executor as _, IfLegible, Migration, Select, Write, columns, fields, params};
use ids::AccountId;
use money::{Currency, Money};

const MIGRATIONS: [Migration; 1] = [migration(
    1,
    "CREATE TABLE testkit_payment (\n    id UUID NOT NULL PRIMARY KEY,\n    colour TEXT NOT NULL,\n    amount_minor BIGINT,\n    \
     currency TEXT,\n    paid_by BYTEA,\n    paid_on DATE,\n    paid_at TIMESTAMPTZ,\n    is_late BOOLEAN NOT NULL\n);",
)];

#[derive(Clone, Debug, PartialEq)]
enum Colour {
    Red,
    Blue,
}

fields! {
    Text: Colour, |word| [Colour::Red, Colour::Blue].into_iter().find(|colour| colour.word() == word),
        |colour| colour.word();
}

impl Colour {
    fn word(&self) -> &'static str {
        if *self == Self::Red { "RED" } else { "BLUE" }
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Paid {
    by: [u8; 2],
    on: Option<Date>,
    at: BankTime,
}

columns! {
    #[derive(Clone, Debug, PartialEq)]
    struct Payment { id: AccountId, colour: Colour, money: Option<Money> = "*", paid: Option<Paid> = "paid_*", is_late: bool }
    Paid { by as By, on, at }
}

struct By([u8; 2]);

fields! {
    Bytes: By, |bytes| bytes.try_into().ok().map(By), |by| by.0.to_vec();
}

impl From<[u8; 2]> for By {
    fn from(by: [u8; 2]) -> Self {
        Self(by)
    }
}

impl From<By> for [u8; 2] {
    fn from(By(by): By) -> Self {
        by
    }
}

// They are outside of the registry, because what is wrong with some of them is the subject.
static INSERT: Write<Payment> = Write::new("INSERT", "INSERT INTO testkit_payment ({columns}) VALUES ({values})");
static PAINT: Write<Payment> = Write::new("PAINT", "UPDATE testkit_payment SET colour = $colour WHERE id = $id");
static SELECT: Select<Payment> = Select::new("SELECT", "SELECT {columns} FROM testkit_payment ORDER BY id");
static COUNT: Select<i64> = Select::new("COUNT", "SELECT COUNT(*) FROM testkit_payment");
static IDS: Select<AccountId> = Select::new("IDS", "SELECT id FROM testkit_payment");
static TOO_MANY: Select<AccountId> = Select::new("TOO_MANY", "SELECT id, colour FROM testkit_payment");
static OTHER_TYPE: Select<(AccountId, String)> = Select::new("OTHER_TYPE", "SELECT id, is_late FROM testkit_payment");
static BEHIND: Select<(Payment, i64)> =
    Select::new("BEHIND", "SELECT {p.columns}, 7 + CAST($1 AS BIGINT) FROM testkit_payment p ORDER BY p.id");
static SPOILT: Select<(IfLegible<Colour>, IfLegible<i64>)> =
    Select::new("SPOILT", "SELECT currency, amount_minor FROM testkit_payment");

fn payment(paid: Option<Paid>) -> Payment {
    let money = paid.is_some().then(|| Money::new(1_250, Currency::parse("USD").unwrap()));
    Payment { id: AccountId::generate(), colour: Colour::Red, money, paid, is_late: false }
}

#[test]
fn what_is_written_by_name_comes_back() {
    testkit::on_each_engine(&MIGRATIONS, async |db| {
        let at = BankTime::from_unix_micros(1_767_225_600_000_000);
        let first = payment(Some(Paid { by: [1, 2], on: Some(at.date()), at }));
        let second = payment(None);
        let tx = db.begin().await.unwrap();
        assert_eq!(tx.execute_rows(&INSERT, [first.clone(), second.clone()]).await, Ok(2));
        // An update takes what it names, and leaves the rest alone.
        let painted = Payment { colour: Colour::Blue, is_late: true, money: None, ..first.clone() };
        assert_eq!(tx.execute_rows(&PAINT, [painted]).await, Ok(1));
        tx.commit().await.unwrap();
        let blue = Payment { colour: Colour::Blue, ..first };
        assert_eq!(db.query_as(&SELECT, params![]).await.unwrap(), [blue.clone(), second]);
        assert_eq!(db.query_optional(&BEHIND, params![5_i64]).await.unwrap(), Some((blue, 12)));
        assert_eq!(db.query_one(&COUNT, params![]).await, Ok(2));
        assert!(matches!(db.query_one(&IDS, params![]).await, Err(DbError::Internal(_))));
    });
}

#[test]
fn other_columns_than_are_read_are_noticed_before_and_when_a_row_comes() {
    testkit::on_each_engine(&MIGRATIONS, async |db| {
        let tx = db.begin().await.unwrap();
        tx.execute_rows(&INSERT, [payment(None)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.prepare(SELECT.statement()).await, Ok(()));
        assert!(matches!(db.prepare(TOO_MANY.statement()).await, Err(DbError::Internal(_))));
        assert!(matches!(db.query_as(&TOO_MANY, params![]).await, Err(DbError::Internal(_))));
        assert!(matches!(db.query_as(&OTHER_TYPE, params![]).await, Err(DbError::Internal(_))));
        // SQLite knows of no column's type before there is a value.
        let is_prepared = db.prepare(OTHER_TYPE.statement()).await.is_ok();
        assert_eq!(is_prepared, db.engine() == db::Engine::Sqlite);
    });
}

#[test]
fn what_is_spoilt_is_an_error_or_absent_where_somebody_looks_for_it() {
    testkit::on_each_engine(&MIGRATIONS, async |db| {
        let at = BankTime::from_unix_micros(0);
        for spoilt in ["amount_minor = NULL", "paid_by = NULL", "colour = 'GREEN'", "currency = 'XXQ'"] {
            let tx = db.begin().await.unwrap();
            tx.execute_rows(&INSERT, [payment(Some(Paid { by: [0, 0], on: None, at }))]).await.unwrap();
            tx.query_one(&SELECT, params![]).await.unwrap();
            tx.run_script(&format!("UPDATE testkit_payment SET {spoilt}")).await.unwrap();
            assert!(matches!(tx.query_as(&SELECT, params![]).await, Err(DbError::Internal(_))), "{spoilt}");
            let (currency, minor) = tx.query_one(&SPOILT, params![]).await.unwrap();
            assert_eq!((currency, minor.0.is_none()), (IfLegible(None), spoilt.starts_with("amount")));
            tx.rollback().await.unwrap();
        }
    });
}
