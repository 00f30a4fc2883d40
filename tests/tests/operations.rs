//! The listener of those who run the bank: readiness and metrics are told there, and nowhere else.

use db::Engine;
use serde_json::json;
use std::time::Duration;
use stories::{Bank, PASSWORD, WebhookReceiver, on_each_engine, run, until_some};

const OWN_LISTENER: [(&str, &str); 1] = [("FLORIN_OPERATIONS_LISTEN", "127.0.0.1:0")];

#[test]
fn readiness_and_metrics_are_told_on_their_own_listener_alone() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve_with(&["serve"], &OWN_LISTENER);
    let (everybody, operator) = (server.anonymous(), server.operations().anonymous());
    everybody.get("/health").expect(200);
    for path in ["/ready", "/metrics"] {
        everybody.get(path).expect_error(404, "NOT_FOUND");
    }
    for path in ["/health", "/ready"] {
        operator.get(path).expect(200);
    }
    let metrics = String::from_utf8(operator.get("/metrics").body).expect("metrics are text");
    assert!(metrics.contains("florin_http_requests_total"), "{metrics}");
    for path in ["/api/auth/me", "/api/accounts", "/docs/", "/openapi.json", "/nothing"] {
        operator.get(path).expect_error(404, "NOT_FOUND");
    }
    operator.post("/ready", &serde_json::json!({})).expect_error(405, "METHOD_NOT_ALLOWED");
    server.stop();
}

#[test]
fn they_are_answered_when_customers_have_taken_all_connections() {
    let bank = Bank::on(Engine::Sqlite);
    // Without limits nothing keeps one address from taking all.
    let environment = [OWN_LISTENER[0], ("FLORIN_RATE_LIMIT", "off")];
    let server = bank.serve_under("-n 256", &environment);
    let taken: Vec<_> = (0..256).map_while(|_| server.connect().ok()).collect();
    server.operations().anonymous().get("/ready").expect(200);
    drop(taken);
    server.stop();
}

#[test]
fn on_the_main_listener_they_are_limited() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve_with(&["serve"], &[("FLORIN_RATE_LIMIT", "on")]);
    let client = server.anonymous();
    let refused = (0..500).map(|_| client.get("/ready")).find(|answer| answer.status == 429);
    let refused = refused.expect("nobody asks five hundred times at once");
    assert!(refused.header("retry-after").is_some());
    client.get("/health").expect(200);
    server.stop();
}

#[test]
fn in_production_the_listener_is_inside() {
    let bank = Bank::on(Engine::Sqlite);
    let mut command = bank.command(&["serve"]);
    command.env("FLORIN_MODE", "production").env("FLORIN_RATE_LIMIT", "on");
    command.env("FLORIN_OPERATIONS_LISTEN", "0.0.0.0:9090");
    let said = run(command).expect_refusal();
    assert!(said.contains("FLORIN_OPERATIONS_LISTEN"), "{said}");
}

/// What alarms are made of: how far everybody is who follows what happens, and what came of each delivery.
#[test]
fn metrics_say_how_far_everybody_is_and_what_came_of_deliveries() {
    const EXPECTED: [&str; 14] = [
        "florin_events_backlog{consumer=\"audit\"} 0",
        "florin_events_backlog{consumer=\"inbox\"} 0",
        "florin_events_backlog{consumer=\"analytics\"} 0",
        "florin_events_backlog{consumer=\"webhooks\"} 0",
        "florin_events_lag_seconds_count{consumer=\"audit\"}",
        "florin_events_consumed_total{consumer=\"audit\"}",
        "florin_events_parked_subjects{consumer=\"inbox\"} 0",
        "florin_events_missing_numbers 0",
        "florin_mail_tries_total{outcome=\"SENT\"}",
        "florin_mail_backlog 0",
        "florin_webhook_tries_total{outcome=\"DELIVERED\"}",
        "florin_webhook_backlog",
        "florin_audit_size",
        "florin_audit_checkpoint_age_seconds",
    ];
    on_each_engine(|bank| {
        let server = bank.serve_with(&["serve"], &[("FLORIN_WEBHOOK_ALLOW", "127.0.0.0/8")]);
        let body = json!({ "username": "ann", "password": PASSWORD, "email": "ann@example.com" });
        let session = server.anonymous().post("/api/auth/register", &body).expect(201);
        let ann = server.client(session["accessToken"].as_str().expect("a session has a token"));
        let receiver = WebhookReceiver::start();
        ann.post("/api/webhooks", &json!({ "url": receiver.url(), "types": ["*"] })).expect(201);
        ann.open_account_with("1.00");
        until_some("every figure is there", Duration::from_secs(60), || {
            let metrics = String::from_utf8(server.anonymous().get("/metrics").body).expect("metrics are text");
            // What is a moment behind is looked at again.
            let is_there = |expected: &&str| metrics.lines().any(|line| line.starts_with(*expected));
            let missing: Vec<&str> = EXPECTED.into_iter().filter(|expected| !is_there(expected)).collect();
            if missing.is_empty() {
                Some(())
            } else {
                eprintln!("missing: {missing:?}");
                None
            }
        });
        server.stop();
    });
}
