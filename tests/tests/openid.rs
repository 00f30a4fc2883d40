//! A bank that trusts an issuer elsewhere: its settings, its people, its keys as they come and go, and its absence.

use db::{Engine, WallTime};
use outsiders::{IssuerKey, IssuerServer, Reply, TestIssuer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use stories::{Bank, Certificates, Client, PASSWORD, Server, eventually, on_each_engine};

const AUDIENCE: &str = "https://bank.example/api";
/// Longer than the rest between two attempts to fetch keys.
const NOTICED_WITHIN: Duration = Duration::from_secs(15);
/// In other processes it takes a second; the rest is for a busy machine.
const TOLD_WITHIN: Duration = Duration::from_secs(5);

/// An issuer that publishes its keys on this machine.
struct Issuer {
    server: IssuerServer,
    issuer: TestIssuer,
}

impl Issuer {
    fn start() -> Self {
        let server = IssuerServer::start();
        let issuer = TestIssuer::new(&server.url(), AUDIENCE);
        server.publish(&issuer);
        Self { server, issuer }
    }

    fn serve(&self, bank: &Bank, unknown: &str) -> Server {
        let settings = [
            ("FLORIN_OIDC_ISSUER", self.issuer.name.as_str()),
            ("FLORIN_OIDC_AUDIENCE", AUDIENCE),
            ("FLORIN_OIDC_UNKNOWN", unknown),
        ];
        bank.serve_with(&["serve"], &settings)
    }

    fn caller(&self, server: &Server, subject: &str) -> Client {
        let mut claims = self.issuer.claims(subject, WallTime::now());
        claims["scope"] = json!("openid profile:read accounts:read accounts:write");
        server.client(&self.issuer.token(&claims))
    }
}

#[test]
fn people_of_the_issuer_come_and_stay_through_crashes_rotations_and_its_absence() {
    on_each_engine(|bank| {
        let mut elsewhere = Issuer::start();
        let server = elsewhere.serve(&bank, "register");
        let bob = elsewhere.caller(&server, "bob");
        let account = bob.open_account("USD");
        let name = bob.get("/api/auth/me").expect(200)["username"].clone();
        server.kill();

        let server = elsewhere.serve(&bank, "refuse");
        let bob = elsewhere.caller(&server, "bob");
        assert_eq!(bob.get("/api/auth/me").expect(200)["username"], name);
        assert_eq!(bob.get("/api/accounts").expect(200)["data"][0]["id"], account);
        elsewhere.caller(&server, "eve").get("/api/auth/me").expect_error(401, "INVALID_TOKEN");

        // Another key signs: its first token makes the bank look, after a rest at the latest.
        elsewhere.issuer.rotate(jsonwebtoken::Algorithm::ES256);
        elsewhere.server.publish(&elsewhere.issuer);
        let newer = elsewhere.caller(&server, "bob");
        eventually("the new key is known", NOTICED_WITHIN, || newer.get("/api/auth/me").status == 200);
        bob.get("/api/auth/me").expect(200);

        // It hangs, it talks nonsense: what is known stays known, and others are served meanwhile.
        elsewhere.server.discover(Reply::Hang);
        let forger = IssuerKey::generate(jsonwebtoken::Algorithm::EdDSA);
        let forged = forger.sign(&forger.header(), &elsewhere.issuer.claims("bob", WallTime::now()));
        server.client(&forged).get("/api/auth/me").expect_error(401, "INVALID_TOKEN");
        elsewhere.caller(&server, "bob").get("/api/auth/me").expect(200);
        elsewhere.server.discover(Reply::Body("<html>".to_owned()));
        elsewhere.caller(&server, "bob").get("/api/auth/me").expect(200);
        let log = server.log();
        assert!(!log.contains(&forged) && !log.contains("eyJ"), "tokens stay out of the log");
        server.stop();
    });
}

#[test]
fn a_flood_of_tokens_with_unknown_keys_hardly_reaches_the_issuer() {
    let bank = Bank::on(Engine::Sqlite);
    let elsewhere = Issuer::start();
    let server = elsewhere.serve(&bank, "register");
    elsewhere.caller(&server, "bob").get("/api/auth/me").expect(200);
    let begun = std::time::Instant::now();
    let before = elsewhere.server.requests();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let forger = IssuerKey::generate(jsonwebtoken::Algorithm::EdDSA);
                    let token = forger.sign(&forger.header(), &elsewhere.issuer.claims("bob", WallTime::now()));
                    server.client(&token).get("/api/auth/me").expect_error(401, "INVALID_TOKEN");
                }
            });
        }
    });
    // Two requests for each attempt, and one attempt for every two seconds.
    let attempts_max = usize::try_from(begun.elapsed().as_secs()).expect("a short while") / 2 + 2;
    let requests = elsewhere.server.requests() - before;
    assert!(requests <= 2 * attempts_max, "{requests} requests in {:?}", begun.elapsed());
    server.stop();
}

#[test]
fn an_issuer_that_was_never_there_lets_nobody_in_and_keeps_nobody_out() {
    let bank = Bank::on(Engine::Sqlite);
    let elsewhere = Issuer::start();
    elsewhere.server.discover(Reply::Raw("HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n".to_owned()));
    let server = elsewhere.serve(&bank, "register");
    let answer = elsewhere.caller(&server, "bob").get("/api/auth/me");
    assert!(answer.header("retry-after").is_some());
    answer.expect_error(503, "SERVICE_UNAVAILABLE");
    server.register("ann").get("/api/auth/me").expect(200);
    elsewhere.server.publish(&elsewhere.issuer);
    let bob = elsewhere.caller(&server, "bob");
    eventually("the keys are known", NOTICED_WITHIN, || bob.get("/api/auth/me").status == 200);
    server.stop();
}

#[test]
fn what_one_process_unlinks_the_other_refuses_within_a_second() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let bank = Bank::on(Engine::Postgres);
    for username in ["one", "two"] {
        let mut command = bank.command(&["admin", "create", "--username", username]);
        command.env("FLORIN_ADMIN_PASSWORD", PASSWORD);
        stories::run(command).expect_success();
    }
    let elsewhere = Issuer::start();
    let (here, there) = (elsewhere.serve(&bank, "refuse"), elsewhere.serve(&bank, "refuse"));
    let id = here.register("ann").get("/api/auth/me").expect(200)["id"].clone();
    let path = format!("/api/admin/users/{}/external-identity", id.as_str().expect("an id is text"));
    let ann = elsewhere.caller(&there, "ann");
    ann.get("/api/auth/me").expect_error(401, "INVALID_TOKEN");
    let (one, two) = (here.log_in("one", PASSWORD), here.log_in("two", PASSWORD));
    let asked = one.put(&path, &json!({ "subject": "ann" })).expect(202);
    let approval = asked["id"].as_str().expect("an approval has an id");
    two.post(&format!("/api/admin/approvals/{approval}/approve"), &json!({})).expect(200);
    eventually("ann is linked there", TOLD_WITHIN, || ann.get("/api/auth/me").status == 200);
    one.delete(&path).expect(204);
    elsewhere.caller(&here, "ann").get("/api/auth/me").expect_error(401, "INVALID_TOKEN");
    eventually("ann is out there", TOLD_WITHIN, || ann.get("/api/auth/me").status == 401);
    here.stop();
    there.stop();
}

#[test]
fn an_issuer_behind_tls_is_believed_with_a_certificate_of_a_trusted_authority_only() {
    let certificates = Certificates::make();
    let server = IssuerServer::start();
    let port = tls_in_front_of(&certificates, &server);
    let issuer = TestIssuer::new(&format!("https://localhost:{port}/"), AUDIENCE);
    server.discover(Reply::Body(server.discovery(&issuer.name, &format!("https://localhost:{port}/keys"))));
    server.publish_keys(Reply::Body(issuer.key_set()));
    let (strict, ca_file) = (Certificates::make(), certificates.path("ca.pem"));
    for (ca_file, status) in [(ca_file, 200), (strict.path("ca.pem"), 503)] {
        let bank = Bank::on(Engine::Sqlite);
        let settings = [
            ("FLORIN_OIDC_ISSUER", issuer.name.as_str()),
            ("FLORIN_OIDC_AUDIENCE", AUDIENCE),
            ("FLORIN_OIDC_UNKNOWN", "register"),
            ("FLORIN_OIDC_CA_FILE", ca_file.as_str()),
        ];
        let bank_server = bank.serve_with(&["serve"], &settings);
        let token = issuer.token(&issuer.claims("bob", WallTime::now()));
        let answer = bank_server.client(&token).get("/api/auth/me");
        assert_eq!(answer.status, status, "{ca_file}: {}", bank_server.log());
        bank_server.stop();
    }
}

#[test]
fn half_an_issuer_and_an_unsafe_one_stop_the_start_with_one_line() {
    let bank = Bank::on(Engine::Sqlite);
    let refusal = |settings: &[(&str, &str)]| {
        let mut command = bank.command(&["serve"]);
        command.envs(settings.iter().copied());
        stories::run(command).expect_refusal()
    };
    let name = ("FLORIN_OIDC_ISSUER", "https://login.example");
    assert!(refusal(&[name]).contains("set both or none"));
    assert!(refusal(&[("FLORIN_OIDC_UNKNOWN", "register")]).contains("need FLORIN_OIDC_ISSUER"));
    let audience = ("FLORIN_OIDC_AUDIENCE", AUDIENCE);
    let plain = ("FLORIN_OIDC_ISSUER", "http://127.0.0.1:9000");
    let production = ("FLORIN_MODE", "production");
    let limits = ("FLORIN_RATE_LIMIT", "on");
    assert!(refusal(&[plain, audience, production, limits]).contains("must begin with https://"));
    assert!(refusal(&[("FLORIN_OIDC_ISSUER", "http://bank.example"), audience]).contains("FLORIN_OIDC_ISSUER"));
    assert!(refusal(&[name, audience, ("FLORIN_OIDC_CA_FILE", "/nonexistent")]).contains("FLORIN_OIDC_CA_FILE"));
    assert!(refusal(&[name, audience, ("FLORIN_OIDC_UNKNOWN", "maybe")]).contains("FLORIN_OIDC_UNKNOWN"));
}

/// Ends TLS with the certificates' server and hands what comes on; gives the port.
fn tls_in_front_of(certificates: &Certificates, server: &IssuerServer) -> u16 {
    let chain = CertificateDer::pem_file_iter(certificates.file("server.pem")).expect("the certificate can be read");
    let chain = chain.collect::<Result<_, _>>().expect("the certificate is PEM");
    let key = PrivateKeyDer::from_pem_file(certificates.file("server.key")).expect("the key is PEM");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the usual versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("the key is that of the certificate");
    let (config, upstream) = (Arc::new(config), server.url().replace("http://", ""));
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    let port = listener.local_addr().expect("a listener has an address").port();
    std::thread::spawn(move || {
        for tcp in listener.incoming().map_while(Result::ok) {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).expect("the configuration is whole");
            // Who does not trust it goes away, and there is nothing to hand on.
            drop(hand_on(rustls::StreamOwned::new(session, tcp), &upstream));
        }
    });
    port
}

/// One request of fewer bytes than the buffer has, and its reply.
fn hand_on(
    mut client: rustls::StreamOwned<rustls::ServerConnection, TcpStream>,
    upstream: &str,
) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let length = client.read(&mut request)?;
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(&request[..length])?;
    let mut reply = Vec::new();
    server.read_to_end(&mut reply)?;
    client.write_all(&reply)?;
    client.conn.send_close_notify();
    client.flush()
}
