//! The listener itself: connections that stay, clients that misbehave, and a shutdown that lets requests finish.

use crate::bank::{Bank, open_door, with_bank, with_front_door};
use http_edge::FrontDoorSettings;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Server {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

async fn start(bank: &Bank) -> Server {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let listener = http_edge::Listener { tcp, tls: None, operations: None };
    let (stop, stopped) = oneshot::channel();
    let shutdown = async move { drop(stopped.await) };
    Server { address, stop, serving: tokio::spawn(http_edge::serve(listener, bank.app(), shutdown)) }
}

/// Sends the text and reads until the reply has ended with the given text, or the connection has.
async fn exchange(stream: &mut TcpStream, text: &str, end: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    let mut piece = [0; 4096];
    while !String::from_utf8_lossy(&reply).ends_with(end) || end.is_empty() {
        match tokio::time::timeout(Duration::from_secs(5), stream.read(&mut piece)).await.unwrap() {
            Ok(0) | Err(_) => break,
            Ok(count) => reply.extend_from_slice(&piece[..count]),
        }
    }
    String::from_utf8(reply).unwrap()
}

const HEALTH: &str = "GET /health HTTP/1.1\r\nhost: florin\r\n\r\n";
const UP: &str = r#"{"status":"UP"}"#;

#[test]
fn a_connection_serves_many_requests() {
    with_bank(async |bank| {
        let server = start(&bank).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        for _ in 0..3 {
            let reply = exchange(&mut stream, HEALTH, UP).await;
            assert!(reply.starts_with("HTTP/1.1 200 OK\r\n") && reply.contains("x-request-id: req_"), "{reply}");
        }
        for (head, status) in [
            ("GET /nothing", "404"),
            ("DELETE /health", "405"),
            ("GET /api/auth/me", "401"),
            ("POST /login", "415"),
            ("GET /docs/nothing.js", "404"),
        ] {
            let reply = exchange(&mut stream, &format!("{head} HTTP/1.1\r\nhost: florin\r\n\r\n"), "Z\"}").await;
            let (head, body) = reply.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
            assert_eq!(head.matches("content-length").count(), 1);
        }
        server.stop.send(()).unwrap();
        server.serving.await.unwrap();
    });
}

#[test]
fn what_is_not_http_is_turned_away_and_harms_nobody() {
    with_bank(async |bank| {
        let server = start(&bank).await;
        let many_headers: String = (0..200).map(|number| format!("x-{number}: 1\r\n")).collect();
        for (text, status) in [
            ("nonsense\r\n\r\n".to_owned(), "400"),
            (format!("GET /health HTTP/1.1\r\n{many_headers}\r\n"), "431"),
            (format!("GET /{} HTTP/1.1\r\nhost: florin\r\nconnection: close\r\n\r\n", "x".repeat(20_000)), "414"),
            (format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(1_000_000)), "431"),
        ] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();

            let reply = exchange(&mut stream, &text, "").await;
            // Whoever goes on to send may find the connection closed before the reply is read.
            if text.len() < 10_000 || !reply.is_empty() {
                assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{reply}");
                assert!(reply.contains(r#"{"error":{"code":"#) && reply.contains("x-frame-options: DENY"), "{reply}");
            }
        }
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        assert!(exchange(&mut stream, HEALTH, UP).await.starts_with("HTTP/1.1 200"));
        server.stop.send(()).unwrap();
        drop(stream);
        server.serving.await.unwrap();
    });
}

#[test]
fn a_chunked_request_is_the_last_of_its_connection() {
    with_bank(async |bank| {
        let server = start(&bank).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // To whoever goes by the length, the second request is the body of the first.
        let smuggled = "POST /login HTTP/1.1\r\nhost: florin\r\ncontent-type: application/json\r\n\
                        content-length: 80\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        let reply = exchange(&mut stream, &format!("{smuggled}{HEALTH}"), "").await;
        assert!(reply.starts_with("HTTP/1.1 400") && reply.contains("connection: close"), "{reply}");
        assert_eq!(reply.matches("HTTP/1.1").count(), 1, "{reply}");
        server.stop.send(()).unwrap();
        server.serving.await.unwrap();
    });
}

#[test]
fn whoever_is_on_the_deny_list_finds_the_connection_closed() {
    let door = FrontDoorSettings { deny_list: "127.0.0.0/8".parse().unwrap(), ..open_door() };
    with_front_door(&door, async |bank| {
        let server = start(&bank).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        assert_eq!(exchange(&mut stream, HEALTH, "").await, "");
        server.stop.send(()).unwrap();
        server.serving.await.unwrap();
    });
}

#[test]
fn a_shutdown_lets_requests_finish_and_takes_no_new_ones() {
    with_bank(async |bank| {
        let server = start(&bank).await;
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        exchange(&mut idle, HEALTH, UP).await;
        let mut halfway = TcpStream::connect(server.address).await.unwrap();
        let body = r#"{"username":"nobody","password":"wrong password"}"#;
        let head = format!(
            "POST /api/auth/login HTTP/1.1\r\nhost: florin\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        halfway.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.stop.send(()).unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!server.serving.is_finished());
        assert!(TcpStream::connect(server.address).await.is_err());
        let reply = exchange(&mut halfway, body, "").await;
        assert!(reply.starts_with("HTTP/1.1 401") && reply.contains("INVALID_CREDENTIALS"), "{reply}");
        server.serving.await.unwrap();
        assert_eq!(exchange(&mut idle, "", "").await, "");
    });
}

#[test]
fn a_head_has_a_length() {
    with_bank(async |bank| {
        let server = start(&bank).await;
        let head = |bytes: usize| {
            let beginning = "GET /health HTTP/1.1\r\nhost: florin\r\nconnection: close\r\nx: ";
            format!("{beginning}{}\r\n\r\n", "y".repeat(bytes - beginning.len() - 4))
        };
        for (bytes, status) in [(32 * 1024, "200"), (32 * 1024 + 1, "431"), (64 * 1024, "431"), (100_000, "431")] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let reply = exchange(&mut stream, &head(bytes), "").await;
            assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{bytes}: {reply}");
        }
        server.stop.send(()).unwrap();
        server.serving.await.unwrap();
    });
}

#[test]
fn a_refusal_is_there_before_the_body_and_the_connection_goes_on_after_it() {
    with_bank(async |bank| {
        let server = start(&bank).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        for bytes in [100, 100_000, 3_000_000] {
            let head = format!("POST /api/accounts HTTP/1.1\r\nhost: florin\r\ncontent-length: {bytes}\r\n\r\n");
            let reply = exchange(&mut stream, &head, "Z\"}").await;
            assert!(reply.starts_with("HTTP/1.1 401") && !reply.contains("connection: close"), "{reply}");
            stream.write_all(&vec![b' '; bytes]).await.unwrap();
            assert!(exchange(&mut stream, HEALTH, UP).await.starts_with("HTTP/1.1 200"));
        }
        server.stop.send(()).unwrap();
        drop(stream);
        server.serving.await.unwrap();
    });
}

#[test]
fn whoever_asks_before_sending_is_told_no_instead_of_go_on() {
    with_bank(async |bank| {
        let server = start(&bank).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = "POST /api/accounts HTTP/1.1\r\nhost: florin\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n";
        let reply = exchange(&mut stream, head, "").await;
        assert!(reply.starts_with("HTTP/1.1 401") && reply.contains("connection: close"), "{reply}");
        assert_eq!(reply.matches("HTTP/1.1").count(), 1, "{reply}");
        server.stop.send(()).unwrap();
        server.serving.await.unwrap();
    });
}

#[test]
fn what_is_too_much_to_throw_away_ends_the_connection_in_order() {
    with_bank(async |bank| {
        let server = start(&bank).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = "POST /api/accounts HTTP/1.1\r\nhost: florin\r\ncontent-length: 100000000\r\n\r\n";
        let started = std::time::Instant::now();
        let reply = exchange(&mut stream, head, "").await;
        assert!(reply.starts_with("HTTP/1.1 401") && reply.contains("connection: close"), "{reply}");
        assert!(started.elapsed() < Duration::from_secs(1), "our side is closed at once");
        // What is sent is read for a while, and then the connection is gone.
        let mut sent = 0;
        while stream.write_all(&[b' '; 65_536]).await.is_ok() {
            sent += 65_536;
            assert!(sent < 50_000_000 && started.elapsed() < Duration::from_secs(10), "{sent}");
        }
        server.stop.send(()).unwrap();
        server.serving.await.unwrap();
    });
}
