//! Events on a message broker that is killed in the middle: each comes at least once, money does not wait, and those of one
//! subject come in their order.

use futures_util::StreamExt as _;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use stories::{Books, Load, RabbitMq, Random, eventually, on_each_engine};

const QUEUE: &str = "florin.warehouse";
/// Nothing comes any more when nothing came for so long.
const SILENCE: Duration = Duration::from_secs(4);

/// Takes everything out of the queue.
fn take_all(url: &str) -> Vec<Value> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.expect("RabbitMQ answers");
        let channel = connection.create_channel().await.expect("a channel");
        channel.basic_qos(500, BasicQosOptions::default()).await.expect("a window");
        let consuming =
            channel.basic_consume(QUEUE.into(), "story".into(), BasicConsumeOptions::default(), FieldTable::default());
        let mut consumer = consuming.await.expect("the queue is there");
        let mut taken = Vec::new();
        while let Ok(Some(delivery)) = tokio::time::timeout(SILENCE, consumer.next()).await {
            let delivery = delivery.expect("a delivery");
            let event: Value = serde_json::from_slice(&delivery.data).expect("an event is JSON");
            let properties = &delivery.properties;
            assert_eq!(properties.message_id().as_ref().map(|id| id.as_str()), event["id"].as_str());
            assert_eq!(properties.delivery_mode(), &Some(2), "it outlives the broker");
            assert_eq!(Some(delivery.routing_key.as_str()), event["type"].as_str());
            taken.push(event);
            delivery.ack(BasicAckOptions::default()).await.expect("RabbitMQ takes the answer");
        }
        taken
    })
}

#[test]
fn a_broker_that_is_killed_loses_nothing_and_holds_up_no_money() {
    on_each_engine(|bank| {
        let Some(mut broker) = RabbitMq::start() else { return };
        let settings = [("FLORIN_BROKER_URL", broker.url()), ("FLORIN_BROKER_QUEUES", "warehouse".to_owned())];
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let server = bank.serve_with(&["serve"], &settings);
        let mut books = Books::open(&server);
        let customer = books.customer(&server);
        let load = Load::start(&customer, &books.accounts(), Random::from_environment(11).any());
        std::thread::sleep(Duration::from_secs(1));
        broker.kill();
        let (accounts, started) = (books.accounts(), Instant::now());
        customer.pay("/api/transactions/transfer", &stories::transfer(&accounts[0], &accounts[1], "0.01")).expect(201);
        assert!(started.elapsed() < Duration::from_secs(5), "money waited {:?}", started.elapsed());
        std::thread::sleep(Duration::from_secs(1));
        broker.start_again();
        std::thread::sleep(Duration::from_secs(1));
        books.book(&load.finish());
        let listed = || bank.run(&["events", "list"]).expect_success();
        let position = |name: &str| -> Option<i64> {
            let text = listed();
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        eventually("the relay has caught up", Duration::from_secs(60), || {
            position("broker").is_some_and(|at| Some(at) == position("sequencer"))
        });
        let events = position("sequencer").expect("there are events");
        server.stop();
        let taken = take_all(&broker.url());
        let distinct: BTreeSet<&str> = taken.iter().filter_map(|event| event["id"].as_str()).collect();
        println!("{} of {events} events came more than once", taken.len() - distinct.len());
        assert_eq!(i64::try_from(distinct.len()).ok(), position("broker"), "of all events up to the relay's place");
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        for event in &taken {
            let subject = event["subject"].as_str().expect("an event has a subject");
            let sequence = event["sequence"].as_i64().expect("an event has a sequence");
            let known = last.entry(subject).or_insert(0);
            assert!(sequence <= *known + 1, "an event of {subject} was overtaken");
            *known = sequence.max(*known);
        }
        assert!(taken.iter().any(|event| {
            let is_payment = event["subject"].as_str().is_some_and(|subject| subject.starts_with("txn_"));
            is_payment && event["type"] == "payments.transaction_settled" && event["data"]["amount"].is_string()
        }));
    });
}
