//! Events on a Kafka that is killed in the middle, read by kafka-python: each comes at least once, in the partition where
//! Kafka's own producers put its subject, in the order of the subject.

use db::Engine;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use stories::{Bank, Books, ForeignClient, Kafka, Load, Random, eventually, run};

#[test]
fn a_kafka_that_is_killed_gets_each_event_and_each_subjects_in_order() {
    let Some(mut reader) = ForeignClient::KafkaPython.command() else { return };
    let Some(mut kafka) = Kafka::start() else { return };
    let bank = Bank::on(Engine::Sqlite);
    // As other programs are told of a Kafka.
    let broker = kafka.broker();
    let server = bank.serve_with(&["serve"], &[("KAFKA_BROKERS", broker.as_str())]);
    let mut books = Books::open(&server);
    let customer = books.customer(&server);
    let load = Load::start(&customer, &books.accounts(), Random::from_environment(12).any());
    std::thread::sleep(Duration::from_secs(1));
    kafka.kill();
    std::thread::sleep(Duration::from_secs(1));
    kafka.start_again();
    std::thread::sleep(Duration::from_secs(1));
    books.book(&load.finish());
    let position = |name: &str| -> Option<i64> {
        let text = bank.run(&["events", "list"]).expect_success();
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    eventually("the relay has caught up", Duration::from_secs(60), || {
        position("broker").is_some_and(|at| Some(at) == position("sequencer"))
    });
    server.stop();
    reader.env("STORY", json!({ "brokers": [broker], "topic": "florin.events" }).to_string());
    let said = run(reader).expect_success();
    assert!(said.contains("kafka-python is content"), "{said}");
    let records: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let distinct: BTreeSet<&str> = records.iter().filter_map(|record| record["event"]["id"].as_str()).collect();
    println!("{} of {} events came more than once", records.len() - distinct.len(), distinct.len());
    assert_eq!(i64::try_from(distinct.len()).ok(), position("broker"), "of all events up to the relay's place");
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    for record in &records {
        let event = &record["event"];
        assert_eq!(record["headers"], json!({ "id": event["id"], "type": event["type"] }));
        assert_eq!(record["key"], event["subject"]);
        let sequence = event["sequence"].as_i64().expect("an event has a sequence");
        let known = last.entry(event["subject"].as_str().expect("an event has a subject")).or_insert(0);
        assert!(sequence <= *known + 1, "an event of {} was overtaken", event["subject"]);
        *known = sequence.max(*known);
    }
    let partitions: BTreeSet<i64> = records.iter().filter_map(|record| record["partition"].as_i64()).collect();
    assert!(partitions.len() > 1, "subjects are spread");
}
