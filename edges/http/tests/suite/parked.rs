//! An event that a consumer cannot take: the bank's own people see it, and have it tried again when its reason is gone.

use crate::bank::{Bank, with_bank};
use db::{Clock, Tx, WallTime};
use identity::Role;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use stream::{ConsumeError, Consumer, Consuming, Recorded, Running, Start, Stream};

/// Takes no account that is frozen until it is told to.
#[derive(Default)]
struct Picky {
    is_healed: AtomicBool,
}

impl Consumer for Picky {
    fn name(&self) -> &'static str {
        "picky"
    }

    fn start(&self) -> Start {
        Start::Next
    }

    fn consume<'a>(&'a self, _: &'a Tx, events: &'a [Recorded]) -> Consuming<'a> {
        let is_poison = events.iter().any(|recorded| recorded.event.kind == "accounts.frozen");
        let is_refused = is_poison && !self.is_healed.load(Ordering::SeqCst);
        Box::pin(async move {
            if is_refused { Err(ConsumeError::Refused("=no frozen accounts".to_owned())) } else { Ok(()) }
        })
    }
}

/// The tries of an event are half a minute apart in the end: here the clock is taken forward.
async fn follow(bank: &Bank, consumer: Arc<Picky>, ahead: &Arc<AtomicI64>) -> Running {
    let ahead = Arc::clone(ahead);
    let clock: Clock = Arc::new(move || WallTime::now().plus_seconds(ahead.load(Ordering::SeqCst)));
    Stream::new(&bank.db, clock).start(vec![consumer]).await.unwrap()
}

async fn until(ahead: &AtomicI64, is_so: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        ahead.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come");
}

fn picky(consumers: &Value) -> &Value {
    consumers["data"].as_array().unwrap().iter().find(|consumer| consumer["name"] == "picky").unwrap()
}

#[test]
fn staff_sees_what_holds_up_a_subject_and_has_it_tried_again() {
    with_bank(async |bank| {
        let (ann, admin) = (bank.customer("ann").await, bank.admin("root").await);
        let (auditor, teller) = (bank.staff("audra", Role::Auditor).await, bank.staff("ted", Role::Teller).await);
        let (account, consumer, ahead) = (ann.account().await, Arc::<Picky>::default(), Arc::<AtomicI64>::default());
        let running = follow(&bank, Arc::clone(&consumer), &ahead).await;
        let path = format!("/api/accounts/{account}");
        admin.send("PUT", &path).json(&json!({ "status": "FROZEN" })).await.expect(200);
        let list = async || auditor.get("/api/admin/consumers/picky/parked").await.expect(200);
        until(&ahead, async || list().await["data"].as_array().unwrap().len() == 1).await;
        admin.send("PUT", &path).json(&json!({ "status": "ACTIVE" })).await.expect(200);

        let parked = &list().await["data"][0];
        assert_eq!((&parked["subject"], &parked["tries"]), (&json!(account), &json!(5)));
        assert_eq!((&parked["reason"], &parked["nextTryAt"]), (&json!("=no frozen accounts"), &Value::Null));
        assert_eq!(parked["event"]["type"], "accounts.frozen");
        assert!(parked["event"]["data"].is_object(), "{parked}");
        let one = format!("/api/admin/consumers/picky/parked/{account}");
        until(&ahead, async || auditor.get(&one).await.expect(200)["waiting"] == 1).await;
        let shown = auditor.get("/api/admin/consumers").await.expect(200);
        assert_eq!(picky(&shown)["parkedSubjects"], 1);
        let table = auditor.send("GET", "/api/admin/consumers/picky/parked").header("accept", "text/csv");
        let table = String::from_utf8(table.await_answer().await.bytes).unwrap();
        assert!(table.contains(",'=no frozen accounts,"), "{table}");

        let unpark = format!("{one}/unpark");
        for person in [&auditor, &teller, &ann] {
            person.send("POST", &unpark).await_answer().await.expect_error(403, "FORBIDDEN");
        }
        // Nothing helps while it is what it is; then it goes on, and what waited behind it.
        admin.send("POST", &unpark).await_answer().await.expect(204);
        until(&ahead, async || list().await["data"].as_array().unwrap().len() == 1).await;
        consumer.is_healed.store(true, Ordering::SeqCst);
        admin.send("POST", &unpark).await_answer().await.expect(204);
        until(&ahead, async || auditor.get(&one).await.status == 404).await;
        admin.send("POST", &unpark).await_answer().await.expect_error(404, "NOT_FOUND");
        assert_eq!(picky(&auditor.get("/api/admin/consumers").await.expect(200))["parkedSubjects"], 0);
        let told = auditor.get("/api/admin/events?kind=events.unparked").await.expect(200);
        assert_eq!(told["data"].as_array().unwrap().len(), 2);
        assert_eq!(told["data"][0]["kind"], "events.unparked");
        assert_eq!(told["data"][0]["details"]["parkedSubject"], account.as_str());
        assert_eq!(told["data"][0]["actor"]["userId"], admin.id().await.as_str());
        running.stop().await;
    });
}

#[test]
fn who_is_not_there_has_nothing_parked() {
    with_bank(async |bank| {
        let admin = bank.admin("root").await;
        admin.get("/api/admin/consumers/nobody/parked").await.expect_error(404, "NOT_FOUND");
        for subject in ["bank", "acct_0", &ids::AccountId::generate().to_string(), "%00"] {
            admin.get(&format!("/api/admin/consumers/nobody/parked/{subject}")).await.expect_error(404, "NOT_FOUND");
        }
    });
}
