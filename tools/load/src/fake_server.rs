//! A server for tests that answers the few requests of a load in the shape of the real one, and counts them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the server has seen.
#[derive(Default)]
struct Seen {
    requests: BTreeMap<String, u64>,
    addresses: BTreeSet<String>,
    /// The numbers of everybody's accounts, by access token.
    accounts: BTreeMap<String, Vec<u64>>,
}

/// A server that runs until the test ends.
pub(crate) struct FakeServer {
    address: String,
    seen: Arc<Mutex<Seen>>,
}

impl FakeServer {
    /// Starts listening.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, seen }
    }

    /// The address to load.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// How many requests had this path, whatever followed a question mark.
    pub(crate) fn count(&self, path: &str) -> u64 {
        self.seen.lock().unwrap().requests.get(path).copied().unwrap_or_default()
    }

    /// Where requests said that they came from.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.seen.lock().unwrap().addresses.iter().cloned().collect()
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Seen>>) {
    let mut buffer = Vec::new();
    loop {
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
                return;
            }
            continue;
        };
        let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
        let body_bytes: usize = header(&head, "content-length").map_or(0, |value| value.parse().unwrap());
        if buffer.len() < end + 4 + body_bytes {
            stream.read_buf(&mut buffer).await.unwrap();
            continue;
        }
        let (status, body) = answer(&head, &buffer[end + 4..end + 4 + body_bytes], &mut seen.lock().unwrap());
        let reply = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(reply.as_bytes()).await.unwrap();
        buffer.drain(..end + 4 + body_bytes);
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn answer(head: &str, body: &[u8], seen: &mut Seen) -> (u16, String) {
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap().split('?').next().unwrap());
    *seen.requests.entry(path.to_owned()).or_default() += 1;
    seen.addresses.extend(header(head, "x-forwarded-for").map(str::to_owned));
    if path.starts_with("/api/auth/") {
        return authenticate(path, body, seen);
    }
    let token = header(head, "authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap();
    let next = seen.accounts.values().flatten().max().map_or(1, |last| last + 1);
    let own = seen.accounts.get_mut(token).unwrap();
    let account =
        |number: u64| format!(r#"{{"id":"acct_{number}","balance":"1000000.00","currency":"USD","status":"ACTIVE"}}"#);
    match (method, path) {
        ("GET", "/api/accounts") => {
            let data: Vec<_> = own.iter().copied().map(account).collect();
            (200, format!(r#"{{"data":[{}],"nextCursor":null}}"#, data.join(",")))
        }
        ("POST", "/api/accounts") => {
            own.push(next);
            (201, account(next))
        }
        ("POST", "/api/transactions/batch") => {
            let settled = r#"{"status":"SETTLED","transaction":{"status":"SETTLED"}}"#;
            (200, format!(r#"{{"data":[{settled},{settled},{{"status":"REFUSED","error":{{}}}}]}}"#))
        }
        ("POST", _) if header(head, "idempotency-key").is_some_and(|key| key.len() == 36) => (201, "{}".to_owned()),
        ("GET", _) if path.ends_with("/balance") => (200, "{}".to_owned()),
        _ => (404, format!(r#"{{"error":{{"code":"NOT_FOUND","message":"{path}"}}}}"#)),
    }
}

fn authenticate(path: &str, body: &[u8], seen: &mut Seen) -> (u16, String) {
    let body: BTreeMap<String, String> = serde_json::from_slice(body).unwrap();
    let token = format!("token-of-{}", body["username"]);
    let login = format!(r#"{{"accessToken":"{token}"}}"#);
    match path {
        "/api/auth/register" if seen.accounts.contains_key(&token) => (409, "{}".to_owned()),
        "/api/auth/register" => {
            seen.accounts.insert(token, Vec::new());
            (201, login)
        }
        _ => (if seen.accounts.contains_key(&token) { 200 } else { 401 }, login),
    }
}
