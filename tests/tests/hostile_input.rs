//! Bytes that no honest client sends: each gets the envelope or a closed connection, never a failure of the bank's, and
//! none of them leaves anything behind in its memory.

use db::Engine;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use stories::{Bank, PASSWORD, Server};

const ROUNDS: usize = 5;
const MEBIBYTE: usize = 1024 * 1024;
/// Far less than what is sent, more than what buffers of a few connections take.
const GROWTH_KIB_MAX: u64 = 64 * 1024;
const JSON: &str = "host: florin\r\ncontent-type: application/json\r\n";

/// What came back before the connection ended.
struct Reply(String);

/// Sends pieces until the server has had enough, and reads what it says to that.
fn send<'a>(server: &Server, pieces: impl Iterator<Item = &'a [u8]>) -> Reply {
    let mut stream = server.connect().expect("the server takes connections");
    for piece in pieces {
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    read_all(&mut stream)
}

fn read_all(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    // Whoever has been sent too much may close before everything is read: what came until then counts.
    drop(stream.read_to_end(&mut bytes));
    Reply(String::from_utf8(bytes).expect("replies are text"))
}

impl Reply {
    /// Asserts that the request was refused in the bank's own words, once, or not answered at all.
    #[track_caller]
    fn expect_refusal(&self, what: &str) {
        let Self(text) = self;
        if text.is_empty() {
            return;
        }
        assert!(text.starts_with("HTTP/1.1 4"), "{what}: {text}");
        assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{what} is one request: {text}");
        let (head, body) = text.split_once("\r\n\r\n").expect("a reply has an end of its head");
        assert!(head.contains("x-request-id: ") && head.contains("x-content-type-options: nosniff"), "{what}: {head}");
        assert!(body.starts_with(r#"{"error":{"code":""#) && body.ends_with("Z\"}"), "{what}: {body}");
    }
}

fn login(headers: &str, body: &str) -> Vec<u8> {
    format!("POST /login HTTP/1.1\r\n{JSON}{headers}\r\n{body}").into_bytes()
}

fn closing(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: florin\r\nconnection: close\r\n{headers}\r\n").into_bytes()
}

/// A login that is in order, so that a refusal is one of its framing; the reply, and how it is framed.
fn right_login(headers: &str, is_chunked: bool) -> Vec<u8> {
    let credentials = format!(r#"{{"username":"ann","password":"{PASSWORD}"}}"#);
    let length = credentials.len();
    let body = if is_chunked { format!("{length:x}\r\n{credentials}\r\n0\r\n\r\n") } else { credentials };
    let head = format!("POST /api/auth/login HTTP/1.1\r\n{JSON}{headers}\r\n");
    format!("{head}{body}").replace("LENGTH", &length.to_string()).into_bytes()
}

#[test]
fn a_body_whose_end_two_readers_could_see_differently_is_refused() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve();
    server.register("ann");
    let closing = "connection: close\r\n";
    for (headers, is_chunked) in [
        ("content-length: LENGTH\r\n", false),
        ("transfer-encoding: chunked\r\n", true),
        ("transfer-encoding: Chunked\r\nauthorization: Bearer nobody-asks-here\r\n", true),
    ] {
        let Reply(text) = send(&server, std::iter::once(&right_login(&format!("{closing}{headers}"), is_chunked)[..]));
        assert!(text.starts_with("HTTP/1.1 200 "), "{headers}: {text}");
    }
    for headers in [
        "transfer-encoding: gzip, chunked\r\n",
        "transfer-encoding: chunked, chunked\r\n",
        "transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: chunked\r\nauthorization: Bearer one\r\nauthorization: Bearer two\r\n",
    ] {
        let reply = send(&server, std::iter::once(&right_login(headers, true)[..]));
        assert!(reply.0.starts_with("HTTP/1.1 400 "), "{headers}: {}", reply.0);
        reply.expect_refusal(headers);
    }
    // Of a length beside chunks the chunks count (RFC 9112, section 6.3), and nothing behind them is taken for a request.
    let second = b"GET /health HTTP/1.1\r\nhost: florin\r\n\r\n";
    for headers in
        ["content-length: 4\r\ntransfer-encoding: chunked\r\n", "transfer-encoding: chunked\r\ncontent-length: 4\r\n"]
    {
        let login = right_login(headers, true);
        let Reply(text) = send(&server, [&login[..], second].into_iter());
        assert!(text.starts_with("HTTP/1.1 200 ") && text.matches("HTTP/1.1 ").count() == 1, "{headers}: {text}");
        assert!(text.to_ascii_lowercase().contains("connection: close\r\n"), "{headers}: {text}");
    }
    let Reply(packed) = send(
        &server,
        std::iter::once(
            &right_login("content-encoding: gzip\r\ncontent-length: LENGTH\r\nconnection: close\r\n", false)[..],
        ),
    );
    assert!(packed.starts_with("HTTP/1.1 415 "), "{packed}");
    server.stop();
}

/// One request that two readers could take for two, or that no two readers take for the same.
fn smuggled() -> Vec<(&'static str, Vec<u8>)> {
    let second = "GET /health HTTP/1.1\r\nhost: florin\r\n\r\n";
    let chunked = |extra: &str| {
        login(&format!("{extra}transfer-encoding: chunked\r\n"), &format!("2\r\n{{}}\r\n0\r\n\r\n{second}"))
    };
    vec![
        ("a length before chunks", chunked("content-length: 4\r\n")),
        (
            "a length after chunks",
            login("transfer-encoding: chunked\r\ncontent-length: 4\r\n", &format!("2\r\n{{}}\r\n0\r\n\r\n{second}")),
        ),
        ("chunks that are something else", login("transfer-encoding: chunked, identity\r\n", second)),
        ("chunks by another name", login("transfer-encoding: xchunked\r\n", second)),
        ("chunks twice", chunked("transfer-encoding: identity\r\n")),
        ("two lengths", login("content-length: 2\r\ncontent-length: 3\r\n", &format!("{{}}{second}"))),
        ("two lengths in one", login("content-length: 2, 3\r\n", &format!("{{}}{second}"))),
        ("a negative length", login("content-length: -1\r\n", second)),
        ("a length with a sign", login("content-length: +2\r\n", &format!("{{}}{second}"))),
        ("a length in other figures", login("content-length: 0x2\r\n", &format!("{{}}{second}"))),
        ("a length without end", login("content-length: 99999999999999999999999\r\n", second)),
        ("a space before the colon", login("content-length : 2\r\n", &format!("{{}}{second}"))),
        ("a folded header", login("x-a: b\r\n c\r\ncontent-length: 2\r\n", &format!("{{}}{second}"))),
        ("a bare carriage return", login("x-a: b\rcontent-length: 2\r\n", second)),
        ("a zero byte", login("x-a: \0\r\n", second)),
        (
            "a size of a chunk that is none",
            login("transfer-encoding: chunked\r\n", &format!("-2\r\n{{}}\r\n0\r\n\r\n{second}")),
        ),
        (
            "a chunk longer than told",
            login("transfer-encoding: chunked\r\n", &format!("1\r\n{{}}\r\n0\r\n\r\n{second}")),
        ),
        ("an endless size of a chunk", login("transfer-encoding: chunked\r\n", &"f".repeat(1_000))),
        ("an endless chunk extension", login("transfer-encoding: chunked\r\n", &format!("2;{}", "x".repeat(100_000)))),
    ]
}

/// What is no HTTP, or no text, or no JSON that anybody would write.
fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let json = |body: &str| login(&format!("connection: close\r\ncontent-length: {}\r\n", body.len()), body);
    let mut not_utf8 = login("connection: close\r\ncontent-length: 22\r\n", "");
    not_utf8.extend(b"{\"username\":\"\xff\xfe\xc0\x80ann\"}");
    vec![
        ("nonsense", b"nonsense\r\n\r\n".to_vec()),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("TLS", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n".to_vec()),
        ("bare line feeds", b"POST /login HTTP/1.1\nhost: florin\nconnection: close\ncontent-length: 0\n\n".to_vec()),
        ("a path that is no text", b"GET /\xff\xfe HTTP/1.1\r\nconnection: close\r\n\r\n".to_vec()),
        ("a path that decodes to no text", closing("/api/accounts/%ff%fe", "")),
        (
            "a header that is no text",
            b"GET /api/auth/me HTTP/1.1\r\nconnection: close\r\nauthorization: Bearer \xff\r\n\r\n".to_vec(),
        ),
        ("a body that is no text", not_utf8),
        ("a long URL", closing(&format!("/{}", "x".repeat(60_000)), "")),
        ("a longer URL", closing(&format!("/{}", "x".repeat(200_000)), "")),
        ("ten thousand headers", closing("/health", &(0..10_000).map(|n| format!("x-{n}: 1\r\n")).collect::<String>())),
        ("a header of a mebibyte", closing("/health", &format!("x: {}\r\n", "y".repeat(MEBIBYTE)))),
        ("deep lists", json(&"[".repeat(500_000))),
        ("deep objects", json(&"{\"a\":".repeat(100_000))),
        ("deep lists in a field", json(&format!("{{\"username\":{}", "[".repeat(500_000)))),
        ("a key given twice", json(r#"{"username":"ann","username":"bob","password":"a long password"}"#)),
        ("a number without end", json(&format!("{{\"username\":{}}}", "9".repeat(500_000)))),
        ("half an escape", json(r#"{"username":"\ud800","password":"a long password"}"#)),
    ]
}

fn send_a_large_body(server: &Server, head: &[u8], piece: &[u8]) {
    let pieces = std::iter::once(head).chain(std::iter::repeat_n(piece, 100 * MEBIBYTE / piece.len()));
    send(server, pieces).expect_refusal("a body of 100 MiB");
}

#[test]
fn hostile_bytes_are_refused_and_leave_nothing_behind() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve();
    let ann = server.register("ann");
    let before_kib = server.memory_peak_kib();
    let mut sent = 0;
    let mut answered = 0;
    for _ in 0..ROUNDS {
        for (what, bytes) in smuggled().into_iter().chain(malformed()) {
            let reply = send(&server, std::iter::once(&bytes[..]));
            reply.expect_refusal(what);
            sent += 1;
            answered += usize::from(!reply.0.is_empty());
        }
        let known = login(&format!("content-length: {}\r\n", 100 * MEBIBYTE), "");
        send_a_large_body(&server, &known, &vec![b' '; MEBIBYTE]);
        let mut chunk = format!("{:x}\r\n", MEBIBYTE).into_bytes();
        chunk.resize(chunk.len() + MEBIBYTE, b' ');
        chunk.extend(b"\r\n");
        send_a_large_body(&server, &login("transfer-encoding: chunked\r\n", ""), &chunk);
    }
    let grown_kib = server.memory_peak_kib().saturating_sub(before_kib);
    println!("{answered} of {sent} were answered; the peak of memory grew by {grown_kib} KiB");
    assert!(answered > sent / 2, "most are answered before the connection is closed: {answered} of {sent}");
    assert!(grown_kib < GROWTH_KIB_MAX, "{grown_kib} KiB");
    ann.open_account_with("1.00");
    server.stop();
    bank.expect_verified();
}

#[test]
fn slow_clients_are_not_waited_for() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve();
    let slow_body = login("content-length: 1000\r\n", "{");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (reply, took) = trickle(&server, &slow_body, b" ");
            reply.expect_refusal("a slow body");
            assert!(reply.0.starts_with("HTTP/1.1 408") || reply.0.is_empty(), "{}", reply.0);
            assert!(took < Duration::from_secs(20), "{took:?}");
        });
        scope.spawn(|| {
            let (reply, took) = trickle(&server, b"GET /health HTTP/1.1\r\nx-slow: ", b"y");
            reply.expect_refusal("a slow head");
            assert!(took < Duration::from_secs(45), "{took:?}");
        });
        scope.spawn(|| {
            let (reply, took) = trickle(&server, b"", b"");
            assert_eq!(reply.0, "", "nobody asked");
            assert!(took < Duration::from_secs(45), "{took:?}");
        });
    });
    server.stop();
}

/// Sends a beginning and then a little again and again, until the server has had enough.
fn trickle(server: &Server, beginning: &[u8], more: &[u8]) -> (Reply, Duration) {
    let started = Instant::now();
    let mut stream = server.connect().expect("the server takes connections");
    stream.write_all(beginning).expect("the beginning is taken");
    let mut reply = stream.try_clone().expect("a connection has two ends");
    let reading = std::thread::spawn(move || read_all(&mut reply));
    while !reading.is_finished() && started.elapsed() < Duration::from_secs(60) {
        drop(stream.write_all(more));
        std::thread::sleep(Duration::from_millis(200));
    }
    drop(stream.shutdown(std::net::Shutdown::Both));
    (reading.join().expect("a reader does not panic"), started.elapsed())
}
