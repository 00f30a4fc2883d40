//! Who is told of what, when it is tried again, and that only one process serves an endpoint.

use crate::still_bank::{StillBank, URL, of, status, wish, with_still_bank};
use webhooks::{Algorithm, DeliveryStatus, Replay, TRIES_MAX, Turn};

#[test]
fn people_are_told_of_their_own_and_of_what_they_asked_for() {
    with_still_bank(async |bank: StillBank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        bank.happen(ann, "auth.logged_in").await;
        bank.clock.shift(1);
        let of_ann = bank.webhook(ann, &["auth.logged_in", "auth.password_changed"]).await.endpoint;
        let of_bob = bank.webhook(bob, &["*"]).await.endpoint;
        let (in_ann, changed) =
            (bank.happen(ann, "auth.logged_in").await, bank.happen(ann, "auth.password_changed").await);
        bank.happen(ann, "auth.logged_out").await;
        let in_bob = bank.happen(bob, "auth.logged_in").await;
        // Of the bank's own people only.
        bank.happen(bob, "clock.frozen").await;
        bank.follow().await;
        let told = |found: Vec<webhooks::Delivery>| {
            let told = found
                .into_iter()
                .filter(|delivery| delivery.kind.starts_with("auth.") || delivery.kind.starts_with("clock."));
            let mut told: Vec<_> = told.map(|delivery| delivery.event_id).collect();
            told.sort();
            told
        };
        assert_eq!(told(bank.deliveries(&of_ann).await), [in_ann, changed]);
        assert_eq!(told(bank.deliveries(&of_bob).await), [in_bob]);
        let bodies: Vec<String> = bank.call_all(&status(200)).await.into_iter().map(|due| due.body).collect();
        let of_login = bodies.iter().find(|body| body.contains(&in_ann.to_string())).unwrap();
        let envelope: serde_json::Value = serde_json::from_str(of_login).unwrap();
        assert_eq!(envelope["type"], "auth.logged_in");
        assert_eq!(envelope["subject"], ann.to_string());
        // Who acted for the bank is nobody's business.
        assert_eq!(envelope["data"], serde_json::json!({ "username": "ann" }));
    });
}

#[test]
fn nothing_else_is_told_before_the_first_ping_has_arrived() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        // Her first login is not told to it.
        bank.clock.shift(1);
        let wish = wish(URL, &["auth.logged_in"]);
        let made = bank.webhooks.create(ann, &wish, Algorithm::HmacSha256, bank.act(ann)).await.unwrap();
        let event = bank.happen(ann, "auth.logged_in").await;
        bank.follow().await;
        assert_eq!(bank.deliveries(&made.endpoint).await.len(), 2);
        let first = bank.call_all(&status(500)).await;
        assert_eq!(first.len(), 1, "the ping alone");
        assert_ne!(first[0].event_id, event);
        bank.clock.shift(4);
        assert!(bank.call_all(&status(204)).await.is_empty(), "it waits with the ping");
        bank.clock.shift(1);
        let second = bank.call_all(&status(204)).await;
        assert_eq!(second.iter().map(|due| due.event_id).collect::<Vec<_>>(), [first[0].event_id]);
        let third = bank.call_all(&status(204)).await;
        assert_eq!(third.iter().map(|due| due.event_id).collect::<Vec<_>>(), [event]);
        // A later ping that fails holds up nothing.
        bank.webhooks.ping(of(&made.endpoint), bank.clock.now()).await.unwrap();
        assert_eq!(bank.call_all(&status(500)).await.len(), 1);
        let another = bank.happen(ann, "auth.logged_in").await;
        bank.follow().await;
        let told = bank.call_all(&status(204)).await;
        assert_eq!(told.iter().map(|due| due.event_id).collect::<Vec<_>>(), [another]);
    });
}

#[test]
fn a_call_that_fails_is_tried_ten_times_as_the_clock_says_and_then_by_hand() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let endpoint = bank.webhook(ann, &["auth.logged_in", "auth.logged_out"]).await.endpoint;
        let event = bank.happen(ann, "auth.logged_in").await;
        bank.follow().await;
        for (number, wait) in [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].into_iter().enumerate()
        {
            if wait > 0 {
                bank.clock.shift(wait - 1);
                assert!(bank.serve().await.is_empty(), "try {number} is early");
                bank.clock.shift(1);
            }
            let told = bank.call_all(&status(500)).await;
            assert_eq!(told.iter().map(|due| (due.event_id, due.tries)).collect::<Vec<_>>(), [(event, number as i64)]);
        }
        bank.clock.shift(100 * 86_400);
        assert!(bank.serve().await.is_empty());
        let found = bank.deliveries(&endpoint).await.remove(0);
        assert_eq!((found.status, found.attempts), (DeliveryStatus::Failed, TRIES_MAX as i64));
        let kinds = bank.kinds().await;
        assert!(kinds.contains(&"notifications.delivery_failed".to_owned()), "{kinds:?}");
        bank.webhooks.replay(of(&endpoint), Replay::One(found.id), bank.clock.now()).await.unwrap();
        assert_eq!(bank.call_all(&status(200)).await.len(), 1);
        let with_tries = bank.webhooks.deliveries(of(&endpoint), None, 1).await.unwrap().remove(0);
        assert_eq!(with_tries.0.status, DeliveryStatus::Delivered);
        let last = with_tries.1.last().unwrap();
        assert_eq!((last.number, last.code, last.failure, last.duration_ms), (11, Some(200), None, 7));
    });
}

#[test]
fn an_endpoint_that_fails_is_not_told_of_its_own_failures() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let endpoint = bank.webhook(ann, &["*"]).await.endpoint;
        bank.happen(ann, "notifications.delivery_failed").await;
        bank.follow().await;
        let kinds: Vec<String> = bank.deliveries(&endpoint).await.into_iter().map(|found| found.kind).collect();
        assert!(!kinds.contains(&"notifications.delivery_failed".to_owned()), "{kinds:?}");
    });
}

#[test]
fn one_process_serves_an_endpoint_and_who_lost_it_records_nothing() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let endpoint = bank.webhook(ann, &["auth.logged_in", "auth.logged_out"]).await.endpoint;
        bank.happen(ann, "auth.logged_in").await;
        bank.follow().await;
        let slow = bank.serve().await.remove(0);
        let due = bank.webhooks.due(&slow, 10, bank.clock.now()).await.unwrap();
        assert!(bank.serve().await.is_empty(), "somebody has it");
        bank.clock.shift(webhooks::LEASE_SECONDS);
        let fast = bank.serve().await.remove(0);
        assert_eq!(bank.settle(&slow, due.clone(), &status(500)).await, Turn::Over);
        assert_eq!(bank.deliveries(&endpoint).await[0].attempts, 0, "what came too late is not recorded");
        bank.settle(&fast, due, &status(200)).await;
        let found = bank.deliveries(&endpoint).await.remove(0);
        assert_eq!((found.status, found.attempts), (DeliveryStatus::Delivered, 1));
    });
}

#[test]
fn who_is_kept_out_is_told_nothing() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let endpoint = bank.webhook(ann, &["auth.logged_in", "auth.logged_out"]).await.endpoint;
        bank.happen(ann, "auth.logged_in").await;
        bank.follow().await;
        bank.identity.disable(ann, outbox::Actor::COMMAND_LINE.does(bank.clock.now())).await.unwrap();
        assert!(bank.serve().await.is_empty());
        let before = bank.deliveries(&endpoint).await.len();
        bank.happen(ann, "auth.logged_out").await;
        bank.follow().await;
        assert_eq!(bank.deliveries(&endpoint).await.len(), before);
    });
}
