//! What the courier does with texts, and with providers that take them, refuse them, fail, or hang up.

use crate::delivering::{SECRETS, START, ends, with_queue};
use crate::provider::Provider;
use courier_edge::{Courier, Texter};
use db::{Clock, Db};
use ids::UserId;
use notifications::{Language, Text, enqueue_text_in_tx};
use std::collections::BTreeSet;
use std::sync::Arc;

const SENT: &str = "notifications.sms_sent";
const GIVEN_UP: &str = "notifications.sms_given_up";

async fn queue(db: &Db, number: &str) {
    let text = Text {
        user_id: UserId::generate(),
        kind: "test",
        number: number.to_owned(),
        language: Language::Arabic,
        text: "123456 هو رمزك \"في\" Florin".to_owned(),
        useful_until: START.plus_seconds(600),
    };
    let tx = db.begin().await.unwrap();
    enqueue_text_in_tx(&tx, &SECRETS, text, START).await.unwrap();
    tx.commit().await.unwrap();
}

async fn deliver(texter: &Texter, db: &Db, seconds: i64) -> usize {
    let clock: Clock = Arc::new(move || START.plus_seconds(seconds));
    texter.deliver_due(db, &SECRETS, &clock).await.unwrap()
}

fn to(provider: &Provider) -> Texter {
    let url = provider.url();
    Texter::provider(courier_edge::Provider { url: &url, token: "secret-token", ca_file: None }).unwrap()
}

#[test]
fn a_text_is_handed_over_whole_with_the_token_and_no_mail_goes_that_way() {
    with_queue(async |db| {
        let provider = Provider::start(Some(202)).await;
        queue(&db, "+491701234567").await;
        let folder = tempfolder("mails");
        let mails = Courier::folder(folder.clone(), "Florin <no-reply@bank.example>").unwrap();
        let clock: Clock = Arc::new(|| START);
        assert_eq!(mails.deliver_due(&db, &SECRETS, &clock).await.unwrap(), 0);
        assert_eq!((deliver(&to(&provider), &db, 0).await, deliver(&to(&provider), &db, 300).await), (1, 0));
        assert_eq!(ends(&db).await, [SENT]);
        let asked = provider.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].head[0], "POST /messages?from=bank HTTP/1.1");
        assert!(asked[0].head.contains(&"authorization: Bearer secret-token".to_owned()), "{asked:?}");
        let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
        assert_eq!((&body["to"], &body["text"]), (&"+491701234567".into(), &"123456 هو رمزك \"في\" Florin".into()));
        assert!(body["id"].as_str().unwrap().starts_with("mail_"));
        std::fs::remove_dir_all(folder).unwrap();
    });
}

#[test]
fn a_text_that_may_have_arrived_is_tried_again_under_the_same_name_until_nobody_wants_it() {
    for status in [None, Some(503), Some(401)] {
        with_queue(async |db| {
            let provider = Provider::start(status).await;
            queue(&db, "+491701234567").await;
            for seconds in [0, 60, 120, 300, 601] {
                deliver(&to(&provider), &db, seconds).await;
            }
            let ids: BTreeSet<String> = provider.asked().iter().map(|asked| asked.body.clone()).collect();
            assert!(provider.asked().len() >= 3 && ids.len() == 1, "{:?}", provider.asked());
            assert_eq!(ends(&db).await, [GIVEN_UP], "{status:?}");
        });
    }
}

#[test]
fn what_a_provider_refuses_or_nobody_sends_any_more_is_given_up_at_once() {
    with_queue(async |db| {
        let provider = Provider::start(Some(422)).await;
        queue(&db, "+491701234567").await;
        deliver(&to(&provider), &db, 0).await;
        queue(&db, "+491701234568").await;
        deliver(&Texter::nowhere(), &db, 0).await;
        assert_eq!(ends(&db).await, [GIVEN_UP, GIVEN_UP]);
        assert_eq!(provider.asked().len(), 1);
    });
}

fn tempfolder(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("florin-texting-{name}-{}", UserId::generate()))
}
