//! Bodies that are begun and not finished: they do not fill the memory, neither those of one customer nor all together.

use db::Engine;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use stories::{Bank, Client, Server, transfer};

const LIMITS_ON: [(&str, &str); 1] = [("FLORIN_RATE_LIMIT", "on")];
const MEBIBYTE: usize = 1024 * 1024;
const LARGEST: usize = 16 * 1024;

/// Sends all of a body but its last byte.
fn stall(server: &Server, client: &Client, bytes: usize) -> TcpStream {
    let mut stream = server.connect().expect("the server takes connections");
    let head = format!(
        "POST /api/transactions/transfer HTTP/1.1\r\nhost: florin\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nidempotency-key: stalled\r\ncontent-length: {bytes}\r\n\r\n",
        client.token().expect("somebody who is logged in")
    );
    stream.write_all(head.as_bytes()).expect("the head is read");
    // Whoever is refused may find nobody who reads it.
    drop(stream.write_all(&vec![b' '; bytes - 1]));
    stream
}

/// The status, if it is there within the time.
fn status(stream: &mut TcpStream, patience: Duration) -> Option<String> {
    stream.set_read_timeout(Some(patience)).expect("a connection has a time limit");
    let mut start = [0; 12];
    stream.read_exact(&mut start).ok().map(|()| String::from_utf8_lossy(&start[9..]).into_owned())
}

#[test]
fn a_customer_does_not_fill_the_memory_with_bodies() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve_with(&["serve"], &LIMITS_ON);
    let ann = server.register("ann");
    let (source, destination) = (ann.open_account_with("10.00"), ann.open_account("USD"));
    let before_kib = server.memory_peak_kib();
    let mut large: Vec<TcpStream> = (0..200).map(|_| stall(&server, &ann, MEBIBYTE)).collect();
    assert!(large.iter_mut().all(|stream| status(stream, Duration::from_secs(10)).as_deref() == Some("413")));
    drop(large);
    let mut many: Vec<TcpStream> = (0..700).map(|_| stall(&server, &ann, LARGEST)).collect();
    let refused = many.iter_mut().filter_map(|stream| status(stream, Duration::from_millis(2))).collect::<Vec<_>>();
    assert!((100..700).contains(&refused.len()), "a part of all is theirs: {} are refused", refused.len());
    assert!(refused.iter().all(|status| status == "429"), "{refused:?}");
    // Others, and what comes in one piece, do not notice.
    let pay = |payer: &Client| payer.pay("/api/transactions/transfer", &transfer(&source, &destination, "1.00"));
    pay(&ann).expect(201);
    let bob = server.register("bob");
    assert_eq!(status(&mut stall(&server, &bob, LARGEST), Duration::from_millis(500)), None, "it is waited for");
    let grown_kib = server.memory_peak_kib().saturating_sub(before_kib);
    println!("the peak of memory grew by {grown_kib} KiB");
    assert!(grown_kib < 96 * 1024, "{grown_kib} KiB");
    drop(many);
    server.stop();
}
