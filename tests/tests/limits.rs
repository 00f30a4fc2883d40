//! Limits that two processes share through Redis, and what remains of them when Redis is killed, or hangs.

use db::Engine;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};
use stories::{Bank, Certificates, Client, Door, Redis, Server, eventually, transfer};

/// How many anonymous requests for credentials an address has at once, and how long one takes to come back.
const BURST: usize = 60;
const COMES_BACK_AFTER: Duration = Duration::from_secs(3);

/// Who may say for which address it forwards.
const PROXY: &str = "127.0.0.2";

const SHARED: &str = "limits on requests are shared through Redis";
const AWAY: &str = "Redis is away";

fn serve(bank: &Bank, redis: &Redis) -> Server {
    let settings = [("FLORIN_RATE_LIMIT", "on"), ("FLORIN_CACHE_URL", &redis.url()), ("FLORIN_TRUSTED_PROXIES", PROXY)];
    bank.serve_with(&["serve"], &settings)
}

/// Asks for new tokens with a made-up one, as a proxy for the address; gives the status.
fn guess(door: &Door, address: &str) -> u16 {
    let body = json!({ "refreshToken": "made up" }).to_string();
    let proxy = door.seen_from(PROXY.parse().expect("an address"));
    let mut stream = proxy.connect().expect("the server takes connections");
    let head = format!(
        "POST /api/auth/refresh HTTP/1.1\r\nhost: florin\r\nconnection: close\r\nx-forwarded-for: {address}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("the server reads");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("the server answers");
    reply.get(9..12).and_then(|status| status.parse().ok()).expect("a reply has a status")
}

/// How many guesses pass in turn at the two servers until one is refused, and how many could have come back meanwhile.
fn guesses_until_refused(doors: [&Door; 2], address: &str) -> (usize, usize) {
    let started = Instant::now();
    let passed = (0..10 * BURST).take_while(|turn| guess(doors[turn % 2], address) != 429).count();
    let came_back = started.elapsed().as_secs() / COMES_BACK_AFTER.as_secs() + 1;
    (passed, usize::try_from(came_back).expect("the test does not take years"))
}

fn times_logged(bank: &Bank, text: &str) -> usize {
    std::fs::read_to_string(bank.folder().join("server.log")).unwrap_or_default().matches(text).count()
}

#[test]
fn two_processes_share_one_limit_and_go_on_without_redis() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let Some(mut redis) = Redis::start() else { return };
    let bank = Bank::on(Engine::Postgres);
    let (one, other) = (serve(&bank, &redis), serve(&bank, &redis));
    eventually("both use Redis", Duration::from_secs(10), || times_logged(&bank, SHARED) == 2);
    let ann = one.register("ann");
    let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
    let pay =
        |payer: &Client| payer.pay("/api/transactions/transfer", &transfer(&source, &destination, "1.00")).expect(201);

    let (passed, came_back) = guesses_until_refused([&one, &other], "192.0.2.1");
    assert!((BURST..=BURST + came_back).contains(&passed), "{passed} of {BURST} and {came_back}");
    assert_eq!((guess(&one, "192.0.2.2"), guess(&other, "192.0.2.2")), (401, 401), "others are not limited by that");
    pay(&ann);

    redis.kill();
    let started = Instant::now();
    pay(&ann);
    pay(&other.client(ann.token().expect("a customer is logged in")));
    assert!(started.elapsed() < Duration::from_secs(5), "money waited {:?}", started.elapsed());
    let (passed, came_back) = guesses_until_refused([&one, &other], "192.0.2.3");
    assert!((BURST..=2 * (BURST + came_back)).contains(&passed), "each process goes on alone: {passed}");
    assert_eq!(times_logged(&bank, AWAY), 2, "each says so once");

    redis.start_again();
    eventually("both use Redis again", Duration::from_secs(10), || times_logged(&bank, SHARED) == 4);
    let (passed, came_back) = guesses_until_refused([&one, &other], "192.0.2.4");
    assert!((BURST..=BURST + came_back).contains(&passed), "{passed} of {BURST} and {came_back}");
    pay(&ann);
    assert_eq!(ann.balances(&destination).0, "4.00");
    bank.expect_verified();
}

#[test]
fn a_redis_that_hangs_keeps_nobody_waiting_and_counts_again_when_it_answers() {
    let Some(redis) = Redis::start() else { return };
    let bank = Bank::on(Engine::Sqlite);
    let server = serve(&bank, &redis);
    eventually("it uses Redis", Duration::from_secs(10), || times_logged(&bank, SHARED) == 1);
    let ann = server.register("ann");
    let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
    let slowest_payment = |count: usize| {
        let pay = || {
            let started = Instant::now();
            ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "1.00")).expect(201);
            started.elapsed()
        };
        (0..count).map(|_| pay()).max().expect("there are some")
    };

    redis.hang();
    let waited = slowest_payment(10);
    assert!(waited < Duration::from_secs(2), "the first one notices, within a tenth of a second: {waited:?}");
    eventually("it says so", Duration::from_secs(5), || times_logged(&bank, AWAY) == 1);
    // Meanwhile it tries to connect, and Redis takes the connections.
    for _ in 0..10 {
        let waited = slowest_payment(2);
        assert!(waited < Duration::from_secs(2), "{waited:?}");
        std::thread::sleep(Duration::from_millis(300));
    }
    let (passed, came_back) = guesses_until_refused([&server, &server], "192.0.2.1");
    assert!((BURST..=BURST + came_back).contains(&passed), "it goes on alone: {passed} of {BURST} and {came_back}");
    assert_eq!((times_logged(&bank, AWAY), times_logged(&bank, SHARED)), (1, 1), "it said so once");

    redis.wake();
    eventually("it uses Redis again", Duration::from_secs(10), || times_logged(&bank, SHARED) == 2);
    let (passed, came_back) = guesses_until_refused([&server, &server], "192.0.2.2");
    assert!((BURST..=BURST + came_back).contains(&passed), "{passed} of {BURST} and {came_back}");
    assert_eq!(ann.balances(&destination).0, "30.00");
    assert_eq!(times_logged(&bank, AWAY), 1);
    server.stop();
}

#[test]
fn each_request_is_one_question_to_redis_whatever_it_comes_with() {
    let Some(redis) = Redis::start() else { return };
    let bank = Bank::on(Engine::Sqlite);
    let server = serve(&bank, &redis);
    eventually("it uses Redis", Duration::from_secs(10), || times_logged(&bank, SHARED) == 1);
    let ann = server.register("ann");
    let new_key = json!({ "name": "program", "scopes": ["accounts:read"] });
    let key = ann.post("/api/auth/api-keys", &new_key).expect(201)["key"].clone();
    let program = server.client(key.as_str().expect("a key is shown once"));
    for (client, status) in [(&ann, 200), (&program, 200), (&server.client("flk_made_up"), 401)] {
        client.get("/api/accounts");
        let before = redis.scripts_run();
        (0..5).for_each(|_| assert_eq!(client.get("/api/accounts").status, status));
        assert_eq!(redis.scripts_run() - before, 5, "{status}");
    }
    server.stop();
}

#[test]
fn a_redis_is_reached_over_tls_if_its_certificate_is_of_a_known_ca() {
    let (certificates, others) = (Certificates::make(), Certificates::make());
    let authorities = [others.path("ca.pem"), certificates.path("ca.pem")];
    let Some(redis) = Redis::start_encrypted(certificates) else { return };
    for (authority, logged) in authorities.iter().zip(["Redis cannot be reached", SHARED]) {
        let bank = Bank::on(Engine::Sqlite);
        let settings = [("FLORIN_RATE_LIMIT", "on"), ("FLORIN_CACHE_URL", &*redis.url()), ("SSL_CERT_FILE", authority)];
        let server = bank.serve_with(&["serve"], &settings);
        eventually(logged, Duration::from_secs(10), || times_logged(&bank, logged) == 1);
        server.register("ann").open_account_with("1.00");
        assert_eq!(times_logged(&bank, SHARED), usize::from(logged == SHARED));
        server.stop();
    }
}

#[test]
fn a_bank_starts_without_its_redis() {
    let bank = Bank::on(Engine::Sqlite);
    // Port 1 takes no connections.
    let settings = [("FLORIN_RATE_LIMIT", "on"), ("FLORIN_CACHE_URL", "redis://:hidden-word@127.0.0.1:1")];
    let server = bank.serve_with(&["serve"], &settings);
    let ann = server.register("ann");
    ann.open_account_with("1.00");
    eventually("it says so", Duration::from_secs(10), || times_logged(&bank, "Redis cannot be reached") == 1);
    let refused = (0..10 * BURST).any(|_| guess(&server, "192.0.2.1") == 429);
    assert!(refused, "it limits by itself");
    assert_eq!(times_logged(&bank, "hidden-word"), 0);
    server.stop();
}
