//! What the courier does with mails, and with mail servers that take them, refuse them, fail, or are away.

use crate::mail_server::{MailServer, Manner};
use courier_edge::{Courier, CourierError};
use db::{Clock, Db, Migration, WallTime};
use ids::UserId;
use notifications::{Language, Mail, enqueue_in_tx};
use secrets::Secrets;
use std::net::TcpListener;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

pub(crate) const START: WallTime = WallTime::from_unix_micros(1_767_225_600_250_000);
const SENDER: &str = "Florin <no-reply@bank.example>";
const SENT: &str = "notifications.mail_sent";
const GIVEN_UP: &str = "notifications.mail_given_up";

pub(crate) static SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::generate);

pub(crate) fn with_queue(body: impl AsyncFn(Db)) {
    let migrations: Vec<Migration> = [db::MIGRATIONS, outbox::MIGRATIONS, notifications::MIGRATIONS].concat();
    testkit::on_each_engine(&migrations, body);
}

async fn queue(db: &Db, recipient: &str) {
    let mail = Mail {
        user_id: UserId::generate(),
        kind: "test",
        recipient: recipient.to_owned(),
        language: Language::English,
        subject: "Grüße from the bank".to_owned(),
        body: "Dear Ann,\n.\nYour token is 42.\n".to_owned(),
        useful_until: START.plus_seconds(24 * 60 * 60),
    };
    let tx = db.begin().await.unwrap();
    enqueue_in_tx(&tx, &SECRETS, mail, START).await.unwrap();
    tx.commit().await.unwrap();
}

async fn deliver(courier: &Courier, db: &Db, seconds: i64) -> usize {
    let clock: Clock = Arc::new(move || START.plus_seconds(seconds));
    courier.deliver_due(db, &SECRETS, &clock).await.unwrap()
}

/// What became of the mails that are no longer waiting.
pub(crate) async fn ends(db: &Db) -> Vec<String> {
    let events = outbox::numbered_after(db, 0, 100).await.unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

#[test]
fn a_mail_arrives_whole_and_says_who_sent_it() {
    with_queue(async |db| {
        let server = MailServer::start(Manner::Take).await;
        let courier = Courier::smtp(&server.url(), SENDER).unwrap();
        queue(&db, "ann@example.com").await;
        assert_eq!((deliver(&courier, &db, 0).await, deliver(&courier, &db, 600).await), (1, 0));
        assert_eq!(ends(&db).await, [SENT]);
        let mails = server.mails();
        assert_eq!(mails.len(), 1);
        for part in ["<no-reply@bank.example>", "To: <ann@example.com>", "Your token is 42.", "Message-ID: <mail_"] {
            assert!(mails[0].contains(part), "{part} is missing in\n{}", mails[0]);
        }
    });
}

#[test]
fn mails_wait_while_the_mail_server_is_away_and_all_arrive_once_it_is_back() {
    with_queue(async |db| {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let courier = Courier::smtp(&format!("smtp://{address}"), SENDER).unwrap();
        for number in 0..20 {
            queue(&db, &format!("ann{number}@example.com")).await;
        }
        assert_eq!((deliver(&courier, &db, 0).await, deliver(&courier, &db, 1).await), (16, 4));
        assert!(ends(&db).await.is_empty());
        let server = MailServer::start_at(address, Manner::Take).await;
        assert_eq!((deliver(&courier, &db, 10).await, deliver(&courier, &db, 10).await), (16, 4));
        assert_eq!(ends(&db).await, [SENT; 20]);
        assert_eq!(server.mails().len(), 20);
    });
}

#[test]
fn a_mailbox_that_does_not_exist_is_not_tried_again() {
    with_queue(async |db| {
        let server = MailServer::start(Manner::AnswerRecipient("550 5.1.1 no such mailbox")).await;
        let courier = Courier::smtp(&server.url(), SENDER).unwrap();
        queue(&db, "nobody@example.com").await;
        deliver(&courier, &db, 0).await;
        assert_eq!(ends(&db).await, [GIVEN_UP]);
    });
}

#[test]
fn a_passing_failure_and_a_refused_login_are_tried_again() {
    with_queue(async |db| {
        for answer in ["451 4.3.0 try later", "530 5.7.0 authentication required"] {
            let server = MailServer::start(Manner::AnswerRecipient(answer)).await;
            let courier = Courier::smtp(&server.url(), SENDER).unwrap();
            queue(&db, "ann@example.com").await;
            assert!(deliver(&courier, &db, 0).await >= 1, "{answer}");
            assert!(ends(&db).await.is_empty(), "{answer}");
        }
    });
}

#[test]
fn a_mail_whose_taking_was_not_confirmed_is_sent_again_under_the_same_name() {
    with_queue(async |db| {
        let server = MailServer::start(Manner::TakeAndHangUp).await;
        let courier = Courier::smtp(&server.url(), SENDER).unwrap();
        queue(&db, "ann@example.com").await;
        deliver(&courier, &db, 0).await;
        deliver(&courier, &db, 10).await;
        let mails = server.mails();
        let name = |mail: &String| mail.lines().find(|line| line.starts_with("Message-ID")).map(ToOwned::to_owned);
        assert_eq!((mails.len(), name(&mails[0])), (2, name(&mails[1])));
    });
}

#[test]
fn a_server_elsewhere_that_cannot_encrypt_gets_nothing() {
    with_queue(async |db| {
        let server = MailServer::start(Manner::Take).await;
        let courier = Courier::smtp(&format!("{}?tls=required", server.url()), SENDER).unwrap();
        queue(&db, "ann@example.com").await;
        deliver(&courier, &db, 0).await;
        assert_eq!((server.mails().len(), ends(&db).await.len()), (0, 0));
    });
}

#[test]
fn an_address_that_breaks_the_rules_of_mail_is_given_up() {
    with_queue(async |db| {
        let server = MailServer::start(Manner::Take).await;
        let courier = Courier::smtp(&server.url(), SENDER).unwrap();
        for address in ["ann@example.com>\r\nBcc: eve@example.com", "a b@example.com", "nowhere"] {
            queue(&db, address).await;
        }
        deliver(&courier, &db, 0).await;
        assert_eq!((server.mails().len(), ends(&db).await), (0, vec![GIVEN_UP.to_owned(); 3]));
    });
}

#[test]
fn without_a_mail_server_mails_become_files_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    with_queue(async |db| {
        let folder = std::env::temp_dir().join(format!("florin_mail_{}", Uuid::now_v7().simple()));
        let courier = Courier::folder(folder.clone(), SENDER).unwrap();
        queue(&db, "ann@example.com").await;
        deliver(&courier, &db, 0).await;
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!((files.len(), ends(&db).await), (1, vec![SENT.to_owned()]));
        assert_eq!(files[0].extension().unwrap(), "eml");
        assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(std::fs::read_to_string(&files[0]).unwrap().contains("Your token is 42."));
        std::fs::remove_dir_all(folder).unwrap();
    });
}

#[test]
fn a_sender_that_is_no_address_is_refused() {
    let refused = Courier::smtp("smtp://127.0.0.1", "nobody").err();
    assert_eq!(refused, Some(CourierError::Sender("nobody".to_owned())));
}
