//! Whoever changes one table so that it still agrees with itself is found by the others, and the row is named.

use crate::common::{Bank, cents, deposit, dollars, hold, migrations, transfer};
use db::{Date, Engine};
use ids::{AccountId, TransactionId, UserId};
use ledger::ChartCode;
use money::Money;
use payments::history::{Category, Ending, HistoryRow, Import, import as import_history};
use payments::{Command, Hat, Order, TransactionType};
use testkit::on_each_engine;

/// One transaction of each kind. All amounts are different, so that a test can name a row by its amount.
struct Scene {
    bank: Bank,
    ann: AccountId,
    /// Ann pays Bob 7.77.
    payment: TransactionId,
    /// 5.00 are held, 4.00 were held and 3.00 of them taken, 2.50 were held and given back.
    pending: TransactionId,
    captured: TransactionId,
    released: TransactionId,
    /// 6.00, of which 1.01 and 1.02 were given back; 6.50, which the bank undid.
    refunded: TransactionId,
    reversed: TransactionId,
    imported: TransactionId,
}

async fn set(bank: Bank) -> Scene {
    let [user, other] = [(); 2].map(|()| UserId::generate());
    let (customer, receiver) = (Hat::Customer(user), Hat::Customer(other));
    let (ann, bob) = (bank.account(user, 10_000).await, bank.account(other, 0).await);
    bank.done(customer, deposit(ann, 11)).await;
    let payment = bank.done(customer, transfer(ann, bob, 777)).await.id;
    let [pending, captured, released] = [
        bank.done(customer, hold(ann, bob, 500)).await.id,
        bank.done(customer, hold(ann, bob, 400)).await.id,
        bank.done(customer, hold(ann, bob, 250)).await.id,
    ];
    bank.done(receiver, Command::Capture { transaction: captured, money: Some(cents(300)) }).await;
    bank.done(customer, Command::Release { transaction: released }).await;
    let refunded = bank.done(customer, transfer(ann, bob, 600)).await.id;
    for part in [101, 102] {
        bank.done(receiver, Command::Refund { transaction: refunded, money: Some(cents(part)) }).await;
    }
    let reversed = bank.done(customer, transfer(ann, bob, 650)).await.id;
    bank.done(Hat::Admin { user: UserId::generate(), is_fresh: true }, Command::Reverse { transaction: reversed })
        .await;
    adjust(&bank, (ann, user)).await;
    let imported = take_over(&bank).await;
    Scene { bank, ann, payment, pending, captured, released, refunded, reversed, imported }
}

async fn adjust(bank: &Bank, (account, holder): (AccountId, UserId)) {
    let order = Order {
        kind: TransactionType::Adjustment,
        source: ChartCode::Adjustments.own_account(dollars()),
        destination: account,
        money: cents(19),
        description: "put right".to_owned(),
        metadata: None,
    };
    bank.done(Hat::Bank, Command::Adjust { id: TransactionId::generate(), order, holder: Some(holder) }).await;
}

async fn take_over(bank: &Bank) -> TransactionId {
    let row = HistoryRow {
        line: 2,
        external_id: "row-2".to_owned(),
        account: "OLD-1".to_owned(),
        value_date: Date::parse("1993-01-02").unwrap(),
        money: Money::new(-1_993, dollars()),
        category: Category::Fee,
        counterparty: "somebody".to_owned(),
        description: "once upon a time".to_owned(),
    };
    let import = Import { owner: None, ending: Ending::Commit, clocks: &testkit::clocks() };
    import_history(&bank.db, std::iter::once(Ok(row)), &import, |_| ()).await.unwrap();
    let filter = payments::TransactionFilter {
        min_amount_minor: Some(1_993),
        max_amount_minor: Some(1_993),
        ..Default::default()
    };
    let page = payments::PageRequest { before: None, limit: 1 };
    bank.payments.transactions(None, &filter, page).await.unwrap().transactions.remove(0).id
}

/// Runs SQL that no module would, with the guards of the database taken away.
pub(crate) async fn tamper(bank: &Bank, script: &str) {
    let disarming = match bank.db.engine() {
        Engine::Postgres => {
            ["ledger_entry", "ledger_posting"].map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER USER"))
        }
        Engine::Sqlite => ["ledger_entry", "ledger_posting"].map(|table| {
            ["update", "delete", "replace"].map(|change| format!("DROP TRIGGER {table}_no_{change}")).join(";")
        }),
    };
    let tx = bank.db.begin().await.unwrap();
    tx.run_script(&format!("{}; {script}", disarming.join(";"))).await.unwrap();
    tx.commit().await.unwrap();
}

/// What a finding says, and of which row it says it.
type Expected = (&'static str, String);

/// Tampers with a fresh scene and expects exactly these findings, by the beginnings of rule and row.
fn finds(tampering: &str, expected: impl Fn(&Scene) -> Vec<Expected>) {
    on_each_engine(&migrations(), async |db| {
        let scene = set(Bank::open(db).await).await;
        tamper(&scene.bank, tampering).await;
        let findings = scene.bank.verify().await.findings;
        let expected = expected(&scene);
        let is_met = |(rule, row): &Expected| {
            findings.iter().any(|finding| finding.rule.starts_with(rule) && finding.row.starts_with(row))
        };
        assert!(
            expected.iter().all(is_met) && findings.len() == expected.len(),
            "{tampering}: {findings:#?}, {expected:?}"
        );
    });
}

fn entry(id: TransactionId) -> Expected {
    ("a transaction that settled", id.to_string())
}

fn held(id: TransactionId) -> Expected {
    ("a transaction that was held", id.to_string())
}

fn countered(id: TransactionId) -> Expected {
    ("a transaction knows what reversed it", id.to_string())
}

fn shape(id: TransactionId) -> Expected {
    ("a transaction has what belongs", id.to_string())
}

fn parties(id: TransactionId) -> Expected {
    ("a transaction's accounts", id.to_string())
}

fn answer(id: TransactionId) -> Expected {
    ("an answer that is kept tells", id.to_string())
}

#[test]
fn untouched_tables_agree() {
    on_each_engine(&migrations(), async |db| {
        let scene = set(Bank::open(db).await).await;
        let report = scene.bank.verify().await;
        assert_eq!(report.findings, []);
        // Two deposits, a payment, three holds, two refunds and a reversal with their originals, an adjustment, an import.
        assert_eq!((report.transactions, report.ledger.holds, report.ledger.entries), (13, 3, 11));
        // Each but the imported row has a key of its own, and so have the capture and the release.
        assert_eq!(report.answers, 15);
    });
}

#[test]
fn a_history_that_was_rewritten_to_agree_with_itself_is_found_by_its_transaction() {
    let moved = |amount: i64, by: i64| {
        format!(
            "UPDATE ledger_posting SET balance_minor = balance_minor + {by}
             WHERE account_id = (SELECT account_id FROM ledger_posting WHERE amount_minor = {amount})
               AND sequence >= (SELECT sequence FROM ledger_posting WHERE amount_minor = {amount});
             UPDATE ledger_account SET posted_minor = posted_minor + {by}
             WHERE id = (SELECT account_id FROM ledger_posting WHERE amount_minor = {amount});
             UPDATE ledger_posting SET amount_minor = amount_minor + {by} WHERE amount_minor = {amount};"
        )
    };
    let rewritten = moved(-777, -1_000) + &moved(777, 1_000);
    finds(&rewritten, |scene| {
        let (rule, row) = entry(scene.payment);
        vec![(rule, format!("{row}: it says 777 minor units, the ledger 1777"))]
    });
}

#[test]
fn an_amount_that_only_the_transaction_has_is_found() {
    finds("UPDATE payments_transaction SET amount_minor = 778 WHERE amount_minor = 777", |scene| {
        vec![entry(scene.payment), answer(scene.payment)]
    });
    finds("UPDATE payments_transaction SET amount_minor = 501 WHERE amount_minor = 500", |scene| {
        vec![held(scene.pending), answer(scene.pending)]
    });
    finds("UPDATE payments_transaction SET captured_minor = 299 WHERE captured_minor = 300", |scene| {
        vec![entry(scene.captured), held(scene.captured), answer(scene.captured)]
    });
}

#[test]
fn changed_parties_are_found() {
    let swapped = "UPDATE payments_transaction
                   SET source_account_id = destination_account_id, destination_account_id = source_account_id,
                       source_holder_id = destination_holder_id, destination_holder_id = source_holder_id";
    finds(&format!("{swapped} WHERE amount_minor = 777"), |scene| vec![entry(scene.payment), answer(scene.payment)]);
    finds(&format!("{swapped} WHERE amount_minor = 500"), |scene| vec![held(scene.pending), answer(scene.pending)]);
    for holder in ["source_holder_id = NULL", "destination_holder_id = source_holder_id"] {
        finds(&format!("UPDATE payments_transaction SET {holder} WHERE amount_minor = 777"), |scene| {
            vec![parties(scene.payment)]
        });
    }
    finds("UPDATE payments_transaction SET currency = 'EUR' WHERE amount_minor = 500", |scene| {
        vec![parties(scene.pending), answer(scene.pending)]
    });
}

#[test]
fn a_changed_status_is_found() {
    let to = |status: &str, amount: i64| {
        format!(
            "UPDATE payments_transaction SET status = '{status}' WHERE amount_minor = {amount} AND original_id IS NULL"
        )
    };
    finds(&to("CANCELLED", 777), |scene| vec![shape(scene.payment), entry(scene.payment), answer(scene.payment)]);
    finds(&to("REVERSED", 777), |scene| vec![shape(scene.payment)]);
    finds(&to("SETTLED", 650), |scene| vec![shape(scene.reversed), countered(scene.reversed)]);
    finds(&to("SETTLED", 500), |scene| vec![shape(scene.pending), entry(scene.pending), held(scene.pending)]);
    finds(&to("PENDING", 250), |scene| vec![held(scene.released), answer(scene.released)]);
    finds(&to("NONSENSE", 777), |scene| vec![shape(scene.payment), entry(scene.payment), answer(scene.payment)]);
}

#[test]
fn what_else_a_transaction_says_of_its_entry_is_compared() {
    let earlier = "(SELECT MIN(created_at) FROM payments_transaction)";
    for change in [
        "description = 'something else'".to_owned(),
        "type = 'FEE'".to_owned(),
        format!("settled_at = {earlier}"),
        "value_date = (SELECT MIN(value_date) FROM payments_transaction)".to_owned(),
        "source_balance_minor = source_balance_minor + 1".to_owned(),
        "destination_balance_minor = NULL".to_owned(),
    ] {
        let tampering = format!("UPDATE payments_transaction SET {change} WHERE amount_minor = 777");
        let is_told = ["type", "settled_at", "value_date"].iter().any(|column| change.starts_with(column));
        finds(&tampering, |scene| {
            let told = is_told.then(|| answer(scene.payment));
            std::iter::once(entry(scene.payment)).chain(told).collect()
        });
    }
    finds(&format!("UPDATE payments_transaction SET expires_at = {earlier} WHERE amount_minor = 500"), |scene| {
        vec![held(scene.pending), answer(scene.pending)]
    });
}

#[test]
fn dates_that_were_altered_alike_everywhere_are_found_by_the_answers_that_are_kept() {
    let day = "(SELECT MIN(value_date) FROM payments_transaction)";
    let payment = "(SELECT id FROM payments_transaction WHERE amount_minor = 777)";
    let everywhere = format!(
        "UPDATE ledger_posting SET value_date = {day} WHERE entry_id = {payment};
         UPDATE ledger_entry SET value_date = {day} WHERE id = {payment};
         UPDATE payments_transaction SET value_date = {day} WHERE amount_minor = 777"
    );
    finds(&everywhere, |scene| vec![answer(scene.payment)]);
    let time = "(SELECT MIN(created_at) FROM payments_transaction)";
    let everywhere = format!(
        "UPDATE ledger_hold SET expires_at = {time} WHERE amount_minor = 500;
         UPDATE payments_transaction SET expires_at = {time} WHERE amount_minor = 500"
    );
    finds(&everywhere, |scene| vec![answer(scene.pending)]);
    finds(&format!("UPDATE payments_transaction SET created_at = {time} WHERE amount_minor = 777"), |scene| {
        vec![answer(scene.payment)]
    });
}

#[test]
fn imported_rows_and_their_transactions_are_compared_in_both_directions() {
    let imported = |scene: &Scene| vec![("a row of an imported history", scene.imported.to_string())];
    finds("DELETE FROM payments_imported", imported);
    finds("UPDATE payments_imported SET external_id = 'another'", imported);
    finds(
        "UPDATE payments_imported SET transaction_id = (SELECT id FROM payments_transaction WHERE amount_minor = 777)",
        imported,
    );
}

#[test]
fn deleted_and_invented_transactions_are_found() {
    finds("DELETE FROM payments_transaction WHERE amount_minor = 777", |scene| {
        vec![entry(scene.payment), answer(scene.payment)]
    });
    finds("DELETE FROM payments_transaction WHERE amount_minor = 500", |scene| {
        vec![held(scene.pending), answer(scene.pending)]
    });
    finds("DELETE FROM payments_transaction WHERE amount_minor = 1993", |scene| {
        vec![entry(scene.imported), ("a row of an imported history", scene.imported.to_string())]
    });
    finds("DELETE FROM ledger_hold WHERE amount_minor = 400", |scene| vec![held(scene.captured)]);
}

#[test]
fn refunds_and_reversals_are_compared_with_what_they_undo() {
    // 1.01 and 1.02 of the 6.00 were given back.
    for minor in [202, 204] {
        let tampering = format!("UPDATE payments_transaction SET refunded_minor = {minor} WHERE amount_minor = 600");
        finds(&tampering, |scene| vec![countered(scene.refunded)]);
    }
    finds(
        "UPDATE payments_transaction SET refunded_minor = NULL, counter_id = NULL WHERE amount_minor = 600",
        |scene| vec![countered(scene.refunded)],
    );
    finds("UPDATE payments_transaction SET counter_id = NULL WHERE amount_minor = 600", |scene| {
        vec![shape(scene.refunded)]
    });
    finds("UPDATE payments_transaction SET counter_id = id WHERE amount_minor = 777", |scene| {
        vec![shape(scene.payment)]
    });
    finds("UPDATE payments_transaction SET counter_id = id, refunded_minor = 777 WHERE amount_minor = 777", |scene| {
        vec![countered(scene.payment)]
    });
    finds("UPDATE payments_transaction SET counter_id = id WHERE amount_minor = 650 AND type = 'TRANSFER'", |scene| {
        vec![countered(scene.reversed)]
    });
    // The refund of one is called that of another.
    finds(
        "UPDATE payments_transaction SET original_id = (SELECT id FROM payments_transaction WHERE amount_minor = 777)
         WHERE amount_minor = 102",
        |scene| vec![countered(scene.payment.min(scene.refunded))],
    );
    finds(
        "UPDATE payments_transaction SET original_id = (SELECT id FROM payments_transaction WHERE amount_minor = 777)
         WHERE type = 'REVERSAL'",
        |scene| vec![countered(scene.payment.min(scene.reversed))],
    );
}

#[test]
fn customers_accounts_are_compared_with_the_ledgers() {
    let account = |scene: &Scene| format!("account {}", scene.ann);
    let of_ann = "(SELECT source_account_id FROM payments_transaction WHERE amount_minor = 777)";
    let of_bob = "(SELECT destination_holder_id FROM payments_transaction WHERE amount_minor = 777)";
    finds(&format!("UPDATE accounts_account SET user_id = {of_bob} WHERE id = {of_ann}"), |scene| {
        vec![("an account has the same owner", account(scene))]
    });
    // Changed in both, the account is found by what it paid.
    finds(
        &format!(
            "UPDATE accounts_account SET user_id = {of_bob} WHERE id = {of_ann};
             UPDATE ledger_account SET holder_id = {of_bob} WHERE id = {of_ann}"
        ),
        |_| vec![("a transaction's accounts", String::new())],
    );
    finds(&format!("DELETE FROM accounts_account WHERE id = {of_ann}"), |scene| {
        vec![("every account in the ledger's line", account(scene))]
    });
    finds(&format!("UPDATE accounts_account SET number = 'XF00FLRN0000000000000000' WHERE id = {of_ann}"), |scene| {
        vec![("an account's number", account(scene))]
    });
    let cash = format!("account {}", ChartCode::Cash.own_account(dollars()));
    finds(
        "UPDATE accounts_account SET id = (SELECT source_account_id FROM payments_transaction WHERE amount_minor = 11)
         WHERE external_ref IS NOT NULL",
        |_| {
            vec![
                ("every customer's account is in the ledger", cash.clone()),
                ("every account in the ledger's line", "account acct_".to_owned()),
                ("an account's number", cash.clone()),
            ]
        },
    );
}

#[test]
fn kept_answers_are_compared_with_their_transactions() {
    on_each_engine(&migrations(), async |db| {
        let scene = set(Bank::open(db).await).await;
        let text = match scene.bank.db.engine() {
            Engine::Postgres => "convert_to('txn_x', 'UTF8')",
            Engine::Sqlite => "CAST('txn_x' AS BLOB)",
        };
        let unreadable = format!(
            "UPDATE payments_idempotency SET body = {text} WHERE created_at = (SELECT MAX(created_at) FROM payments_idempotency)"
        );
        tamper(&scene.bank, &unreadable).await;
        let findings = scene.bank.verify().await.findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].rule.contains("can be read"), "{findings:?}");
    });
}

#[test]
fn holds_that_ran_out_agree() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let user = UserId::generate();
        let (source, destination) = (bank.account(user, 1_000).await, bank.account(UserId::generate(), 0).await);
        bank.done(Hat::Customer(user), hold(source, destination, 300)).await;
        assert_eq!(bank.payments.expire_holds(testkit::bank_now().plus_seconds(7_200)).await, Ok(1));
        let report = bank.verify().await;
        assert_eq!((report.findings, report.transactions), (vec![], 2));
    });
}
