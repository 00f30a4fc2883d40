//! FinApp's queues, read by pika: each line stands there once, vouched for by the bank's keys; what somebody else puts there is
//! believed by nobody, and lies with the dead letters.

use db::Engine;
use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;
use stories::{Bank, ForeignClient, PASSWORD, RabbitMq, eventually, run};

const QUEUES: [&str; 4] = ["user_registered", "user_activity", "application_submitted", "financing_option_selected"];

/// Does something at the broker.
fn at<T>(broker: &RabbitMq, work: impl AsyncFnOnce(Channel) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        let connection = Connection::connect(&broker.url(), ConnectionProperties::default()).await.expect("it answers");
        let channel = connection.create_channel().await.expect("a channel");
        channel.confirm_select(ConfirmSelectOptions::default()).await.expect("it confirms");
        work(channel).await
    })
}

/// Puts a line into a queue, as anybody can who reaches the broker.
async fn forge(channel: &Channel, text: &str, token: Option<&str>) {
    let mut headers = FieldTable::default();
    if let Some(token) = token {
        headers.insert("Authorization".into(), AMQPValue::LongString(token.into()));
    }
    let properties = BasicProperties::default().with_headers(headers);
    let options = BasicPublishOptions::default();
    let sent = channel.basic_publish("".into(), "user_activity".into(), options, text.as_bytes(), properties);
    sent.await.expect("it is sent").await.expect("it is taken");
}

/// The token of the first message of a queue, which stays there.
async fn token_of(channel: &Channel, queue: &str) -> String {
    let got = channel.basic_get(queue.into(), BasicGetOptions::default()).await.expect("the queue is there");
    let message = got.expect("there is a message");
    let headers = message.properties.headers().clone().expect("it has headers");
    let token = headers.inner().get("Authorization").cloned().expect("it has a token");
    message.reject(lapin::options::BasicRejectOptions { requeue: true }).await.expect("it goes back");
    let AMQPValue::LongString(token) = token else { panic!("a token is text: {token:?}") };
    token.to_string()
}

fn messages_of(broker: &RabbitMq, queue: &str) -> u32 {
    at(broker, async |channel| {
        let options = lapin::options::QueueDeclareOptions { passive: true, ..Default::default() };
        let declared = channel.queue_declare(queue.into(), options, FieldTable::default()).await;
        declared.map_or(0, |queue| queue.message_count())
    })
}

#[test]
fn finapps_queues_say_what_people_do_and_who_vouches_for_it() {
    let Some(mut consumer) = ForeignClient::Pika.command() else { return };
    let Some(broker) = RabbitMq::start() else { return };
    let bank = Bank::on(Engine::Sqlite);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    drop(listener);
    let issuer = format!("http://{address}");
    let settings = [
        ("FLORIN_LISTEN", address.to_string()),
        ("FLORIN_PUBLIC_URL", issuer.clone()),
        ("FLORIN_BROKER_URL", broker.url()),
    ];
    let server = bank.serve_with(&["serve"], &settings.each_ref().map(|(name, value)| (*name, value.as_str())));
    let ann = server.register("ann");
    server.log_in("ann", PASSWORD);
    eventually("both lines are there", Duration::from_secs(30), || {
        messages_of(&broker, "user_registered") == 1 && messages_of(&broker, "user_activity") == 1
    });
    let genuine = at(&broker, async |channel| {
        let genuine = token_of(&channel, "user_activity").await;
        forge(&channel, "User ann logged in at 2026-01-01T00:00:00", None).await;
        forge(&channel, "User eve logged in at 2026-01-01T00:00:00", Some(&genuine)).await;
        forge(&channel, "User ann logged in at 2026-01-01T00:00:00", ann.token()).await;
        let (signed, _) = genuine.rsplit_once('.').expect("a token has parts");
        forge(&channel, "User ann logged in at 2026-01-01T00:00:00", Some(&format!("{signed}.{}", "A".repeat(86))))
            .await;
        genuine
    });
    let opened = server.client(&genuine).get("/api/auth/me");
    assert_eq!(opened.status, 401, "a message's token opens nothing");
    eventually("what was forged is there", Duration::from_secs(10), || messages_of(&broker, "user_activity") == 5);
    let story = json!({ "issuer": issuer, "broker": broker.url(), "queues": QUEUES });
    consumer.env("STORY", story.to_string());
    let said = run(consumer).expect_success();
    assert!(said.contains("pika is content"), "{said}");
    let lines: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let believed: Vec<_> = lines.iter().filter(|line| line["refused"].is_null()).collect();
    let in_queue = |line: &Value| (line["queue"].as_str().unwrap().to_owned(), line["sub"].clone());
    assert_eq!(
        believed.iter().map(|line| in_queue(line)).collect::<Vec<_>>(),
        [("user_registered".to_owned(), json!("ann")), ("user_activity".to_owned(), json!("ann"))],
        "a registration is no login: {said}"
    );
    assert_eq!(believed[0]["text"], "ann");
    let activity = believed[1]["text"].as_str().expect("a text");
    let at = activity.strip_prefix("User ann logged in at ").expect("FinApp's words");
    assert!(at.len() == 26 && at.as_bytes()[10] == b'T', "Python's isoformat: {at}");
    assert!(believed.iter().all(|line| line["persistent"] == true && line["id"].is_string()));
    let refused: Vec<_> = lines.iter().filter_map(|line| line["refused"].as_str()).collect();
    assert_eq!(refused, ["no token", "a token of another message", "InvalidClaimError", "BadSignatureError"], "{said}");
    eventually("they are recorded", Duration::from_secs(10), || messages_of(&broker, "florin.dead") == 4);
    server.stop();
}
