//! `verify` names what somebody changed who may change every row; and where all rows were changed alike, a head that was kept elsewhere
//! convicts them.

use super::{KEY, append, event, follow, migrations, open, signed};
use audit::verify::{AuditReport, Given, Kept, Keys, verify};
use db::{Db, Engine};
use merkle::TILE_WIDTH;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const EVENTS: usize = 600;

/// A log with some heads on the way, and the last of them.
async fn grown(db: &Db) -> String {
    // Each look at the clock is eleven minutes later: every head is kept for good.
    let looks = AtomicI64::new(0);
    let clock: db::Clock =
        Arc::new(move || db::WallTime::now().plus_seconds(looks.fetch_add(1, Ordering::SeqCst) * 660));
    let audit = audit::Audit::open(db, clock, super::ORIGIN, &KEY).await.unwrap();
    let running = follow(db, &audit).await;
    for part in 1..=6 {
        append(db, (0..EVENTS / 6).map(|_| event("auth.logged_in")).collect()).await;
        signed(&audit, part * 100 + 1).await;
    }
    running.stop().await;
    audit.checkpoint().await.unwrap().note
}

pub(crate) async fn report(db: &Db, given: Given) -> AuditReport {
    let snapshot = db.snapshot().await.unwrap();
    verify(&snapshot, &given, |_| ()).await.unwrap()
}

fn own() -> Given {
    Given { keys: Keys { own: Some(KEY), published: Vec::new(), replaced: None }, ..Given::default() }
}

fn kept(note: &str) -> Given {
    Given { kept: vec![Kept { place: "kept.txt".to_owned(), note: note.to_owned() }], ..own() }
}

/// As somebody who owns the tables does it, past the triggers.
pub(crate) async fn tamper(db: &Db, sql: &str) {
    let tx = db.begin().await.unwrap();
    let tables = ["audit_leaf", "audit_part", "audit_key", "audit_checkpoint", "audit_segment"];
    let unguarded = match db.engine() {
        Engine::Postgres => tables.map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER USER;")).concat(),
        Engine::Sqlite => tables
            .iter()
            .flat_map(|table| {
                ["no_update", "no_delete", "no_replace"].map(|end| format!("DROP TRIGGER IF EXISTS {table}_{end};"))
            })
            .collect(),
    };
    tx.run_script(&format!("{unguarded} {sql}")).await.unwrap();
    tx.commit().await.unwrap();
}

/// SQL for the bytes of a column with one text in them put in the place of another.
fn replaced(engine: Engine, column: &str, old: &str, new: &str) -> String {
    match engine {
        Engine::Postgres => format!("convert_to(replace(convert_from({column}, 'UTF8'), '{old}', '{new}'), 'UTF8')"),
        Engine::Sqlite => format!("CAST(replace(CAST({column} AS TEXT), '{old}', '{new}') AS BLOB)"),
    }
}

fn zeroes(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "decode(repeat('00', 32), 'hex')",
        Engine::Sqlite => "zeroblob(32)",
    }
}

type Changes = Vec<(String, Vec<&'static str>)>;

fn of(sql: &str, told: &[&'static str]) -> (String, Vec<&'static str>) {
    (sql.to_owned(), told.to_vec())
}

/// What is changed, and what of it is told.
fn changes(engine: Engine) -> Changes {
    [changes_of_leaves(engine), changes_of_heads(engine)].concat()
}

fn changes_of_leaves(engine: Engine) -> Changes {
    let zeroes = zeroes(engine);
    let entry = replaced(engine, "entry", "auth.logged_in", "auth.logged_on");
    let swap = |table: &str| {
        format!(
            "UPDATE {table} SET leaf_index = 900 WHERE leaf_index = 310;
             UPDATE {table} SET leaf_index = 310 WHERE leaf_index = 311;
             UPDATE {table} SET leaf_index = 311 WHERE leaf_index = 900;"
        )
    };
    vec![
        of(
            &format!("UPDATE audit_leaf SET entry = {entry} WHERE leaf_index = 310"),
            &[
                "has the hash that stands beside it: audit_leaf 310 (evt_",
                "audit_checkpoint 401: of audit_leaf 301 to 400",
            ],
        ),
        of(
            &format!("UPDATE audit_leaf SET hash = {zeroes} WHERE leaf_index = 310"),
            &["has the hash that stands beside it: audit_leaf 310 (evt_"],
        ),
        of(
            "UPDATE audit_payload SET payload = replace(payload, 'ann', 'eve') WHERE leaf_index = 310",
            &["has the payload that it has a hash of: audit_payload 310, of audit_leaf 310 (evt_"],
        ),
        of("UPDATE audit_payload SET salt = NULL, payload = NULL WHERE leaf_index = 310", &["audit_payload 310, of "]),
        of("DELETE FROM audit_payload WHERE leaf_index = 310", &["audit_payload 310, of "]),
        of(
            "UPDATE audit_leaf SET kind = 'auth.logged_out' WHERE leaf_index = 310",
            &["(evt_", "310", "its kind is not"],
        ),
        of("UPDATE audit_leaf SET actor_user_id = subject_id WHERE leaf_index = 310", &["its actor_user_id is not"]),
        of("DELETE FROM audit_leaf WHERE leaf_index = 310", &["no gaps", "audit_leaf 310, which is missing"]),
        of(
            &(swap("audit_leaf") + &swap("audit_payload")),
            &["audit_leaf 310 (evt_", "the stream has evt_", "audit_checkpoint 401: of audit_leaf 301 to 400"],
        ),
    ]
}

fn changes_of_heads(engine: Engine) -> Changes {
    let zeroes = zeroes(engine);
    vec![
        of(&format!("UPDATE audit_part SET hash = {zeroes} WHERE part_index = 1"), &["audit_part 1 of level 8"]),
        of("DELETE FROM audit_part WHERE part_index = 1", &["audit_part 1 of level 8"]),
        of(&format!("INSERT INTO audit_part VALUES (8, 9, {zeroes})"), &["audit_part has 3 rows, and 2 belong to 601"]),
        of(&format!("UPDATE audit_head SET root = {zeroes}"), &["audit_head, of 601 leaves"]),
        of(
            "UPDATE audit_head SET size = size - 1",
            &["audit_leaf 600, behind the end at 600", "audit_checkpoint 601: it is of 601 leaves, and there are 600"],
        ),
        of(
            &format!("UPDATE audit_checkpoint SET root = {zeroes} WHERE size = 301"),
            &["audit_checkpoint 301, which is not as its key signed it"],
        ),
        of(
            "UPDATE audit_checkpoint SET size = 302 WHERE size = 301",
            &["audit_checkpoint 302, which is not as its key signed it"],
        ),
        of("UPDATE audit_key SET vkey = replace(vkey, '+', '-')", &["signed with the bank's own key", "audit_key 1"]),
    ]
}

pub(crate) fn told(report: &AuditReport) -> String {
    report.findings.iter().map(|found| format!("{}: {}\n", found.rule, found.row)).collect()
}

#[test]
fn what_was_changed_is_named() {
    testkit::on_each_engine(&migrations(), async |db| {
        let note = grown(&db).await;
        let right = report(&db, kept(&note)).await;
        assert_eq!((right.size, right.leaves, right.signed), (601, 601, 601));
        assert!(right.heads >= 7, "{right:?}");
        assert_eq!(right.findings, []);
    });
    // Each in a log of its own: the next change is to be found by itself.
    for number in 0..changes(Engine::Sqlite).len() {
        testkit::on_each_engine(&migrations(), async |db| {
            grown(&db).await;
            let (sql, named) = changes(db.engine()).swap_remove(number);
            tamper(&db, &sql).await;
            let told = told(&report(&db, own()).await);
            for name in named {
                assert!(told.contains(name), "{sql}:\n{told}");
            }
        });
    }
}

#[test]
fn an_event_that_is_lost_is_named() {
    testkit::on_each_engine(&migrations(), async |db| {
        grown(&db).await;
        let tx = db.begin().await.unwrap();
        let event = outbox::numbered_after(&tx, 0, 311).await.unwrap().pop().unwrap();
        let number = outbox::number_of(&tx, event.id).await.unwrap().unwrap();
        outbox::forget_in_tx(&tx, &[number]).await.unwrap();
        tx.commit().await.unwrap();
        let told = told(&report(&db, own()).await);
        assert!(told.contains("in their order: the event at position 311 is not there"), "{told}");
    });
}

#[test]
fn from_a_leaf_on_only_what_is_behind_it_is_hashed_anew() {
    testkit::on_each_engine(&migrations(), async |db| {
        let note = grown(&db).await;
        for from in [1, 255, TILE_WIDTH, 300, 600, 601, 9_999] {
            let report = report(&db, Given { from, ..kept(&note) }).await;
            assert_eq!((report.leaves, told(&report)), (601_u64.saturating_sub(from), String::new()), "{from}");
        }
        let entry = replaced(db.engine(), "entry", "auth.logged_in", "auth.logged_on");
        tamper(&db, &format!("UPDATE audit_leaf SET entry = {entry} WHERE leaf_index = 310")).await;
        assert_eq!(report(&db, Given { from: 311, ..kept(&note) }).await.findings, []);
        assert!(!report(&db, Given { from: 310, ..kept(&note) }).await.findings.is_empty());
        // What is stored of the leaves before is not taken for granted either: it has to lead to the head.
        let zeroes = zeroes(db.engine());
        tamper(&db, &format!("UPDATE audit_leaf SET hash = {zeroes} WHERE leaf_index = 310")).await;
        let told = told(&report(&db, Given { from: 320, ..kept(&note) }).await);
        assert!(told.contains("kept.txt: of audit_leaf 320 to 600"), "{told}");
    });
}

#[test]
fn a_history_that_was_rewritten_alike_everywhere_is_convicted_by_a_head_that_was_kept() {
    testkit::on_each_engine(&migrations(), async |db| {
        let note = grown(&db).await;
        // The same bank with the same key, where all that stands in the database was made anew, heads too.
        let database = testkit::TestDatabase::create(db.engine()).await;
        let another = database.open(&migrations()).await;
        grown(&another).await;
        assert_eq!(report(&another, own()).await.findings, [], "it agrees with itself");
        let told_of = told(&report(&another, kept(&note)).await);
        assert!(told_of.contains("kept elsewhere: kept.txt: of audit_leaf 0 to 600 one was altered"), "{told_of}");
        // Nor is a head taken for one that another key signed, or that was published by nobody.
        let foreign =
            Given { keys: Keys { own: Some([9; 32]), published: Vec::new(), replaced: None }, ..Given::default() };
        assert!(told(&report(&db, foreign).await).contains("audit_key 1: it is not the key in its file"));
        let vkey = open(&db).await.vkey();
        let keys = |vkey: &str| Keys { own: None, published: vec![vkey.to_owned()], replaced: None };
        assert_eq!(report(&db, Given { keys: keys(&vkey), ..Given::default() }).await.findings, []);
        let other =
            merkle::SignerKey::new("bank.example/audit", ed25519_dalek::SigningKey::from_bytes(&[9; 32])).unwrap();
        let told_of = told(&report(&db, Given { keys: keys(&other.verifier().text()), ..kept(&note) }).await);
        assert!(told_of.contains("audit_key 1, bank.example/audit+"), "{told_of}");
        assert!(told_of.contains("kept.txt, which no key of the log signed"), "{told_of}");
    });
}

#[test]
fn a_log_that_was_cut_or_put_back_from_an_old_copy_is_convicted() {
    testkit::on_each_engine(&migrations(), async |db| {
        let note = grown(&db).await;
        tamper(
            &db,
            "DELETE FROM audit_checkpoint WHERE size > 501; DELETE FROM audit_leaf WHERE leaf_index > 500;
             DELETE FROM audit_payload WHERE leaf_index > 500; DELETE FROM audit_part WHERE part_index > 0;
             UPDATE audit_head SET size = 501, root = (SELECT root FROM audit_checkpoint WHERE size = 501)",
        )
        .await;
        let told = told(&report(&db, kept(&note)).await);
        assert!(told.contains("kept.txt: it is of 601 leaves, and there are 501"), "{told}");
        assert!(told.contains("of the stream, which is not in the log"), "{told}");
    });
}

#[test]
fn a_key_that_was_replaced_vouches_for_its_own_heads_only() {
    testkit::on_each_engine(&migrations(), async |db| {
        grown(&db).await;
        let clock: db::Clock = std::sync::Arc::new(db::WallTime::now);
        let other = audit::Audit::open(&db, clock, super::ORIGIN, &[8; 32]).await.unwrap();
        let running = follow(&db, &other).await;
        append(&db, vec![event("auth.logged_in")]).await;
        signed(&other, 603).await;
        running.stop().await;
        let with =
            |own| Given { keys: Keys { own: Some(own), published: Vec::new(), replaced: None }, ..Given::default() };
        assert_eq!(report(&db, with([8; 32])).await.findings, []);
        assert!(!report(&db, with(KEY)).await.findings.is_empty(), "the key of before signs no more");
        // A head that the new key did not sign is not taken for one of its own, nor one that it signed for one of before.
        tamper(&db, "UPDATE audit_checkpoint SET key_number = 2 WHERE size = 301").await;
        let told = told(&report(&db, with([8; 32])).await);
        assert!(told.contains("audit_checkpoint 301, which is not as its key signed it"), "{told}");
    });
}

#[test]
fn a_key_that_was_replaced_signs_until_the_next_start_and_a_strangers_does_not() {
    testkit::on_each_engine(&migrations(), async |db| {
        grown(&db).await;
        let (now, new) = (db::WallTime::now(), [8; 32]);
        let said = audit::replacement(&db, &new, now).await.unwrap().unwrap();
        let with = |own, said: &str, now| Given {
            keys: Keys { own: Some(own), published: Vec::new(), replaced: Some((said.to_owned(), now)) },
            ..Given::default()
        };
        let is_right = async |given| report(&db, given).await.findings.is_empty();
        assert!(is_right(with(new, &said, now.plus_seconds(3_600))).await, "until servers are started anew");
        assert!(!is_right(with(new, &said, now.plus_seconds(25 * 3_600))).await, "a day is enough for that");
        assert!(!is_right(with(new, &said, now.plus_seconds(-60))).await, "it is of another time");
        assert!(!is_right(with([9; 32], &said, now)).await, "another key said so");
        for forged in ["", "5", "x y", &said.replace(' ', " 0"), &said[..said.len() - 2]] {
            assert!(!is_right(with(new, forged, now)).await, "{forged}");
        }
        // The same words do not vouch for a key that somebody puts in the place of the one before.
        let stranger = merkle::SignerKey::new(super::ORIGIN, ed25519_dalek::SigningKey::from_bytes(&[9; 32])).unwrap();
        tamper(&db, &format!("UPDATE audit_key SET vkey = '{}'", stranger.verifier().text())).await;
        let told = told(&report(&db, with(new, &said, now)).await);
        assert!(told.contains("audit_key 1: it is not the key in its file"), "{told}");
    });
}
