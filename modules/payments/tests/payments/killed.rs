//! A process killed at each named point of the poster in the middle of a booking: asked for again, it happens once.

use crate::bookings::{INTEREST, booking};
use crate::common::{Bank, RULES, dollars, migrations};
use db::{BankTime, Db, Engine};
use ids::{AccountId, TransactionId, UserId};
use ledger::ChartCode;
use payments::{Booking, Payments};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use testkit::TestDatabase;

/// Where the other process finds what it has to book.
const URL: &str = "FLORIN_TEST_BOOKING_DATABASE";
const TASK: &str = "FLORIN_TEST_BOOKING";
/// What it says when it is about to.
const ABOUT_TO_BOOK: &str = "about to book";
/// How long nothing happens before the point counts as reached.
const HANGS_AFTER: Duration = Duration::from_secs(1);
/// The named points, and whether the booking is stored there.
const POINTS: [(&str, bool); 4] = [
    ("poster::after_load=pause", false),
    ("poster::after_decide=pause", false),
    ("poster::before_commit=pause", false),
    ("poster::after_commit=pause", true),
];

#[test]
fn killed_at_each_point_of_the_poster_a_booking_asked_for_again_happens_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for engine in testkit::engines() {
        for (point, is_committed) in POINTS {
            println!("{engine:?} {point}");
            runtime.block_on(die_and_book_again(engine, point, is_committed));
        }
    }
}

async fn die_and_book_again(engine: Engine, point: &str, is_committed: bool) {
    let database = TestDatabase::create(engine).await;
    let bank = Bank::open(database.open(&migrations()).await).await;
    let ann = bank.account(UserId::generate(), 1_000).await;
    drop(bank);
    let task = Task { id: TransactionId::generate(), ann };
    let mut other = start(&database.url, &task, point);
    let lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains(ABOUT_TO_BOOK)), "{point}: it did not come so far");
    tokio::time::sleep(HANGS_AFTER).await;
    assert!(other.try_wait().unwrap().is_none(), "{point} did not stop the booking");
    other.kill().unwrap();
    other.wait().unwrap();

    let bank = Bank::open(open(&database.url).await).await;
    bank.assert_sound().await;
    assert_eq!(bank.posted(ann).await, if is_committed { 1_005 } else { 1_000 }, "{point}");
    for _ in 0..2 {
        assert_eq!(bank.book(task.booking()).await.unwrap().id, task.id, "{point}");
        assert_eq!(bank.posted(ann).await, 1_005, "{point}");
    }
    bank.assert_sound().await;
}

/// The database, as soon as whoever had it open before has let go of it.
async fn open(url: &str) -> Db {
    for _ in 0..50 {
        if let Ok(db) = Db::open(url).await {
            return db;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{url} stays closed")
}

/// Ten cents of interest, half of which is kept as a fee.
struct Task {
    id: TransactionId,
    ann: AccountId,
}

impl Task {
    fn booking(&self) -> Booking {
        let [expense, fees] =
            [ChartCode::InterestExpense, ChartCode::FeeIncome].map(|line| line.own_account(dollars()));
        let millis = i64::try_from(self.id.unix_millis()).unwrap();
        let value_date = BankTime::from_unix_micros(millis * 1_000).date();
        Booking { id: self.id, value_date, ..booking(INTEREST, &[(self.ann, 5), (expense, -10), (fees, 5)]) }
    }

    /// As it is handed over to the other process.
    fn written(&self) -> String {
        format!("{} {}", self.id, self.ann)
    }

    fn read(text: &str) -> Self {
        let (id, ann) = text.split_once(' ').unwrap();
        Self { id: TransactionId::parse(id).unwrap(), ann: AccountId::parse(ann).unwrap() }
    }
}

fn start(url: &str, task: &Task, point: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", "killed::the_process_that_is_killed_while_it_books"]);
    command.env(URL, url).env(TASK, task.written()).env("FAILPOINTS", point);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
#[ignore = "it is the other process of the test above"]
fn the_process_that_is_killed_while_it_books() {
    let [Ok(url), Ok(task)] = [URL, TASK].map(std::env::var) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let db = open(&url).await;
        let bank = Bank { payments: Payments::start(db.clone(), testkit::clocks(), RULES), db };
        let _points = fail::FailScenario::setup();
        println!("{ABOUT_TO_BOOK}");
        bank.book(Task::read(&task).booking()).await.unwrap();
    });
}
