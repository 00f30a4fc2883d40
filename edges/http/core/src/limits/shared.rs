//! The memory of the limits that processes share: Redis, asked with one atomic script for each request.
//! Limits are no reason to keep money waiting: whenever Redis does not answer at once, it counts as away, nobody asks it
//! until it has answered on a new connection, and each process goes on with what it has counted itself.

use super::quota::{Left, UsedUp};
use super::{Claim, InvalidRedisUrl, Subject};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, Script};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

const ANSWER_TIMEOUT: Duration = Duration::from_millis(100);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const RECONNECT_DELAY: Duration = Duration::from_secs(1);

/// The arithmetic of `Quota::take` by the clock of Redis: for each limit whether it was taken, and when it is whole again.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local answers = {}
for i, key in ipairs(KEYS) do
    local interval, whole = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local full_in = math.max(0, tonumber(redis.call('GET', key) or '0') - now)
    if full_in + interval > whole then
        answers[i] = {0, full_in}
        break
    end
    full_in = full_in + interval
    redis.call('SET', key, string.format('%.0f', now + full_in), 'PX', math.ceil(full_in / 1000))
    answers[i] = {1, full_in}
end
return answers";

const GIVE_BACK: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
for i, key in ipairs(KEYS) do
    local full_in = tonumber(redis.call('GET', key) or '0') - now - tonumber(ARGV[i])
    if full_in > 0 then
        redis.call('SET', key, string.format('%.0f', now + full_in), 'PX', math.ceil(full_in / 1000))
    else
        redis.call('DEL', key)
    end
end
return 0";

/// The counters in Redis.
pub(super) struct Shared(Arc<Link>);

struct Link {
    /// `None` while Redis is away.
    connection: Mutex<Option<MultiplexedConnection>>,
    take: Script,
    give_back: Script,
}

impl Shared {
    /// Begins to connect, and goes on to as long as it lives.
    pub(super) fn start(redis_url: &str) -> Result<Self, InvalidRedisUrl> {
        let client = Client::open(redis_url).map_err(|error| InvalidRedisUrl(error.to_string()))?;
        let link =
            Arc::new(Link { connection: Mutex::new(None), take: Script::new(TAKE), give_back: Script::new(GIVE_BACK) });
        tokio::spawn(keep_connected(Arc::downgrade(&link), client));
        Ok(Self(link))
    }

    /// One answer for each claim up to the first that is refused; `None` if Redis is away.
    pub(super) async fn take(&self, claims: &[Claim]) -> Option<Vec<Result<Left, UsedUp>>> {
        let mut connection = self.0.connection()?;
        let mut invocation = self.0.take.prepare_invoke();
        for claim in claims {
            let quota = claim.limit.quota;
            invocation.key(key(claim)).arg(quota.interval_micros()).arg(quota.whole_micros());
        }
        let answers: Vec<(u8, u64)> = self.0.checked(invocation.invoke_async(&mut connection).await)?;
        Some(
            claims
                .iter()
                .zip(answers)
                .map(|(claim, (is_taken, full_in_micros))| judge(claim, is_taken == 1, full_in_micros))
                .collect(),
        )
    }

    /// Puts back what was taken.
    pub(super) async fn give_back(&self, claims: &[Claim]) {
        let Some(mut connection) = self.0.connection() else { return };
        let mut invocation = self.0.give_back.prepare_invoke();
        for claim in claims {
            invocation.key(key(claim)).arg(claim.limit.quota.interval_micros());
        }
        let _: Option<u8> = self.0.checked(invocation.invoke_async(&mut connection).await);
    }
}

fn judge(claim: &Claim, is_taken: bool, full_in_micros: u64) -> Result<Left, UsedUp> {
    let quota = claim.limit.quota;
    if is_taken {
        return Ok(quota.left(full_in_micros));
    }
    let retry_in_micros = (full_in_micros + quota.interval_micros()).saturating_sub(quota.whole_micros());
    Err(UsedUp { retry_in_micros, full_in_micros })
}

fn key(claim: &Claim) -> String {
    let name = claim.limit.name;
    match claim.subject {
        Subject::Address(ip) => format!("florin:limit:{name}:{ip}"),
        Subject::User(user) => format!("florin:limit:{name}:{user}"),
        Subject::NameAtAddress(hash) => format!("florin:limit:{name}:{:032x}", u128::from_be_bytes(hash)),
    }
}

impl Link {
    fn connection(&self) -> Option<MultiplexedConnection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, connection: Option<MultiplexedConnection>) -> Option<MultiplexedConnection> {
        std::mem::replace(&mut *self.connection.lock().unwrap_or_else(PoisonError::into_inner), connection)
    }

    /// The first failure takes the connection away from everybody, and is the one that is logged.
    fn checked<T>(&self, answer: Result<T, RedisError>) -> Option<T> {
        answer
            .map_err(|error| {
                if self.replace(None).is_some() {
                    tracing::warn!(%error, "Redis is away: each process limits requests by itself until it is back");
                }
            })
            .ok()
    }
}

/// A server that hangs takes connections too: only one that has answered counts.
async fn connect(client: &Client, patience: &AsyncConnectionConfig) -> Result<MultiplexedConnection, RedisError> {
    let mut connection = client.get_multiplexed_async_connection_with_config(patience).await?;
    redis::cmd("PING").exec_async(&mut connection).await?;
    Ok(connection)
}

async fn keep_connected(link: Weak<Link>, client: Client) {
    let patience =
        AsyncConnectionConfig::new().set_response_timeout(ANSWER_TIMEOUT).set_connection_timeout(CONNECT_TIMEOUT);
    let mut is_first = true;
    while let Some(link) = link.upgrade() {
        if link.connection().is_none() {
            match connect(&client, &patience).await {
                Ok(connection) => {
                    link.replace(Some(connection));
                    tracing::info!("limits on requests are shared through Redis");
                }
                Err(error) if is_first => {
                    tracing::warn!(%error, "Redis cannot be reached: each process limits requests by itself until it can");
                }
                Err(_) => {}
            }
            is_first = false;
        }
        drop(link);
        tokio::time::sleep(RECONNECT_DELAY).await;
    }
}
