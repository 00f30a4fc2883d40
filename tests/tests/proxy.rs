//! A real nginx with the configuration that the project ships, in front of instances that only talk to it.

use db::Engine;
use serde_json::json;
use std::time::Duration;
use stories::{Bank, Books, Certificates, Door, Load, Mute, Nginx, Random, Server, Trust, transfer};

/// The belt is for strangers; a story's load comes from one address.
const NO_BELT: &[&str] = &["rate=100000", "burst=100000", "connections=1000"];
/// One request of each client may be under way when an instance dies, and one more before the others know.
const TURNED_AWAY_MAX: usize = 16;

#[test]
fn behind_a_proxy_an_instance_may_die_under_load() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let (bank, certificates) = (Bank::on(Engine::Postgres), Certificates::make());
    let mut random = Random::from_environment(11);
    let survivor = instance(&bank, &certificates);
    let mut doomed = instance(&bank, &certificates);
    for round in 1..=3 {
        let Some(nginx) = Nginx::start(&certificates, &[survivor.address(), doomed.address()], NO_BELT) else { return };
        let mut books = Books::open_as(&nginx, &format!("load{round}"));
        let load = Load::start(&books.customer(&nginx), &books.accounts(), random.any());
        std::thread::sleep(Duration::from_millis(random.between(300, 600)));
        for server in [&survivor, &doomed] {
            assert!(transfers_of(server) > 0, "both instances have work");
        }
        let before = transfers_of(&survivor);
        doomed.kill();
        std::thread::sleep(Duration::from_millis(700));
        assert!(transfers_of(&survivor) > before, "the other instance goes on");
        let mut memory = load.finish();
        println!("{} done, {} unknown", memory.settled(), memory.unknown.len());
        assert_eq!(memory.unknown.len(), memory.turned_away.len(), "nginx answers every request");
        assert!(memory.turned_away.len() <= TURNED_AWAY_MAX, "{:?}", memory.turned_away);
        memory.turned_away.iter().for_each(stories::Answer::expect_unavailable);
        let customer = books.customer(&nginx);
        memory.resolve(&customer);
        books.book(&memory);
        books.expect_balances(&customer);
        books.expect_kept(&customer, &memory);
        books.expect_histories(&customer);
        bank.expect_verified();
        doomed = instance(&bank, &certificates);
    }
}

#[test]
fn a_post_that_was_sent_is_never_sent_again() {
    let certificates = Certificates::make();
    let instances = [Mute::start(&certificates), Mute::start(&certificates)];
    let addresses = instances.each_ref().map(Mute::address);
    let Some(nginx) = Nginx::start(&certificates, &addresses, NO_BELT) else { return };
    let client = nginx.client("nobody-looks-at-it");
    let sent_for = |answer: stories::Answer| {
        answer.expect_unavailable();
        instances.iter().flat_map(Mute::taken).collect::<Vec<_>>()
    };
    let posted = sent_for(client.pay("/api/transactions/transfer", &transfer("acct_a", "acct_b", "1.00")));
    assert_eq!(posted, ["POST /api/transactions/transfer HTTP/1.1"]);
    // A GET may be. A fresh nginx, which has not learnt to leave them alone.
    let Some(nginx) = Nginx::start(&certificates, &addresses, NO_BELT) else { return };
    assert_eq!(sent_for(nginx.anonymous().get("/health")), ["GET /health HTTP/1.1"; 2]);
}

#[test]
fn a_customer_banks_through_the_proxy() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let server = instance(&bank, &certificates);
    let Some(nginx) = Nginx::start(&certificates, &[server.address()], NO_BELT) else { return };
    let customer = nginx.register("ann");
    let customer = nginx.log_in("ann", stories::PASSWORD).token().map(|token| nginx.client(token)).unwrap_or(customer);
    let (source, destination) = (customer.open_account_with("10.00"), customer.open_account("USD"));
    let answer = customer.pay("/api/transactions/transfer", &transfer(&source, &destination, "4.00"));
    answer.expect(201);
    assert_eq!(customer.balances(&destination).0, "4.00");
    assert_eq!(answer.headers.iter().filter(|(name, _)| name == "strict-transport-security").count(), 1);
    assert_eq!(answer.headers.iter().filter(|(name, _)| name == "x-request-id").count(), 1);
    assert_eq!(answer.header("server"), Some("nginx"), "without its version");
    customer.get("/api/accounts/acct_unknown").expect_error(404, "INVALID_ACCOUNT");
    for inside in ["/metrics", "/ready"] {
        customer.get(inside).expect_error(404, "NOT_FOUND");
    }
    assert!(nginx.access_log().contains("/api/transactions/transfer"));
    assert!(!nginx.access_log().contains("Bearer"));
}

#[test]
fn what_strangers_say_about_themselves_is_not_believed() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let mut settings = certificates.mutual_settings("proxy");
    settings.push(("FLORIN_TRUSTED_PROXIES", "127.0.0.1".to_owned()));
    settings.push(("FLORIN_DENY_LIST", "127.0.0.2,203.0.113.0/24".to_owned()));
    let server = bank.serve_tls(settings, proxy(&certificates));
    let Some(nginx) = Nginx::start(&certificates, &[server.address()], NO_BELT) else { return };
    let ask = |door: &Door, claim: &str| {
        let host = format!("localhost:{}", door.address().port());
        door.anonymous().exchange(&format!("GET /health HTTP/1.1\r\nhost: {host}\r\n{claim}\r\n")).expect("an answer")
    };
    let denied = "x-forwarded-for: 203.0.113.7\r\n";
    ask(&server, denied).expect_error(403, "FORBIDDEN");
    for claim in [denied, "forwarded: for=203.0.113.7\r\n", "x-forwarded-for: 203.0.113.7, 127.0.0.1\r\n"] {
        ask(&nginx, claim).expect(200);
    }
    // Nor does it help somebody whose real address is denied.
    let from_denied = nginx.seen_from("127.0.0.2".parse().expect("an address"));
    for claim in ["", "x-forwarded-for: 198.51.100.1\r\n", "forwarded: for=198.51.100.1\r\n"] {
        ask(&from_denied, claim).expect_error(403, "FORBIDDEN");
    }
    let answer = ask(&nginx, "x-request-id: mine\r\n");
    assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 32), "{answer:?}");
}

/// A proxy that appends to one header and hands on the other as the client wrote it, as most do.
#[test]
fn a_proxy_that_hands_on_what_clients_say_lets_nobody_pass_for_it() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let mut settings = certificates.mutual_settings("proxy");
    settings.push(("FLORIN_TRUSTED_PROXIES", "127.0.0.1".to_owned()));
    settings.push(("FLORIN_DENY_LIST", "127.0.0.2".to_owned()));
    let server = bank.serve_tls(settings, proxy(&certificates));
    let line = "proxy_set_header Forwarded \"\";";
    let Some(nginx) = Nginx::start_without(line, &certificates, &[server.address()], NO_BELT) else { return };
    let door = nginx.seen_from("127.0.0.3".parse().expect("an address"));
    let ann = door.register("ann");
    let new_key = json!({ "name": "bound", "scopes": ["accounts:read"], "allowedAddresses": ["127.0.0.1"] });
    let new_key = ann.post("/api/auth/api-keys", &new_key).expect(201);
    let ask = |door: &Door, path: &str, headers: &str| {
        let host = format!("localhost:{}", door.address().port());
        let key = new_key["key"].as_str().expect("a key is shown once");
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n{headers}\r\n");
        door.anonymous().exchange(&request).expect("an answer")
    };
    let denied = nginx.seen_from("127.0.0.2".parse().expect("an address"));
    ask(&denied, "/health", "").expect_error(403, "FORBIDDEN");
    ask(&door, "/api/accounts", "").expect_error(403, "ADDRESS_NOT_ALLOWED");
    for claim in ["forwarded: x\r\n", "forwarded: for=unknown\r\n", "forwarded: for=127.0.0.1\r\n"] {
        ask(&denied, "/health", claim).expect_error(400, "INVALID_REQUEST");
        ask(&door, "/api/accounts", claim).expect_error(400, "INVALID_REQUEST");
    }
    // Who tells the truth is let through, and so is the key from where it may come.
    ask(&door, "/health", "forwarded: for=127.0.0.3\r\n").expect(200);
    ask(&nginx, "/api/accounts", "").expect(200);
    server.stop();
}

#[test]
fn other_names_and_plain_requests_do_not_reach_an_instance() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let server = instance(&bank, &certificates);
    let Some(nginx) = Nginx::start(&certificates, &[server.address()], NO_BELT) else { return };
    let misdirected = nginx.anonymous().exchange("GET /health HTTP/1.1\r\nhost: bank.example\r\n\r\n");
    misdirected.expect("an answer").expect_error(421, "INVALID_REQUEST");
    let other = nginx.with(Some(certificates.trust().expecting("bank.example"))).anonymous();
    other.try_send(("GET", "/health"), None, "").expect_err("a name that is not ours gets no handshake");
    let moved = nginx.plain().anonymous().get("/health?x=1");
    moved.expect(308);
    assert_eq!(moved.header("location"), Some("https://localhost/health?x=1"));
    // The instance itself talks to the proxy only.
    let stranger = server.with(Some(certificates.trust())).anonymous();
    stranger.try_send(("GET", "/health"), None, "").expect_err("the instance refuses who is not the proxy");
}

#[test]
fn the_proxys_own_refusals_have_the_envelope() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let server = instance(&bank, &certificates);
    let Some(nginx) = Nginx::start(&certificates, &[server.address()], &["rate=1", "burst=3"]) else { return };
    let client = nginx.anonymous();
    let port = nginx.address().port();
    let announced = format!(
        "POST /api/auth/login HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-type: application/json\r\n\
         content-length: 100000000\r\n\r\n"
    );
    client.exchange(&announced).expect("an answer").expect_error(413, "PAYLOAD_TOO_LARGE");
    let long = format!("GET /{} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n", "x".repeat(20_000));
    nginx.anonymous().exchange(&long).expect("an answer").expect_error(414, "URI_TOO_LONG");
    let heavy = format!("GET /health HTTP/1.1\r\nhost: localhost:{port}\r\nx-filler: {}\r\n\r\n", "x".repeat(20_000));
    nginx.anonymous().exchange(&heavy).expect("an answer").expect_error(431, "HEADERS_TOO_LARGE");
    let malformed = format!("GET /health HTTP/1.1\r\nhost: localhost:{port}\r\nhost: localhost\r\n\r\n");
    let malformed = nginx.anonymous().exchange(&malformed).expect("an answer");
    malformed.expect_error(400, "INVALID_REQUEST");
    assert_eq!(malformed.header("x-content-type-options"), Some("nosniff"));
    let traced = format!("TRACE /health HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
    nginx.anonymous().exchange(&traced).expect("an answer").expect_error(405, "METHOD_NOT_ALLOWED");
    let limited = (0..10).map(|_| client.get("/health")).find(|answer| answer.status == 429);
    let limited = limited.expect("ten requests at once are too many");
    limited.expect_error(429, "RATE_LIMITED");
    assert_eq!(limited.header("retry-after"), Some("1"));

    let Some(nginx) = Nginx::start(&certificates, &[server.address()], NO_BELT) else { return };
    server.kill();
    nginx.anonymous().get("/health").expect_unavailable();
}

/// An instance that talks to the proxy only, and to the story, which shows the proxy's certificate.
fn instance(bank: &Bank, certificates: &Certificates) -> Server {
    bank.serve_tls(certificates.mutual_settings("proxy"), proxy(certificates))
}

fn proxy(certificates: &Certificates) -> Trust {
    certificates.trust_showing("client-proxy")
}

fn transfers_of(server: &Server) -> u64 {
    let metrics = String::from_utf8(server.anonymous().get("/metrics").body).expect("metrics are text");
    let counts = metrics.lines().filter(|line| line.starts_with("florin_http_requests_total"));
    let transfers = counts.filter(|line| line.contains("/api/transactions/transfer\"") && line.contains("\"201\""));
    transfers.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}
