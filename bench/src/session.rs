//! The login of the customer who moves the money, renewed before its access token runs out.

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

/// Who is logged in where.
#[derive(Debug)]
pub(crate) struct Session {
    target: Target,
    credentials: String,
    token: Mutex<Arc<str>>,
    renewals: AtomicU64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    access_token: String,
}

impl Session {
    /// Registers the customer, or logs in if the name is taken.
    ///
    /// # Errors
    /// The server does not answer, or knows the name with another password.
    pub(crate) async fn open(options: &LoadOptions) -> anyhow::Result<Arc<Self>> {
        let credentials = serde_json::json!({ "username": options.username, "password": options.password }).to_string();
        let target = options.url.clone();
        let registered = authenticate(&target, "/api/auth/register", &credentials).await?;
        let token = match registered {
            Ok(token) => token,
            Err((409, _)) => log_in(&target, &credentials).await?,
            Err((status, body)) => anyhow::bail!("registering answered {status}: {body}"),
        };
        Ok(Arc::new(Self { target, credentials, token: Mutex::new(token.into()), renewals: AtomicU64::new(0) }))
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
        let token = log_in(&self.target, &self.credentials).await?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token.into();
        self.renewals.fetch_add(1, Ordering::Release);
        Ok(())
    }
}

/// Keeps the session alive until the task is aborted. A failed renewal is tried again; meanwhile the old token serves.
pub(crate) async fn renew_forever(session: Arc<Session>) {
    tokio::time::sleep(RENEW_AFTER).await;
    loop {
        let delay = if session.renew().await.is_ok() { RENEW_AFTER } else { RENEW_RETRY_DELAY };
        tokio::time::sleep(delay).await;
    }
}

async fn log_in(target: &Target, credentials: &str) -> anyhow::Result<String> {
    let answer = authenticate(target, "/api/auth/login", credentials).await?;
    answer.map_err(|(status, body)| anyhow::anyhow!("logging in answered {status}: {body}"))
}

/// Posts the credentials; the token, or the status and body of a refusal.
async fn authenticate(target: &Target, path: &str, body: &str) -> anyhow::Result<Result<String, (u16, String)>> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {target}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
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
