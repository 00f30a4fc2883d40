//! Customers' own servers are told what happens, in calls that libraries of others verify; and a bank that is killed in
//! between forgets nothing.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;
use stories::{Bank, Client, ForeignClient, Server, WebhookCall, WebhookReceiver, on_each_engine, transfer};

const PAID: usize = 40;

fn serve(bank: &Bank) -> Server {
    bank.serve_with(&["serve"], &[("FLORIN_WEBHOOK_ALLOW", "127.0.0.0/8")])
}

/// Has payments told; gives the identifier and the secret.
fn listen(customer: &Client, receiver: &WebhookReceiver) -> (String, String) {
    let wish = json!({ "url": receiver.url(), "types": ["payments.*"], "description": "of the story" });
    let made = customer.post("/api/webhooks", &wish).expect(201);
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    (text(&made["webhook"]["id"]), text(&made["secret"]))
}

/// The payments of a type that were told.
fn told(heard: &[WebhookCall], kind: &str) -> Vec<Value> {
    heard.iter().map(WebhookCall::event).filter(|event| event["type"] == kind).collect()
}

/// Lets a library of others verify calls; nothing where it is not installed.
fn verify(library: ForeignClient, calls: &[Value]) {
    let Some(mut command) = library.command() else { return };
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("it has an input");
    for call in calls {
        writeln!(input, "{call}").expect("it reads");
    }
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let counted = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{library:?} does not agree with call {counted} of {calls:#?}");
    assert_eq!(counted, calls.len().to_string());
}

/// What both sides are told of one payment.
fn but_balances(event: &Value) -> Value {
    let mut event = event.clone();
    let data = event["data"].as_object_mut().expect("data is an object");
    data.retain(|member, _| !member.ends_with("Balance"));
    event
}

#[test]
fn a_payment_is_told_to_both_sides_in_calls_that_libraries_of_others_verify() {
    on_each_engine(|bank| {
        let server = serve(&bank);
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let (of_ann, of_bob) = (WebhookReceiver::start(), WebhookReceiver::start());
        let ((webhook, secret), (_, other)) = (listen(&ann, &of_ann), listen(&bob, &of_bob));
        of_ann.until("the ping", |heard| heard.len() == 1);
        let (source, destination) = (ann.open_account_with("100.00"), bob.open_account("USD"));
        ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "12.50")).expect(201);
        let is_told = |heard: &[WebhookCall]| {
            told(heard, "payments.transaction_settled").iter().any(|event| event["data"]["amount"] == "12.50")
        };
        let (heard, heard_of_bob) = (of_ann.until("Ann is told", is_told), of_bob.until("Bob is told", is_told));
        assert_eq!(heard[0].event()["type"], "webhook.test");
        let settled = told(&heard, "payments.transaction_settled");
        let deposit = settled.iter().find(|event| event["data"]["type"] == "DEPOSIT").expect("the deposit is told");
        assert_eq!(deposit["data"]["sourceAccountId"], Value::Null, "the bank's own account is not shown");
        let paid = told(&heard_of_bob, "payments.transaction_settled");
        assert_eq!(paid.len(), 1, "Bob is told of what is his, and not of Ann's deposit");
        let data = &paid[0]["data"];
        assert_eq!((&data["sourceAccountId"], &data["destinationAccountId"]), (&json!(source), &json!(destination)));
        let of_ann_too = settled.iter().find(|event| event["id"] == paid[0]["id"]).expect("both are told of it");
        let told_of_ann = &of_ann_too["data"];
        assert_eq!(
            (&told_of_ann["sourceBalance"], &told_of_ann["destinationBalance"]),
            (&json!("87.50"), &Value::Null)
        );
        assert_eq!((&data["sourceBalance"], &data["destinationBalance"]), (&Value::Null, &json!("12.50")));
        assert_eq!(but_balances(&paid[0]), but_balances(of_ann_too));

        // With a new secret there are two signatures.
        let rotated = ann.post(&format!("/api/webhooks/{webhook}/rotate-secret"), &json!({})).expect(200);
        ann.post(&format!("/api/webhooks/{webhook}/test"), &json!({})).expect(202);
        let heard = of_ann.until("the second ping", |heard| told(heard, "webhook.test").len() == 2);
        let (first, last) = (&heard[0], &heard[heard.len() - 1]);
        assert_eq!((first.signature.split(' ').count(), last.signature.split(' ').count()), (1, 2));
        let new = rotated["secret"].as_str().expect("a secret");
        let altered = WebhookCall { body: last.body.replace("webhook.test", "webhook.tesT"), ..last.clone() };
        let of_another_id = WebhookCall { id: first.id.clone(), ..last.clone() };
        let calls = [
            first.to_verify(&secret, true),
            first.to_verify(new, false),
            first.to_verify(&other, false),
            last.to_verify(new, true),
            last.to_verify(&secret, true),
            last.to_verify(&other, false),
            altered.to_verify(new, false),
            of_another_id.to_verify(new, false),
            heard_of_bob[0].to_verify(&other, true),
        ];
        verify(ForeignClient::WebhooksOfNpm, &calls);
        verify(ForeignClient::WebhooksOfPypi, &calls);

        let deliveries = ann.get(&format!("/api/webhooks/{webhook}/deliveries")).expect(200);
        assert_eq!(deliveries["data"][0]["status"], "DELIVERED");
        assert_eq!(deliveries["data"][0]["tries"][0]["httpStatus"], 204);
        bob.get(&format!("/api/webhooks/{webhook}/deliveries")).expect_error(404, "NOT_FOUND");
        let metrics = server.anonymous().get("/metrics");
        let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
        assert!(metrics.contains("florin_webhook_tries_total{outcome=\"DELIVERED\"}"), "{metrics}");
        server.stop();
    });
}

#[test]
fn a_bank_that_is_killed_while_it_tells_tells_the_rest_afterwards() {
    on_each_engine(|bank| {
        let receiver = WebhookReceiver::start();
        let server = serve(&bank);
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let (source, destination) = (ann.open_account_with("100.00"), bob.open_account("USD"));
        listen(&bob, &receiver);
        let mut paid = BTreeSet::new();
        for _ in 0..PAID {
            let done = ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "0.01")).expect(201);
            paid.insert(done["id"].as_str().expect("an identifier").to_owned());
        }
        let after = receiver.heard().len();
        receiver.until("it is being told", |heard| heard.len() > after);
        server.kill();
        let server = serve(&bank);
        let all = receiver.until("all of it", |heard| {
            let subjects: BTreeSet<String> = subjects(heard);
            paid.is_subset(&subjects)
        });
        assert_eq!(subjects(&all), paid, "nothing else is told");
        server.stop();
        bank.expect_verified();
    });
}

fn subjects(heard: &[WebhookCall]) -> BTreeSet<String> {
    let settled = told(heard, "payments.transaction_settled").into_iter();
    settled.map(|event| event["subject"].as_str().expect("a subject").to_owned()).collect()
}
