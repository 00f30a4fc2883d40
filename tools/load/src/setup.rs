//! Gets a customer's accounts ready before a load: finds them, makes the missing ones, funds the poor ones.

use std::collections::VecDeque;
use std::fs::File;
use std::io::BufReader;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use indicatif::ProgressBar;
use serde::Deserialize;

use crate::accounts::AccountIds;
use crate::client::Connection;
use crate::options::LoadOptions;
use crate::request::RequestWriter;
use crate::session::Session;

const CURRENCY: &str = "USD";
/// Accounts with fewer whole units than this get a deposit.
const BALANCE_LOW: u64 = 500_000;
const DEPOSIT: &str = "1000000.00";
const NEW_ACCOUNT: &str = r#"{"name":"Bench","type":"CHECKING","currency":"USD"}"#;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    id: String,
    balance: String,
    currency: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    data: Vec<Account>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

enum Job {
    Create,
    Fund(String),
}

/// Appends the accounts that the load will use of this customer: `wanted` of them, or those of the file.
///
/// # Errors
/// The server refuses something, or the file cannot be read.
pub(crate) async fn prepare(
    session: &Arc<Session>,
    load: &LoadOptions,
    wanted: usize,
    ids: &mut AccountIds,
) -> anyhow::Result<()> {
    if let Some(path) = &load.accounts_file {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        *ids = AccountIds::read(BufReader::new(file), usize::MAX).with_context(|| path.display().to_string())?;
        return Ok(());
    }
    let mut jobs = VecDeque::new();
    let end = ids.len() + wanted;
    for account in list(session, wanted).await? {
        ids.push(&account.id)?;
        if is_low(&account.balance) {
            jobs.push_back(Job::Fund(account.id));
        }
    }
    if load.accounts_sample.is_none() {
        jobs.extend((ids.len()..end).map(|_| Job::Create));
    }
    for id in work_through(session, jobs, load.connections).await? {
        ids.push(&id)?;
    }
    Ok(())
}

/// The customer's open accounts in the bench's currency, up to `wanted` of them.
async fn list(session: &Arc<Session>, wanted: usize) -> anyhow::Result<Vec<Account>> {
    let mut connection = Connection::open(session.target()).await?;
    let mut writer = RequestWriter::new(session, u64::MAX);
    let mut accounts = Vec::new();
    let mut cursor = String::new();
    while accounts.len() < wanted {
        let reply = connection.exchange(writer.get(&["/api/accounts?limit=100", &cursor])).await?;
        anyhow::ensure!(reply.status == 200, "listing accounts answered {}: {}", reply.status, reply.excerpt());
        let page: Page = serde_json::from_slice(reply.body).context("a list of accounts that cannot be read")?;
        accounts.extend(page.data.into_iter().filter(|one| one.currency == CURRENCY && one.status == "ACTIVE"));
        let Some(next) = page.next_cursor else { break };
        let next = format!("&cursor={}", percent_encoded(&next));
        anyhow::ensure!(next != cursor, "the list of accounts does not move on");
        cursor = next;
    }
    accounts.truncate(wanted);
    Ok(accounts)
}

/// Does all jobs over several connections; the ids of the accounts that were made.
async fn work_through(session: &Arc<Session>, jobs: VecDeque<Job>, connections: u32) -> anyhow::Result<Vec<String>> {
    let progress = ProgressBar::new(jobs.len() as u64).with_message("preparing accounts");
    let jobs = Arc::new(Mutex::new(jobs));
    let workers: Vec<_> = (0..u64::from(connections))
        .map(|stream| {
            let (session, jobs, progress) = (Arc::clone(session), Arc::clone(&jobs), progress.clone());
            tokio::spawn(async move { do_jobs(&session, &jobs, stream, &progress).await })
        })
        .collect();
    let mut made = Vec::new();
    for worker in workers {
        made.extend(worker.await.context("a connection stopped")??);
    }
    progress.finish_and_clear();
    Ok(made)
}

async fn do_jobs(
    session: &Arc<Session>,
    jobs: &Mutex<VecDeque<Job>>,
    stream: u64,
    progress: &ProgressBar,
) -> anyhow::Result<Vec<String>> {
    let mut made = Vec::new();
    let mut writer = RequestWriter::new(session, stream);
    let mut connection: Option<Connection> = None;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(job) = job else { return Ok(made) };
        let open = match connection.take() {
            Some(open) => open,
            None => Connection::open(session.target()).await?,
        };
        let open = connection.insert(open);
        let id = match job {
            Job::Create => {
                let body = post(open, &mut writer, "/api/accounts", NEW_ACCOUNT).await?;
                let created: Created = serde_json::from_slice(body).context("a new account without id")?;
                made.push(created.id.clone());
                created.id
            }
            Job::Fund(id) => id,
        };
        let deposit = format!(
            r#"{{"type":"DEPOSIT","destinationAccountId":"{id}","amount":"{DEPOSIT}","currency":"{CURRENCY}"}}"#
        );
        post(open, &mut writer, "/api/transactions", &deposit).await?;
        if open.is_closing() {
            connection = None;
        }
        progress.inc(1);
    }
}

async fn post<'a>(
    connection: &'a mut Connection,
    writer: &mut RequestWriter,
    path: &str,
    body: &str,
) -> anyhow::Result<&'a [u8]> {
    let reply = connection.exchange(writer.post(path, body.as_bytes())).await.with_context(|| path.to_owned())?;
    let hint = if reply.status == 429 {
        " (start the server with FLORIN_RATE_LIMIT=off, or use more --users and --forwarded-addresses)"
    } else {
        ""
    };
    anyhow::ensure!(reply.status == 201, "{path} answered {}{hint}: {}", reply.status, reply.excerpt());
    Ok(reply.body)
}

/// Text as it may stand in an address (RFC 3986, unreserved characters only).
fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn is_low(balance: &str) -> bool {
    let units = balance.split('.').next().unwrap_or_default();
    units.parse::<u64>().map_or(true, |units| units < BALANCE_LOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_balances_are_recognised() {
        assert!(is_low("499999.99") && is_low("-1000000.00") && is_low("0"));
        assert!(!is_low("500000.00") && !is_low("1000000"));
    }

    #[test]
    fn a_cursor_fits_into_an_address() {
        assert_eq!(percent_encoded("aZ9-_.~ b+/="), "aZ9-_.~%20b%2B%2F%3D");
    }
}
