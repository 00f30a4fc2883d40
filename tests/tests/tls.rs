//! HTTPS with certificates that `florin certs` made: who gets in, who does not, and what a renewal does.

use db::Engine;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};
use stories::{Bank, Certificates, Door, Server, Trust, eventually, run, transfer};

/// The server's own limit is ten seconds.
const HANDSHAKE_ENDS_WITHIN: Duration = Duration::from_secs(13);
/// The server looks every ten seconds.
const RENEWED_WITHIN: Duration = Duration::from_secs(20);
const NOTICED_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn a_customer_who_trusts_the_ca_banks_over_https() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let server = bank.serve_tls(certificates.server_settings(), certificates.trust());
    let customer = server.register("ann");
    let (source, destination) = (customer.open_account_with("10.00"), customer.open_account("USD"));
    customer.pay("/api/transactions/transfer", &transfer(&source, &destination, "4.00")).expect(201);
    assert_eq!(customer.balances(&destination).0, "4.00");

    let error = refusal(&server, Some(Certificates::make().trust()));
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    let error = refusal(&server, Some(certificates.trust().expecting("bank.example")));
    assert!(error.to_string().contains("not valid for name"), "{error}");
    server.stop();
}

#[test]
fn a_plain_request_to_the_tls_port_ends_at_once() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let server = bank.serve_tls(certificates.server_settings(), certificates.trust());
    let started = Instant::now();
    let mut stream = server.connect().expect("the port is open");
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("the bytes are taken");
    let mut answer = Vec::new();
    // The end may come as a reset: nobody reads what a stranger sends.
    drop(stream.read_to_end(&mut answer));
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    assert!(started.elapsed() < Duration::from_secs(2), "it took {:?}", started.elapsed());
    expect_counted(&server, "failed", 1);
    server.stop();
}

#[test]
fn a_handshake_that_does_not_go_on_is_ended() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let server = bank.serve_tls(certificates.server_settings(), certificates.trust());
    let started = Instant::now();
    let mut stream = server.connect().expect("the port is open");
    // The head of a record that promises more.
    stream.write_all(&[22, 3, 1, 2, 0, 1]).expect("the bytes are taken");
    assert_eq!(stream.read(&mut [0; 16]).expect("the end is in order"), 0);
    assert!(started.elapsed() < HANDSHAKE_ENDS_WITHIN, "it took {:?}", started.elapsed());
    expect_counted(&server, "timed_out", 1);
    server.stop();
}

#[test]
fn with_a_client_ca_only_its_clients_get_in() {
    let (bank, certificates, others) = (Bank::on(Engine::Sqlite), Certificates::make(), Certificates::make());
    let server = bank.serve_tls(certificates.mutual_settings(""), certificates.trust_showing("client-proxy"));
    refusal(&server, Some(certificates.trust()));
    refusal(&server, None);
    // The right CA to trust, the wrong one to show.
    let foreign = (others.file("client-proxy.pem"), others.file("client-proxy.key"));
    let shown = stories::Shown { certificate: &foreign.0, key: &foreign.1 };
    refusal(&server, Some(Trust::new(&certificates.file("ca.pem"), Some(shown))));
    // Not for clients.
    refusal(&server, Some(certificates.trust_showing("server")));
    expect_counted(&server, "refused", 3);
    assert!(server.log().contains("a TLS handshake failed"), "a refusal is in the log");
    server.register("ann");
    server.stop();
}

#[test]
fn with_names_only_clients_with_one_of_them_get_in() {
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    certificates.issue(&["--client", "visitor"]).expect_success();
    let settings = certificates.mutual_settings("proxy,reports.internal");
    let server = bank.serve_tls(settings, certificates.trust_showing("client-proxy"));
    for name in ["client-visitor", "client-service"] {
        refusal(&server, Some(certificates.trust_showing(name)));
    }
    certificates.issue(&["--client", "reports.internal"]).expect_success();
    server.with(Some(certificates.trust_showing("client-reports.internal"))).register("ann");
    expect_counted(&server, "refused", 2);
    server.stop();
}

#[test]
fn renewed_certificates_are_used_and_open_connections_go_on() {
    let (bank, old, new) = (Bank::on(Engine::Sqlite), Certificates::make(), Certificates::make());
    let server = bank.serve_tls(old.server_settings(), old.trust());
    let connected = server.register("ann");
    connected.get("/api/auth/me").expect(200);
    let renewed = server.with(Some(new.trust()));
    refusal(&server, Some(new.trust()));

    // First only half of the renewal.
    std::fs::copy(new.file("server.pem"), old.file("server.pem")).expect("the certificate can be renewed");
    server.hang_up();
    eventually("the mismatch is noticed", NOTICED_WITHIN, || server.log().contains("is not the key of"));
    server.anonymous().get("/health").expect(200);

    std::fs::copy(new.file("server.key"), old.file("server.key")).expect("the key can be renewed");
    server.hang_up();
    eventually("new clients see the new certificate", NOTICED_WITHIN, || {
        renewed.anonymous().try_send(("GET", "/health"), None, "").is_ok()
    });
    refusal(&server, Some(old.trust()));
    assert_eq!(connected.get("/api/auth/me").expect(200)["username"], "ann");
}

#[test]
fn a_renewal_is_noticed_without_a_word() {
    let (bank, old, new) = (Bank::on(Engine::Sqlite), Certificates::make(), Certificates::make());
    let server = bank.serve_tls(old.server_settings(), old.trust());
    for name in ["server.pem", "server.key"] {
        std::fs::copy(new.file(name), old.file(name)).expect("the files can be renewed");
    }
    let renewed = server.with(Some(new.trust())).anonymous();
    eventually("new clients see the new certificate", RENEWED_WITHIN, || {
        renewed.try_send(("GET", "/health"), None, "").is_ok()
    });
}

#[test]
fn certificates_that_cannot_be_used_are_refused_in_one_line() {
    let (bank, certificates, others) = (Bank::on(Engine::Sqlite), Certificates::make(), Certificates::make());
    let (certificate, key, ca) = ("FLORIN_TLS_CERT_FILE", "FLORIN_TLS_KEY_FILE", "FLORIN_TLS_CLIENT_CA_FILE");
    let (right, its_key) = (certificates.path("server.pem"), certificates.path("server.key"));
    let open = certificates.path("client-service.key");
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).expect("the key can be opened up");
    for (settings, why) in [
        (vec![(certificate, right.clone())], "set both or none"),
        (vec![(ca, certificates.path("ca.pem"))], "need FLORIN_TLS_CERT_FILE"),
        (vec![(certificate, certificates.path("absent.pem")), (key, its_key.clone())], "absent.pem: No such file"),
        (vec![(certificate, its_key.clone()), (key, its_key.clone())], "server.key: there is no certificate"),
        (vec![(certificate, right.clone()), (key, right.clone())], "others can read or change this key"),
        (vec![(certificate, certificates.path("client-service.pem")), (key, open)], "chmod 600"),
        (vec![(certificate, right.clone()), (key, others.path("server.key"))], "is not the key of the certificate"),
        (vec![(certificate, right.clone()), (key, its_key.clone()), (ca, its_key.clone())], "there is no certificate"),
    ] {
        let mut command = bank.command(&["serve"]);
        command.envs(settings);
        let said = run(command).expect_refusal();
        assert!(said.starts_with("florin: ") && said.contains(why), "{said}");
    }
}

#[test]
fn production_mode_serves_other_machines_over_tls_only() {
    let bank = Bank::on(Engine::Sqlite);
    let mut command = bank.command(&["serve"]);
    command.envs([("FLORIN_MODE", "production"), ("FLORIN_RATE_LIMIT", "on"), ("FLORIN_LISTEN", "0.0.0.0:0")]);
    let said = run(command).expect_refusal();
    assert!(said.contains("FLORIN_TLS_CERT_FILE") && said.contains("FLORIN_LISTEN"), "{said}");
}

#[test]
fn keys_are_private_and_nothing_is_overwritten() {
    let certificates = Certificates::make();
    let read = |name: &str| std::fs::read(certificates.file(name)).expect("the file was made");
    for name in ["ca.key", "server.key", "client-proxy.key", "client-service.key"] {
        let mode = std::fs::metadata(certificates.file(name)).expect("the key was made").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let before = [read("ca.pem"), read("ca.key"), read("server.pem"), read("server.key")];
    let said = certificates.issue(&[]).expect_success();
    assert!(said.contains("Nothing to make"), "{said}");
    assert_eq!(before, [read("ca.pem"), read("ca.key"), read("server.pem"), read("server.key")]);

    std::fs::remove_file(certificates.file("server.key")).expect("the key can be removed");
    let said = certificates.issue(&[]).expect_refusal();
    assert!(said.contains("server.pem is there without"), "{said}");
    // The CA of somebody else, or half of it, signs nothing.
    std::fs::copy(Certificates::make().file("ca.pem"), certificates.file("ca.pem")).expect("the CA can be mixed up");
    assert!(certificates.issue(&["--name", "bank.test"]).expect_refusal().contains("were not made together"));
    assert!(certificates.issue(&["--name", "../server"]).expect_refusal().contains("neither a DNS name"));
}

/// Why somebody with this trust gets no answer.
#[track_caller]
fn refusal(door: &Door, trust: Option<Trust>) -> io::Error {
    let client = door.with(trust).anonymous();
    client.try_send(("GET", "/health"), None, "").expect_err("nobody without the right certificate gets an answer")
}

#[track_caller]
fn expect_counted(server: &Server, outcome: &str, count_min: u64) {
    let line = format!("florin_tls_handshakes_total{{outcome=\"{outcome}\"}} ");
    let metrics = String::from_utf8(server.anonymous().get("/metrics").body).expect("metrics are text");
    let count = metrics.lines().find_map(|found| found.strip_prefix(line.as_str())?.parse::<u64>().ok());
    assert!(count.is_some_and(|count| count >= count_min), "{line}is {count:?}");
}
