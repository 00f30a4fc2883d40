//! Mails are queued with what they tell, taken out by one worker at a time, tried again, and forgotten.

use db::{Db, DbError, Executor as _, Migration, WallTime, params, statements};
use ids::UserId;
use notifications::{
    Delivery, Language, Mail, NotificationsError, Outcome, claim_mails, enqueue_in_tx, purge, seal_waiting,
    settle_message,
};
use secrets::Secrets;
use std::sync::LazyLock;
use std::time::Duration;
use uuid::Uuid;

const START: WallTime = WallTime::from_unix_micros(1_767_225_600_250_000);

static SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::generate);

statements! {
    SELECT_MAILS -> (String, Option<Vec<u8>>, i64, Option<String>) = "SELECT status, sealed_body, attempts, failure FROM notifications_mail ORDER BY id";
    SELECT_PLAIN -> Option<String> = "SELECT body FROM notifications_mail ORDER BY id";
    INSERT_PLAIN =
        "INSERT INTO notifications_mail
             (id, user_id, kind, recipient, subject, body, status, attempts, next_attempt_at, useful_until, queued_at)
         VALUES ($1, $1, 'test', 'ann@example.com', 'earlier', 'a token', 'QUEUED', 0, $2, $3, $2)";
}

fn with_queue(body: impl AsyncFn(Db)) {
    let migrations: Vec<Migration> = [db::MIGRATIONS, outbox::MIGRATIONS, notifications::MIGRATIONS].concat();
    testkit::on_each_engine(&migrations, body);
}

fn mail(subject: &str) -> Mail {
    Mail {
        user_id: UserId::generate(),
        kind: "test",
        recipient: "ann@example.com".to_owned(),
        language: Language::German,
        subject: subject.to_owned(),
        body: "a token".to_owned(),
        useful_until: START.plus_seconds(24 * 60 * 60),
    }
}

async fn queue(db: &Db, mail: Mail) {
    let tx = db.begin().await.unwrap();
    enqueue_in_tx(&tx, &SECRETS, mail, START).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(db: &Db, seconds: i64) -> Vec<Delivery> {
    claim_mails(db, &SECRETS, 10, START.plus_seconds(seconds)).await.unwrap()
}

async fn settle(db: &Db, mail: &Delivery, outcome: Outcome, seconds: i64) {
    settle_message(db, mail, outcome, START.plus_seconds(seconds)).await.unwrap();
}

fn failed() -> Outcome {
    Outcome::Failed("the mail server is away".to_owned())
}

/// Status, what is left of the body, attempts, and the last failure of each mail.
async fn rows(db: &Db) -> Vec<(String, Option<Vec<u8>>, i64, Option<String>)> {
    db.query_as(&SELECT_MAILS, params![]).await.unwrap()
}

async fn event_kinds(db: &Db) -> Vec<String> {
    outbox::numbered_after(db, 0, 100).await.unwrap().into_iter().map(|event| event.kind).collect()
}

#[test]
fn a_mail_goes_out_only_if_what_it_tells_was_committed() {
    with_queue(async |db| {
        let tx = db.begin().await.unwrap();
        enqueue_in_tx(&tx, &SECRETS, mail("never"), START).await.unwrap();
        tx.rollback().await.unwrap();
        queue(&db, mail("told")).await;
        let claimed = claim(&db, 0).await;
        let subjects: Vec<&str> = claimed.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(subjects, ["told"]);
    });
}

#[test]
fn a_sent_mail_is_erased_and_never_handed_out_again() {
    with_queue(async |db| {
        queue(&db, mail("one")).await;
        let claimed = claim(&db, 0).await;
        assert_eq!((claimed[0].recipient.as_str(), claimed[0].body.as_str()), ("ann@example.com", "a token"));
        for _ in 0..2 {
            settle(&db, &claimed[0], Outcome::Sent, 1).await;
        }
        assert_eq!(rows(&db).await, [("SENT".to_owned(), None, 1, None)]);
        assert!(claim(&db, 24 * 60 * 60).await.is_empty());
        assert_eq!(event_kinds(&db).await, ["notifications.mail_sent"]);
    });
}

#[test]
fn a_mail_that_did_not_get_there_is_tried_again_after_a_wait() {
    with_queue(async |db| {
        queue(&db, mail("one")).await;
        settle(&db, &claim(&db, 0).await[0], failed(), 1).await;
        assert!(claim(&db, 2).await.is_empty(), "not at once");
        let again = claim(&db, 6).await;
        assert_eq!(again[0].body, "a token");
        settle(&db, &again[0], Outcome::Sent, 7).await;
        let [(status, body, attempts, _)] = &rows(&db).await[..] else { panic!("there is one mail") };
        assert_eq!((status.as_str(), body, *attempts), ("SENT", &None, 2));
    });
}

#[test]
fn a_worker_that_died_loses_the_mail_to_another_and_cannot_meddle_afterwards() {
    with_queue(async |db| {
        queue(&db, mail("one")).await;
        let died = claim(&db, 0).await;
        assert!(claim(&db, 119).await.is_empty(), "the lease has not run out");
        let other = claim(&db, 120).await;
        assert_eq!(other.len(), 1);
        settle(&db, &died[0], Outcome::Refused("late".to_owned()), 121).await;
        assert_eq!(rows(&db).await[0].0, "QUEUED");
        settle(&db, &other[0], Outcome::Sent, 122).await;
        assert_eq!(rows(&db).await[0].0, "SENT");
    });
}

#[test]
fn two_workers_at_once_never_get_the_same_mail() {
    with_queue(async |db| {
        for number in 0..40 {
            queue(&db, mail(&number.to_string())).await;
        }
        let mut subjects = Vec::new();
        for _ in 0..2 {
            let (one, other, third) = tokio::join!(claim(&db, 0), claim(&db, 0), claim(&db, 0));
            subjects.extend([one, other, third].into_iter().flatten().map(|mail| mail.subject));
        }
        for _ in 0..4 {
            subjects.extend(claim(&db, 0).await.into_iter().map(|mail| mail.subject));
        }
        let handed_out = subjects.len();
        subjects.sort_unstable();
        subjects.dedup();
        assert_eq!((handed_out, subjects.len()), (40, 40));
    });
}

#[test]
fn a_refused_mail_is_given_up_and_erased() {
    with_queue(async |db| {
        queue(&db, mail("one")).await;
        settle(&db, &claim(&db, 0).await[0], Outcome::Refused("no such mailbox".to_owned()), 1).await;
        assert_eq!(rows(&db).await, [("FAILED".to_owned(), None, 1, Some("no such mailbox".to_owned()))]);
        assert_eq!(event_kinds(&db).await, ["notifications.mail_given_up"]);
    });
}

#[test]
fn a_mail_whose_time_is_over_is_given_up_without_being_sent() {
    with_queue(async |db| {
        queue(&db, Mail { useful_until: START.plus_seconds(1800), ..mail("late") }).await;
        queue(&db, mail("in time")).await;
        let claimed = claim(&db, 1800).await;
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].subject, "in time");
        let rows = rows(&db).await;
        assert_eq!((rows[0].0.as_str(), &rows[0].1), ("FAILED", &None));
    });
}

#[test]
fn a_mail_server_that_stays_away_is_not_asked_forever() {
    with_queue(async |db| {
        queue(&db, Mail { useful_until: START.plus_seconds(365 * 24 * 60 * 60), ..mail("one") }).await;
        let mut attempts = 0;
        for hour in 0..100 {
            for mail in claim(&db, hour * 3600).await {
                settle(&db, &mail, failed(), hour * 3600).await;
                attempts += 1;
            }
        }
        assert_eq!(attempts, 20);
        assert_eq!(rows(&db).await[0].0, "FAILED");
    });
}

#[test]
fn mails_that_ended_are_forgotten_after_a_month_and_waiting_ones_are_not() {
    with_queue(async |db| {
        queue(&db, mail("sent")).await;
        settle(&db, &claim(&db, 0).await[0], Outcome::Sent, 0).await;
        queue(&db, mail("waiting")).await;
        let month = 30 * 24 * 60 * 60;
        assert_eq!(purge(&db, START.plus_seconds(month)).await, Ok(0));
        assert_eq!(purge(&db, START.plus_seconds(month + 1)).await, Ok(1));
        assert_eq!(rows(&db).await.len(), 1);
    });
}

#[test]
fn what_a_waiting_mail_says_is_sealed() {
    with_queue(async |db| {
        queue(&db, mail("one")).await;
        queue(&db, mail("two")).await;
        let sealed: Vec<Vec<u8>> = rows(&db).await.into_iter().map(|row| row.1.unwrap()).collect();
        assert!(sealed.iter().all(|body| !body.windows(7).any(|part| part == b"a token")), "{sealed:?}");
        assert_ne!(sealed[0], sealed[1], "the same words do not look the same");
        assert_eq!(plain_bodies(&db).await, [None, None]);
    });
}

#[test]
fn a_mail_that_an_earlier_version_queued_is_sealed_and_goes_out() {
    with_queue(async |db| {
        for _ in 0..2 {
            put_plain(&db).await;
        }
        let one = claim_mails(&db, &SECRETS, 1, START).await.unwrap();
        assert_eq!(one[0].body, "a token", "also before it is sealed");
        assert_eq!(seal_waiting(&db, &SECRETS).await, Ok(2));
        assert_eq!(seal_waiting(&db, &SECRETS).await, Ok(0));
        assert_eq!(plain_bodies(&db).await, [None, None]);
        settle(&db, &one[0], Outcome::Sent, 1).await;
        let other = claim(&db, 1).await;
        assert_eq!((other.len(), other[0].body.as_str()), (1, "a token"));
    });
}

#[test]
fn a_mail_of_another_key_waits_for_who_has_it() {
    with_queue(async |db| {
        queue(&db, mail("one")).await;
        let stranger = Secrets::generate();
        assert!(claim_mails(&db, &stranger, 10, START).await.unwrap().is_empty());
        let rows = rows(&db).await;
        assert_eq!((rows[0].0.as_str(), rows[0].3.as_deref()), ("QUEUED", Some("it was sealed with another key")));
        assert_eq!(claim(&db, 10).await[0].body, "a token");
    });
}

#[test]
fn nothing_is_sealed_with_a_key_that_was_replaced() {
    with_queue(async |db| {
        db::mark_once(&db, Secrets::MARK, &SECRETS.fingerprint()).await.unwrap();
        let tx = db.begin().await.unwrap();
        enqueue_in_tx(&tx, &SECRETS, mail("before"), START).await.unwrap();
        // Who replaces the key waits for those who are sealing with it.
        let replacing = {
            let db = db.clone();
            tokio::spawn(async move { db::replace_mark(&db, Secrets::MARK, "another").await })
        };
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!replacing.is_finished());
        tx.commit().await.unwrap();
        replacing.await.unwrap().unwrap();
        let tx = db.begin().await.unwrap();
        let refused = enqueue_in_tx(&tx, &SECRETS, mail("after"), START).await.unwrap_err();
        assert!(matches!(refused, NotificationsError::Store(DbError::Unavailable(_))), "{refused:?}");
        drop(tx);
        put_plain(&db).await;
        assert!(seal_waiting(&db, &SECRETS).await.is_err());
        assert_eq!(plain_bodies(&db).await, [None, Some("a token".to_owned())]);
    });
}

/// As an earlier version did.
async fn put_plain(db: &Db) {
    let tx = db.begin().await.unwrap();
    let row = params![Uuid::now_v7(), START, START.plus_seconds(24 * 60 * 60)];
    tx.execute(&INSERT_PLAIN, row).await.unwrap();
    tx.commit().await.unwrap();
}

async fn plain_bodies(db: &Db) -> Vec<Option<String>> {
    db.query_as(&SELECT_PLAIN, params![]).await.unwrap()
}
