//! A person at the API: one kept-alive HTTP/1.1 connection, their token, and the requests that stories are made of.

use crate::stream::Stream;
use crate::{Answer, Door};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

/// The password of everybody in the stories.
pub const PASSWORD: &str = "correct horse battery staple";

const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
const HEADERS_MAX: usize = 64;

static KEYS_MADE: AtomicU64 = AtomicU64::new(0);

/// An idempotency key that no other request of this run has.
pub fn fresh_key() -> String {
    format!("story-{}-{}", std::process::id(), KEYS_MADE.fetch_add(1, Ordering::Relaxed))
}

/// Somebody who sends requests, one at a time.
#[derive(Debug)]
pub struct Client {
    door: Door,
    token: Option<String>,
    connection: RefCell<Option<BufReader<Stream>>>,
}

impl Clone for Client {
    /// The same person, on a connection of its own.
    fn clone(&self) -> Self {
        Self::new(self.door.clone(), self.token.clone())
    }
}

impl Client {
    pub(crate) const fn new(door: Door, token: Option<String>) -> Self {
        Self { door, token, connection: RefCell::new(None) }
    }

    /// The access token, if logged in.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Sends a request once. An error leaves open whether it was worked on.
    ///
    /// # Errors
    /// The connection broke, or no whole answer came in time.
    pub fn try_send(&self, (method, path): (&str, &str), key: Option<&str>, body: &str) -> io::Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.door.authority());
        if let Some(token) = &self.token {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        if let Some(key) = key {
            head.push_str(&format!("idempotency-key: {key}\r\n"));
        }
        if !body.is_empty() {
            head.push_str("content-type: application/json\r\n");
        }
        self.exchange(&format!("{head}content-length: {}\r\n\r\n{body}", body.len()))
    }

    /// Sends a request as it stands, and reads one reply.
    ///
    /// # Errors
    /// As [`Client::try_send`].
    pub fn exchange(&self, request: &str) -> io::Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => BufReader::new(self.door.open()?),
        };
        connection.get_mut().write_all(request.as_bytes())?;
        connection.get_mut().flush()?;
        let answer = read_answer(&mut connection)?;
        if answer.header("connection") != Some("close") {
            self.connection.replace(Some(connection));
        }
        Ok(answer)
    }

    #[track_caller]
    fn send(&self, (method, path): (&str, &str), key: Option<&str>, body: &str) -> Answer {
        match self.try_send((method, path), key, body) {
            Ok(answer) => answer,
            Err(error) => panic!("{method} {path} got no answer: {error}"),
        }
    }

    /// Reads something.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send(("GET", path), None, "")
    }

    /// Posts what needs no key.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(("POST", path), None, &body.to_string())
    }

    /// Changes something.
    #[track_caller]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(("PUT", path), None, &body.to_string())
    }

    /// Deletes something.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.send(("DELETE", path), None, "")
    }

    /// Moves money under a fresh key.
    #[track_caller]
    pub fn pay(&self, path: &str, body: &Value) -> Answer {
        self.pay_as(&fresh_key(), path, body)
    }

    /// Moves money under the given key.
    #[track_caller]
    pub fn pay_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send(("POST", path), Some(key), &body.to_string())
    }

    /// Opens an account; gives its identifier.
    ///
    /// # Panics
    /// When the bank refuses.
    #[track_caller]
    pub fn open_account(&self, currency: &str) -> String {
        let body = json!({ "name": "Everyday", "type": "CHECKING", "currency": currency });
        self.post("/api/accounts", &body).expect(201)["id"].as_str().expect("an account has an id").to_owned()
    }

    /// Opens an account in dollars with so much on it.
    ///
    /// # Panics
    /// When the bank refuses.
    #[track_caller]
    pub fn open_account_with(&self, amount: &str) -> String {
        let account = self.open_account("USD");
        let body = json!({ "type": "DEPOSIT", "destinationAccountId": account, "amount": amount, "currency": "USD" });
        self.pay("/api/transactions", &body).expect(201);
        account
    }

    /// Posted and available balance of an account.
    ///
    /// # Panics
    /// When the bank does not show them.
    #[track_caller]
    pub fn balances(&self, account: &str) -> (String, String) {
        let balance = self.get(&format!("/api/accounts/{account}/balance")).expect(200);
        let text = |name: &str| balance[name].as_str().expect("an amount is text").to_owned();
        (text("balance"), text("availableBalance"))
    }
}

/// The body of a transfer in dollars.
pub fn transfer(source: &str, destination: &str, amount: &str) -> Value {
    json!({ "sourceAccountId": source, "destinationAccountId": destination, "amount": amount, "currency": "USD" })
}

fn read_answer(connection: &mut BufReader<Stream>) -> io::Result<Answer> {
    let status = read_line(connection)?;
    let status = status.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("not a reply of HTTP/1.1"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(connection)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| io::Error::other("a header without a colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        if headers.len() > HEADERS_MAX {
            return Err(io::Error::other("too many headers"));
        }
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    let length = answer.header("content-length").map_or(Ok(0), str::parse::<usize>).map_err(io::Error::other)?;
    if length > BODY_BYTES_MAX {
        return Err(io::Error::other("the body is too long"));
    }
    answer.body.resize(length, 0);
    connection.read_exact(&mut answer.body)?;
    Ok(answer)
}

fn read_line(connection: &mut BufReader<Stream>) -> io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
