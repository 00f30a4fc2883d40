//! The server of an issuer: one thread, one request for each connection, and whatever replies a test wants.

use super::TestIssuer;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/keys";

/// How long it keeps somebody waiting whom it does not answer.
const HANGING: Duration = Duration::from_secs(30);

/// What a path answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// 200 with this body.
    Body(String),
    /// A whole reply as it stands.
    Raw(String),
    /// The connection stays open and silent.
    Hang,
}

/// A server on this machine; it ends when it is dropped.
pub struct IssuerServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    discovery: Mutex<Option<Reply>>,
    keys: Mutex<Option<Reply>>,
    requests: AtomicUsize,
    is_over: AtomicBool,
}

impl IssuerServer {
    /// One that answers 404 to everything so far.
    ///
    /// # Panics
    /// When it cannot listen.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if serving.is_over.load(Ordering::Acquire) {
                    return;
                }
                let (Ok(connection), serving) = (connection, Arc::clone(&serving)) else { continue };
                std::thread::spawn(move || serving.answer(connection));
            }
        });
        Self { address, shared }
    }

    /// Where it is: `http://127.0.0.1:…`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Publishes what the issuer has by now.
    pub fn publish(&self, issuer: &TestIssuer) {
        self.discover(Reply::Body(self.discovery(&issuer.name, &format!("{}{KEYS}", self.url()))));
        self.publish_keys(Reply::Body(issuer.key_set()));
    }

    /// The document of an issuer of this name with its keys at this address.
    pub fn discovery(&self, issuer: &str, jwks_uri: &str) -> String {
        json!({ "issuer": issuer, "jwks_uri": jwks_uri, "subject_types_supported": ["public"] }).to_string()
    }

    /// Answers so where the issuer's document should be.
    pub fn discover(&self, reply: Reply) {
        *self.shared.discovery.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
    }

    /// Answers so where the keys should be.
    pub fn publish_keys(&self, reply: Reply) {
        *self.shared.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::Acquire)
    }
}

impl Drop for IssuerServer {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        // The thread waits for a connection to notice.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn answer(&self, connection: TcpStream) {
        let mut reader = BufReader::new(connection);
        let mut lines = Vec::new();
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
            lines.push(std::mem::take(&mut line));
        }
        self.requests.fetch_add(1, Ordering::AcqRel);
        let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        let reply = match path {
            path if path.ends_with(DISCOVERY) => &self.discovery,
            KEYS => &self.keys,
            _ => &Mutex::default(),
        };
        let reply = reply.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = match reply {
            Some(Reply::Body(body)) => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
            Some(Reply::Raw(text)) => text,
            Some(Reply::Hang) => return std::thread::sleep(HANGING),
            None => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
        };
        // Who asked may have gone.
        drop(reader.get_mut().write_all(text.as_bytes()));
    }
}
