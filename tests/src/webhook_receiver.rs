//! A customer's own server that is told by webhook.

use crate::wait::until_some;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const HEARD_TIME_MAX: Duration = Duration::from_secs(90);

/// It listens until the story ends, and answers 204.
pub struct WebhookReceiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<WebhookCall>>>,
}

/// A call as it came.
#[derive(Clone, Debug)]
pub struct WebhookCall {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: String,
    /// `webhook-signature`.
    pub signature: String,
    /// The body, byte for byte.
    pub body: String,
}

impl WebhookReceiver {
    /// Begins to listen.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it listens somewhere");
        let heard: Arc<Mutex<Vec<WebhookCall>>> = Arc::default();
        let hearing = Arc::clone(&heard);
        std::thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let hearing = Arc::clone(&hearing);
                std::thread::spawn(move || {
                    if let Some(call) = take(tcp) {
                        hearing.lock().expect("nobody panics here").push(call);
                    }
                });
            }
        });
        Self { address, heard }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Everything it heard.
    ///
    /// # Panics
    /// When a thread of it panicked.
    pub fn heard(&self) -> Vec<WebhookCall> {
        self.heard.lock().expect("nobody panics here").clone()
    }

    /// Waits until this is so of what it heard.
    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl Fn(&[WebhookCall]) -> bool) -> Vec<WebhookCall> {
        until_some(what, HEARD_TIME_MAX, || Some(self.heard()).filter(|heard| is_so(heard)))
    }
}

impl WebhookCall {
    /// The event that it tells.
    ///
    /// # Panics
    /// When the body is no JSON.
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body is JSON")
    }

    /// What a library of others needs to verify it with this secret.
    pub fn to_verify(&self, secret: &str, is_genuine: bool) -> Value {
        json!({
            "secret": secret,
            "headers": {
                "webhook-id": self.id, "webhook-timestamp": self.timestamp, "webhook-signature": self.signature,
            },
            "body": self.body,
            "isGenuine": is_genuine,
        })
    }
}

fn take(tcp: TcpStream) -> Option<WebhookCall> {
    let mut reader = BufReader::new(tcp);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        headers.extend(line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())));
    }
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let mut body = vec![0; header("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    let call = WebhookCall {
        id: header("webhook-id")?,
        timestamp: header("webhook-timestamp")?,
        signature: header("webhook-signature")?,
        body: String::from_utf8(body).ok()?,
    };
    reader.into_inner().write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").ok()?;
    Some(call)
}
