//! Whoever gets past the database's own refusal is found: each kind of tampering is seen, and the row is named.

use crate::database::books::{Books, on_each_engine};
use db::Engine;
use ledger::VerifyReport;

/// Tampers with fresh books, and expects the findings to name exactly these rows.
fn finds(tampering: &str, expected: impl Fn(&Books) -> Vec<String>) {
    on_each_engine(async |books| {
        disarm(&books).await;
        books.run(tampering).await.unwrap();
        let mut expected = expected(&books);
        expected.sort();
        assert_eq!(rows_found(&books).await, expected, "{tampering}");
    });
}

async fn verify(books: &Books) -> VerifyReport {
    ledger::verify(&books.db, |_| ()).await.unwrap()
}

async fn rows_found(books: &Books) -> Vec<String> {
    let mut rows: Vec<String> = verify(books).await.findings.into_iter().map(|finding| finding.row).collect();
    rows.sort();
    rows
}

/// Drops what refuses changes, as somebody with the rights of the owner could.
async fn disarm(books: &Books) {
    let triggers: &[&str] = match books.db.engine() {
        Engine::Postgres => &["append_only", "no_truncate"],
        Engine::Sqlite => &["no_update", "no_delete", "no_replace"],
    };
    for table in ["ledger_entry", "ledger_posting"] {
        for trigger in triggers {
            let place = if books.db.engine() == Engine::Postgres { format!(" ON {table}") } else { String::new() };
            books.run(&format!("DROP TRIGGER {table}_{trigger}{place}")).await.unwrap();
        }
    }
}

fn posting(number: i64, account: ids::AccountId) -> String {
    format!("posting {number} of account {account}")
}

fn account(id: ids::AccountId) -> String {
    format!("account {id}")
}

/// The hold of so many cents.
fn hold(books: &Books, minor: i64) -> String {
    let mut placed = books.written.iter().flat_map(|changes| &changes.new_holds);
    format!("hold {}", placed.find(|hold| hold.amount_minor == minor).unwrap().id)
}

fn payment(books: &Books) -> String {
    format!("entry {}", books.payment)
}

#[test]
fn untouched_books_are_right() {
    on_each_engine(async |books| {
        let report = verify(&books).await;
        let accounts = 2 + ledger::ChartCode::own_lines().count() as u64;
        assert_eq!((report.entries, report.postings, report.accounts, report.holds), (5, 10, accounts, 5));
        assert_eq!(report.findings, []);
    });
}

#[test]
fn empty_books_are_right() {
    testkit::on_each_engine(ledger::MIGRATIONS, async |db| {
        assert_eq!(ledger::verify(&db, |_| ()).await, Ok(VerifyReport::default()));
    });
}

#[test]
fn a_changed_amount_is_found() {
    finds("UPDATE ledger_posting SET amount_minor = 1235 WHERE amount_minor = 1234", |books| {
        vec![posting(2, books.bob), account(books.bob), payment(books)]
    });
}

#[test]
fn a_changed_amount_with_balances_to_match_is_found_by_its_entry() {
    finds(
        "UPDATE ledger_posting SET amount_minor = 1235, balance_minor = 6235 WHERE amount_minor = 1234;
         UPDATE ledger_account SET posted_minor = 6235 WHERE posted_minor = 6234",
        |books| vec![payment(books)],
    );
}

#[test]
fn two_sides_changed_to_match_are_found_by_the_histories() {
    finds("UPDATE ledger_posting SET amount_minor = amount_minor / 2 WHERE amount_minor IN (1234, -1234)", |books| {
        let first = books.ann.min(books.bob);
        vec![posting(2, first), account(first)]
    });
}

#[test]
fn a_changed_running_balance_is_found() {
    finds("UPDATE ledger_posting SET balance_minor = 6235 WHERE balance_minor = 6234", |books| {
        vec![posting(2, books.bob)]
    });
}

#[test]
fn a_posting_deleted_from_the_middle_is_found_by_the_gap() {
    finds("DELETE FROM ledger_posting WHERE amount_minor = -1234", |books| {
        vec![posting(2, books.ann), account(books.ann), payment(books)]
    });
}

#[test]
fn a_deleted_last_posting_is_found() {
    finds("DELETE FROM ledger_posting WHERE amount_minor = 1234", |books| vec![account(books.bob), payment(books)]);
}

#[test]
fn reordered_postings_are_found() {
    finds(
        "UPDATE ledger_posting SET sequence = 100 WHERE amount_minor = -1234;
         UPDATE ledger_posting SET sequence = 2 WHERE amount_minor = -250;
         UPDATE ledger_posting SET sequence = 3 WHERE amount_minor = -1234",
        |books| vec![posting(2, books.ann)],
    );
}

#[test]
fn a_posting_moved_to_another_entry_is_found() {
    finds(
        "UPDATE ledger_posting SET entry_id = (SELECT id FROM ledger_entry WHERE description LIKE '11 %')
         WHERE amount_minor = 1234",
        |books| vec![payment(books)],
    );
}

#[test]
fn a_forged_posting_is_found() {
    finds(
        "INSERT INTO ledger_posting SELECT account_id, 3, entry_id, currency, 99, 6333, value_date, booked_at,
             is_late FROM ledger_posting WHERE amount_minor = 1234",
        |books| vec![account(books.bob), payment(books)],
    );
}

#[test]
fn a_deleted_entry_is_found() {
    finds("DELETE FROM ledger_entry WHERE description LIKE '1234 %'", |books| vec![payment(books)]);
}

#[test]
fn an_entry_without_its_postings_is_found() {
    finds("DELETE FROM ledger_posting WHERE amount_minor IN (11, -11)", |books| {
        let deposit = books.written.last().unwrap().entries[0].id;
        vec![account(books.ann.min(books.cash)), format!("entry {deposit}")]
    });
}

#[test]
fn a_changed_number_of_sides_is_found() {
    finds("UPDATE ledger_entry SET sides = 3 WHERE description LIKE '1234 %'", |books| vec![payment(books)]);
}

#[test]
fn a_changed_currency_of_a_posting_is_found() {
    finds("UPDATE ledger_posting SET currency = 'EUR' WHERE amount_minor = 1234", |books| {
        vec![posting(2, books.bob), payment(books)]
    });
    finds("UPDATE ledger_posting SET currency = 'EUR' WHERE amount_minor = 5000", |books| {
        let deposit = books.written[0].entries[1].id;
        vec![posting(1, books.bob), format!("entry {deposit}")]
    });
}

#[test]
fn a_changed_currency_of_an_account_is_found() {
    finds("UPDATE ledger_account SET currency = 'EUR' WHERE posted_minor = 6234", |books| vec![posting(1, books.bob)]);
}

#[test]
fn a_changed_date_is_found() {
    for date in ["value_date", "booked_at"] {
        let change = format!("UPDATE ledger_posting SET {date} = (SELECT MAX(opened_at) FROM ledger_account)");
        finds(&format!("{change} WHERE amount_minor = 1234"), |books| vec![payment(books)]);
    }
}

#[test]
fn a_changed_balance_or_count_of_an_account_is_found() {
    for change in ["posted_minor = 6235", "sequence = 3"] {
        let tampering = format!("UPDATE ledger_account SET {change} WHERE posted_minor = 6234");
        finds(&tampering, |books| vec![account(books.bob)]);
    }
}

#[test]
fn a_deleted_account_is_found_by_its_postings_and_holds() {
    finds("DELETE FROM ledger_account WHERE posted_minor = 6234", |books| {
        vec![posting(1, books.bob), format!("{}, which is missing", account(books.bob))]
    });
}

#[test]
fn a_changed_held_amount_is_found() {
    finds("UPDATE ledger_account SET held_minor = 0 WHERE held_minor = 705", |books| vec![account(books.ann)]);
}

#[test]
fn a_changed_or_deleted_hold_is_found() {
    for tampering in [
        "UPDATE ledger_hold SET amount_minor = 701 WHERE amount_minor = 700",
        "DELETE FROM ledger_hold WHERE amount_minor = 5",
    ] {
        finds(tampering, |books| vec![account(books.ann)]);
    }
}

#[test]
fn a_hold_that_ended_without_a_time_or_twice_is_found() {
    finds("UPDATE ledger_hold SET status = 'RELEASED' WHERE amount_minor = 700", |books| {
        vec![account(books.ann), hold(books, 700)]
    });
    finds("UPDATE ledger_hold SET status = 'HELD' WHERE amount_minor = 300", |books| {
        vec![account(books.ann), hold(books, 300)]
    });
    for tampering in [
        "UPDATE ledger_hold SET status = 'EXPIRED' WHERE amount_minor = 300",
        "UPDATE ledger_hold SET captured_minor = 0 WHERE amount_minor = 300",
        "UPDATE ledger_hold SET closed_at = NULL WHERE amount_minor = 300",
    ] {
        finds(tampering, |books| vec![hold(books, 300)]);
    }
}

#[test]
fn an_account_in_another_line_of_the_chart_is_found() {
    for line in ["1000", "9999", "4100"] {
        let tampering = format!("UPDATE ledger_account SET chart_code = '{line}' WHERE posted_minor = 6234");
        finds(&tampering, |books| vec![account(books.bob)]);
    }
    for change in ["chart_code = '1100'", "chart_code = '2000'", "overdraft_limit_minor = 0"] {
        finds(&format!("UPDATE ledger_account SET {change} WHERE posted_minor < 0"), |books| vec![account(books.cash)]);
    }
}

#[test]
fn the_lines_of_the_chart_are_summed() {
    on_each_engine(async |books| {
        let lines = verify(&books).await.lines;
        let sums: Vec<_> =
            lines.iter().map(|line| (line.chart_code.as_str(), line.currency.as_str(), line.minor)).collect();
        assert_eq!(sums, [("1000", "USD", -14_761), ("2000", "USD", 14_761)]);
    });
}

#[test]
fn amounts_at_the_ends_of_their_range_are_found_and_do_not_stop_the_search() {
    for extreme in [i64::MAX, i64::MIN] {
        let of = |amount| format!("UPDATE ledger_posting SET amount_minor = {extreme} WHERE amount_minor = {amount}");
        finds(&of(1234), |books| vec![posting(2, books.bob), account(books.bob), payment(books)]);
        finds(&of(-1234), |books| vec![posting(2, books.ann), account(books.ann), payment(books)]);
        finds(&format!("UPDATE ledger_account SET posted_minor = {extreme} WHERE posted_minor = 6234"), |books| {
            vec![account(books.bob)]
        });
        finds(&format!("UPDATE ledger_posting SET balance_minor = {extreme} WHERE balance_minor = 5000"), |books| {
            vec![posting(1, books.bob)]
        });
    }
}

#[test]
fn a_sequence_or_hold_at_the_end_of_its_range_is_found() {
    let largest = i64::MAX;
    finds(&format!("UPDATE ledger_posting SET sequence = {largest} WHERE amount_minor = 1234"), |books| {
        vec![posting(2, books.bob)]
    });
    finds(&format!("UPDATE ledger_hold SET amount_minor = {largest} WHERE amount_minor = 700"), |books| {
        vec![account(books.ann)]
    });
}
