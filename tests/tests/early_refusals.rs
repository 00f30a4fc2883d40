//! A refusal that comes before the body has: ordinary clients, which send first and read then, get to see it.

use db::Engine;
use std::process::Command;
use stories::{Bank, Certificates, Door, Tool, run};

/// Posts a body as the library of Python does it, and prints status, code and whether the connection goes on.
const POST: &str = r#"
import http.client, json, ssl, sys
ca, port, method, path, size, extra = sys.argv[1:]
if ca:
    context = ssl.create_default_context(cafile=ca)
    connection = http.client.HTTPSConnection("localhost", int(port), timeout=20, context=context)
else:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
headers = dict(line.split(": ") for line in extra.split("\n") if line)
body = b" " * int(size)
if headers.get("Transfer-Encoding") == "chunked":
    body = [body[at:at + 10000] for at in range(0, len(body), 10000)]
connection.request(method, path, body, {"Content-Type": "application/json", **headers}, encode_chunked=True)
reply = connection.getresponse()
print(reply.status, json.loads(reply.read())["error"]["code"], reply.getheader("connection"))
"#;

fn post(python: &std::path::Path, (ca, door): (&str, &Door), what: [&str; 4]) -> String {
    let mut command = Command::new(python);
    command.arg("-c").arg(POST).args([ca, &door.address().port().to_string()]).args(what);
    run(command).expect_success().trim().to_owned()
}

#[test]
fn whoever_sends_too_much_or_to_the_wrong_place_reads_why() {
    let Some(python) = Tool::Python.find() else { return };
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve();
    for (method, path, size, headers, answer) in [
        ("POST", "/api/auth/login", "3000000", "", "413 PAYLOAD_TOO_LARGE None"),
        ("POST", "/api/auth/login", "100000", "", "413 PAYLOAD_TOO_LARGE None"),
        ("POST", "/api/auth/login", "3000000", "Expect: 100-continue", "413 PAYLOAD_TOO_LARGE close"),
        ("POST", "/api/auth/login", "3000000", "Transfer-Encoding: chunked", "413 PAYLOAD_TOO_LARGE close"),
        ("POST", "/api/auth/login", "3000000", "Content-Type: text/plain", "415 UNSUPPORTED_MEDIA_TYPE None"),
        ("POST", "/api/transactions/transfer", "3000000", "", "401 UNAUTHENTICATED None"),
        ("POST", "/api/transactions/transfer", "3000000", "Host: a b", "400 INVALID_REQUEST None"),
        ("POST", "/nothing", "3000000", "", "404 NOT_FOUND None"),
        ("PUT", "/api/auth/login", "3000000", "", "405 METHOD_NOT_ALLOWED None"),
        ("POST", "/health", "3000000", "X-Long: LONG", "431 HEADERS_TOO_LARGE close"),
    ] {
        let headers = headers.replace("LONG", &"x".repeat(50_000));
        let told = post(&python, ("", &server), [method, path, size, &headers]);
        assert_eq!(told, answer, "{method} {path} {size}");
    }
    server.stop();
}

#[test]
fn whoever_is_limited_reads_it_too() {
    let Some(python) = Tool::Python.find() else { return };
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve_with(&["serve"], &[("FLORIN_RATE_LIMIT", "on")]);
    let door = server.anonymous();
    while door.post("/api/auth/refresh", &serde_json::json!({ "refreshToken": "x" })).status != 429 {}
    let told = post(&python, ("", &server), ["POST", "/api/auth/login", "3000000", ""]);
    assert_eq!(told, "429 RATE_LIMITED None");
    server.stop();
}

#[test]
fn so_do_those_who_come_over_tls() {
    let Some(python) = Tool::Python.find() else { return };
    let (bank, certificates) = (Bank::on(Engine::Sqlite), Certificates::make());
    let server = bank.serve_tls(certificates.server_settings(), certificates.trust());
    let ca = certificates.path("ca.pem");
    for (headers, answer) in
        [("", "413 PAYLOAD_TOO_LARGE None"), ("Expect: 100-continue", "413 PAYLOAD_TOO_LARGE close")]
    {
        assert_eq!(post(&python, (&ca, &server), ["POST", "/api/auth/login", "3000000", headers]), answer);
    }
    server.stop();
}
