//! The login of a customer who moves money, renewed before its access token runs out.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use crate::client::{Connection, Target};
use crate::options::LoadOptions;

/// Access tokens live 15 minutes; a new one is fetched well before that.
const RENEW_AFTER: Duration = Duration::from_mins(10);
const RENEW_RETRY_DELAY: Duration = Duration::from_secs(5);
/// The network for measurements (RFC 2544), where nobody real has an address.
const FORWARDED_NETWORK: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);

/// Who is logged in where.
#[derive(Debug)]
pub(crate) struct Session {
    target: Target,
    credentials: String,
    /// A header line that says where requests come from, or nothing.
    forwarded: String,
    token: Mutex<Arc<str>>,
    renewals: AtomicU64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    access_token: String,
}

impl Session {
    /// Registers the customer of a number, or logs in if the name is taken.
    ///
    /// # Errors
    /// The server does not answer, or knows the name with another password.
    pub(crate) async fn open(options: &LoadOptions, number: u32) -> anyhow::Result<Arc<Self>> {
        let username = match number {
            0 => options.username.clone(),
            _ => format!("{}-{}", options.username, number + 1),
        };
        let credentials = serde_json::json!({ "username": username, "password": options.password }).to_string();
        let forwarded = options.forwarded_addresses.map(|count| forwarded_header(number % count)).unwrap_or_default();
        let session = Self {
            target: options.url.clone(),
            credentials,
            forwarded,
            token: Mutex::new("".into()),
            renewals: AtomicU64::new(0),
        };
        let token = match session.authenticate("/api/auth/register").await? {
            Ok(token) => token,
            Err((409, _)) => session.log_in().await?,
            Err((status, body)) => anyhow::bail!("registering answered {status}: {body}"),
        };
        session.replace_token(token);
        Ok(Arc::new(session))
    }

    /// The header line that says where requests come from; empty if they come from where they come from.
    pub(crate) fn forwarded_header(&self) -> &str {
        &self.forwarded
    }

    /// Where the server listens.
    pub(crate) const fn target(&self) -> &Target {
        &self.target
    }

    /// Username and password, as the body of a login.
    pub(crate) const fn credentials(&self) -> &[u8] {
        self.credentials.as_bytes()
    }

    /// How often the token has been replaced; a cheap look whether `token` would give another one.
    pub(crate) fn renewals(&self) -> u64 {
        self.renewals.load(Ordering::Acquire)
    }

    /// The access token of now.
    pub(crate) fn token(&self) -> Arc<str> {
        Arc::clone(&self.token.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn renew(&self) -> anyhow::Result<()> {
        let token = self.log_in().await?;
        self.replace_token(token);
        self.renewals.fetch_add(1, Ordering::Release);
        Ok(())
    }

    fn replace_token(&self, token: String) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token.into();
    }

    async fn log_in(&self) -> anyhow::Result<String> {
        let answer = self.authenticate("/api/auth/login").await?;
        answer.map_err(|(status, body)| anyhow::anyhow!("logging in answered {status}: {body}"))
    }

    /// Posts the credentials; the token, or the status and body of a refusal.
    async fn authenticate(&self, path: &str) -> anyhow::Result<Result<String, (u16, String)>> {
        let Self { target, credentials, forwarded, .. } = self;
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {target}\r\n{forwarded}content-type: application/json\r\n\
             content-length: {}\r\n\r\n{credentials}",
            credentials.len()
        );
        let mut connection = Connection::open(target).await.with_context(|| format!("cannot connect to {target}"))?;
        let reply = connection.exchange(request.as_bytes()).await.with_context(|| format!("{path} at {target}"))?;
        if !matches!(reply.status, 200 | 201) {
            return Ok(Err((reply.status, reply.excerpt())));
        }
        let logged_in: LoggedIn = serde_json::from_slice(reply.body).context("a login without accessToken")?;
        let plain = logged_in.access_token.bytes().all(|byte| byte.is_ascii_graphic());
        anyhow::ensure!(plain, "the access token does not fit into a header");
        Ok(Ok(logged_in.access_token))
    }
}

fn forwarded_header(number: u32) -> String {
    let address = Ipv4Addr::from_bits(FORWARDED_NETWORK.to_bits() + 1 + number);
    format!("x-forwarded-for: {address}\r\n")
}

/// Keeps the session alive until the task is aborted. A failed renewal is tried again; meanwhile the old token serves.
pub(crate) async fn renew_forever(session: Arc<Session>) {
    tokio::time::sleep(RENEW_AFTER).await;
    loop {
        let delay = if session.renew().await.is_ok() { RENEW_AFTER } else { RENEW_RETRY_DELAY };
        tokio::time::sleep(delay).await;
    }
}
