//! What happens is seen as it happens: by those whose it is, after cuts without gap or repeat, and until their session ends.
//! And it is in their inbox afterwards.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use stories::{Client, Door, Server, eventually, on_each_engine, transfer};

const PAID: usize = 150;
const TIME_MAX: Duration = Duration::from_secs(30);

/// Somebody who listens.
struct Listening {
    lines: BufReader<TcpStream>,
    status: String,
    last: Option<String>,
}

/// Something that they were told.
#[derive(Debug)]
struct Told {
    id: Option<String>,
    kind: String,
    data: Value,
}

impl Listening {
    fn begin(server: &Server, person: &Client, topics: &str, last: Option<&str>) -> Self {
        let tcp = server.connect().expect("the server takes connections");
        tcp.set_read_timeout(Some(TIME_MAX)).expect("a time is set");
        let token = person.token().expect("a person has a token");
        let last_line = last.map(|last| format!("last-event-id: {last}\r\n")).unwrap_or_default();
        let request = format!(
            "GET /api/stream?topics={topics} HTTP/1.1\r\nhost: bank.example\r\nauthorization: Bearer {token}\r\n{last_line}\r\n"
        );
        (&tcp).write_all(request.as_bytes()).expect("it is asked");
        let mut lines = BufReader::new(tcp);
        let mut status = String::new();
        lines.read_line(&mut status).expect("it answers");
        Self { lines, status, last: last.map(str::to_owned) }
    }

    /// The next event; nothing: the stream has ended. Between lines of events stand those of the chunks that carry them.
    fn next(&mut self) -> Option<Told> {
        let (mut id, mut kind) = (None, None);
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            // The last chunk.
            if line == "0" {
                return None;
            }
            if let Some(found) = line.strip_prefix("id: ") {
                id = Some(found.to_owned());
                self.last.clone_from(&id);
            } else if let Some(found) = line.strip_prefix("event: ") {
                kind = Some(found.to_owned());
            } else if let (Some(data), Some(kind)) = (line.strip_prefix("data: "), &kind) {
                let data = serde_json::from_str(data).expect("data is JSON");
                return Some(Told { id, kind: kind.clone(), data });
            }
        }
    }
}

fn pay(payer: &Client, source: &str, destination: &str) -> String {
    let paid = payer.pay("/api/transactions/transfer", &transfer(source, destination, "0.01")).expect(201);
    paid["id"].as_str().expect("an identifier").to_owned()
}

#[test]
fn payments_are_seen_as_they_happen_and_after_each_cut_without_gap_or_repeat() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let (source, destination) = (ann.open_account_with("100.00"), bob.open_account("USD"));
        let mut first = Listening::begin(&server, &bob, "payments", None);
        assert!(first.status.contains("200"), "{}", first.status);
        let begun = Instant::now();
        let paid = pay(&ann, &source, &destination);
        let told = first.next().expect("Bob is told");
        println!("told after {:?}", begun.elapsed());
        assert_eq!((told.kind.as_str(), &told.data["subject"]), ("payments.transaction_settled", &json!(paid)));
        let mut last = told.id.expect("an event has a position");
        drop(first);

        let (door, token) = (Door::clone(&server), ann.token().expect("Ann has a token").to_owned());
        let paid = std::thread::scope(|scope| {
            let (source, destination) = (&source, &destination);
            let paying = scope.spawn(move || {
                let ann = door.client(&token);
                (0..PAID).map(|_| pay(&ann, source, destination)).collect::<Vec<_>>()
            });
            let mut seen = Vec::new();
            let mut cuts = 0;
            while seen.len() < PAID {
                let mut listening = Listening::begin(&server, &bob, "payments", Some(&last));
                for _ in 0..=cuts % 3 {
                    if seen.len() == PAID {
                        break;
                    }
                    let told = listening.next().expect("more is told");
                    assert_eq!(told.kind, "payments.transaction_settled");
                    seen.push(told.data["subject"].as_str().expect("a subject").to_owned());
                    last = told.id.expect("an event has a position");
                }
                cuts += 1;
            }
            println!("{PAID} payments, {cuts} cuts");
            let paid = paying.join().expect("nobody panics");
            assert_eq!(seen, paid);
            paid
        });
        assert_eq!(paid.iter().collect::<BTreeSet<_>>().len(), PAID);
        server.stop();
    });
}

#[test]
fn who_comes_back_from_nowhere_loads_anew_and_nobody_listens_without_end() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let ann = server.register("ann");
        for nowhere in ["999999999", "-1", "yesterday"] {
            let told = Listening::begin(&server, &ann, "accounts", Some(nowhere)).next().expect("an answer");
            assert_eq!(told.kind, "reset", "{nowhere}");
        }
        // Those three have gone, which is noticed when something is sent to them.
        let bob = server.register("bob");
        let mut all: Vec<Listening> = (0..5).map(|_| Listening::begin(&server, &bob, "accounts,inbox", None)).collect();
        let sixth = bob.get("/api/stream");
        sixth.expect_error(429, "TOO_MANY_STREAMS");
        bob.get("/api/stream?topics=everything").expect_error(400, "INVALID_REQUEST");
        let account = bob.open_account("USD");
        for listening in &mut all {
            let told = listening.next().expect("Bob is told");
            assert_eq!((told.kind.as_str(), &told.data["subject"]), ("accounts.opened", &json!(account)));
        }
        bob.delete("/api/auth/logout").expect(204);
        let begun = Instant::now();
        for listening in &mut all {
            assert!(listening.next().is_none(), "the session has ended");
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        // Who listens holds up no end.
        let mut listening = Listening::begin(&server, &ann, "accounts", None);
        let begun = Instant::now();
        server.stop();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert!(listening.next().is_none());
    });
}

#[test]
fn what_happened_is_in_the_inbox_of_whom_it_is_news_to() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let (source, destination) = (ann.open_account_with("100.00"), bob.open_account("USD"));
        let paid = pay(&ann, &source, &destination);
        let unread = |person: &Client| person.get("/api/notifications/unread").expect(200)["unread"].clone();
        eventually("Bob has it in his inbox", TIME_MAX, || unread(&bob) == 1);
        let inbox = bob.get("/api/notifications?unread=true").expect(200);
        let notice = &inbox["data"][0];
        assert_eq!(
            (&notice["type"], &notice["event"]["subject"]),
            (&json!("payments.transaction_settled"), &json!(paid))
        );
        let id = notice["id"].as_str().expect("an identifier");
        // Ann ordered it: of hers only the deposit came from elsewhere.
        eventually("Ann has her deposit in her inbox", TIME_MAX, || unread(&ann) == 1);
        ann.post(&format!("/api/notifications/{id}/read"), &json!({})).expect_error(404, "NOT_FOUND");
        assert_eq!(unread(&bob), 1);
        bob.post(&format!("/api/notifications/{id}/read"), &json!({})).expect(204);
        assert_eq!(unread(&bob), 0);
        assert_eq!(bob.get("/api/notifications?unread=true").expect(200)["data"], json!([]));
        assert!(bob.get("/api/notifications").expect(200)["data"][0]["readAt"].is_string());

        let prefer = |kind: &str, enabled: bool| json!({ "preferences": [{ "type": kind, "channel": "INBOX", "enabled": enabled }] });
        let off = bob.put("/api/notifications/preferences", &prefer("payments.transaction_settled", false)).expect(200);
        assert_eq!(off["data"][0]["enabled"], false);
        for kind in ["auth.password_changed", "auth.logged_in"] {
            bob.put("/api/notifications/preferences", &prefer(kind, false)).expect_error(400, "INVALID_REQUEST");
        }
        pay(&ann, &source, &destination);
        std::thread::sleep(Duration::from_millis(1_500));
        assert_eq!(unread(&bob), 0, "he does not want it");
        bob.put("/api/notifications/preferences", &prefer("payments.transaction_settled", true)).expect(200);
        pay(&ann, &source, &destination);
        eventually("Bob has it in his inbox again", TIME_MAX, || unread(&bob) == 1);
        bob.post("/api/notifications/read", &json!({})).expect(204);
        assert_eq!(unread(&bob), 0);
        server.stop();
    });
}
