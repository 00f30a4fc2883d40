//! Receivers that are slow, dead or hostile: each is met as it behaves, and none stands in the way of its neighbours.

use crate::bank::{Bank, with_bank};
use crate::receiver::{Manner, Receiver};
use std::time::{Duration, Instant};
use webhooks::{DeliveryStatus, Disabled, Failure, OwnedEndpoint};

const NEIGHBOURS: usize = 50;
const TOLD: usize = 300;

#[test]
fn each_receiver_is_met_as_it_behaves() {
    with_bank(async |bank: Bank| {
        let ann = bank.customer().await;
        let inner = Receiver::good().await;
        let redirect = format!("302 Found\r\nlocation: {}", inner.url());
        let dead = Receiver::good().await.url();
        let receivers = [
            (Manner::Answers("204 No Content".to_owned()), None, Some(204)),
            (Manner::Answers("200 OK".to_owned()), None, Some(200)),
            (Manner::Endless, None, Some(200)),
            (Manner::Answers("500 No".to_owned()), Some(Failure::Status), Some(500)),
            (Manner::Answers(redirect), Some(Failure::Redirect), Some(302)),
            (Manner::HangsUp, Some(Failure::Connection), None),
            (Manner::Wordy, Some(Failure::Protocol), None),
            (Manner::Foreign, Some(Failure::Protocol), None),
            (Manner::Silent, Some(Failure::Timeout), None),
        ];
        let mut met = Vec::new();
        for (manner, failure, code) in receivers {
            let receiver = Receiver::that(manner.clone()).await;
            let endpoint = bank.webhook(ann, &receiver.url()).await.endpoint;
            met.push((manner, receiver, endpoint, failure, code));
        }
        let closed = bank.webhook(bank.customer().await, &dead).await.endpoint;
        for (manner, _receiver, endpoint, failure, code) in &met {
            let (delivery, attempt) = bank.first_try(endpoint).await;
            assert_eq!((attempt.failure, attempt.code), (*failure, *code), "{manner:?}");
            let status = if failure.is_none() { DeliveryStatus::Delivered } else { DeliveryStatus::Queued };
            assert_eq!(delivery.status, status, "{manner:?}");
            assert!(attempt.excerpt.as_ref().is_none_or(|excerpt| excerpt.len() <= 512), "{manner:?}");
        }
        assert_eq!(bank.first_try(&closed).await.1.failure, Some(Failure::Connection));
        assert_eq!(inner.connections(), 0, "a redirect was followed");
        let thanked = bank.first_try(&met[1].2).await.1;
        assert_eq!(thanked.excerpt.as_deref(), Some("thank you"));
        let silent = bank.first_try(&met[8].2).await.1;
        assert!((14_500..=20_500).contains(&silent.duration_ms), "{}", silent.duration_ms);
    });
}

#[test]
fn a_receiver_that_is_gone_is_called_once() {
    with_bank(async |bank: Bank| {
        let ann = bank.customer().await;
        let gone = Receiver::that(Manner::Answers("410 Gone".to_owned())).await;
        let endpoint = bank.webhook(ann, &gone.url()).await.endpoint;
        bank.log_in(ann, 5).await;
        assert_eq!(bank.first_try(&endpoint).await.0.status, DeliveryStatus::Failed);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let called = gone.connections();
        let of = OwnedEndpoint { owner: ann, id: endpoint.id };
        assert_eq!(bank.webhooks.find(of).await.unwrap().health.disabled, Some(Disabled::Gone));
        bank.log_in(ann, 5).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(called <= 4, "no more than were under way");
        assert_eq!(gone.connections(), called);
    });
}

#[test]
fn events_of_one_subject_are_told_in_their_order_and_each_once() {
    with_bank(async |bank: Bank| {
        let ann = bank.customer().await;
        let receiver = Receiver::good().await;
        bank.webhook(ann, &receiver.url()).await;
        // The ping.
        receiver.expect(1).await;
        let happened = bank.log_in(ann, TOLD).await;
        let heard = receiver.expect(TOLD + 1).await;
        let told: Vec<String> = heard[1..].iter().map(|heard| heard.header("webhook-id").to_owned()).collect();
        assert_eq!(told, happened.iter().map(ToString::to_string).collect::<Vec<_>>());
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(receiver.heard().len(), TOLD + 1, "nothing came twice");
        let last = receiver.heard().pop().unwrap();
        assert_eq!(last.header("user-agent"), "Florin-Webhooks/1");
        assert_eq!(last.header("content-type"), "application/json");
        assert!(last.head.starts_with("POST /hook HTTP/1.1"), "{}", last.head);
        assert!(last.body.len() < 20_000 && last.body.contains("auth.logged_in"), "{}", last.body);
    });
}

/// How long it takes until a good receiver has heard all of it.
async fn time_to_tell(bank: &Bank) -> Duration {
    let ann = bank.customer().await;
    let receiver = Receiver::good().await;
    bank.webhook(ann, &receiver.url()).await;
    receiver.expect(1).await;
    let begun = Instant::now();
    bank.log_in(ann, TOLD).await;
    receiver.expect(TOLD + 1).await;
    begun.elapsed()
}

#[test]
fn dead_and_silent_neighbours_do_not_hold_anybody_up() {
    with_bank(async |bank: Bank| {
        let alone = time_to_tell(&bank).await;
        let silent = Receiver::that(Manner::Silent).await;
        let hangs_up = Receiver::that(Manner::HangsUp).await;
        for number in 0..NEIGHBOURS {
            let owner = bank.customer().await;
            let url = if number % 2 == 0 { silent.url() } else { hangs_up.url() };
            bank.webhook(owner, &url).await;
            bank.log_in(owner, 20).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let beside = time_to_tell(&bank).await;
        println!("{TOLD} alone in {alone:?}, beside {NEIGHBOURS} that are dead or silent in {beside:?}");
        // The machine of the test is shared: what must not happen is that anybody waits for a time-out.
        assert!(beside < alone * 3 + Duration::from_secs(3), "{alone:?} alone, {beside:?} beside them");
    });
}
