//! One call: one connection, one request, no redirect, in bounded time and size.

use crate::Calling;
use crate::connect::Wire;
use db::WallTime;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use webhooks::{Answer, Care, Failure, Message, Policy, RetryAfter, Served, Target};

/// From the look-up of the name to the head of the answer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// And to the end of what is read of it.
const TIMEOUT: Duration = Duration::from_secs(20);
const BODY_BYTES_MAX: usize = 4 * 1024;
const EXCERPT_CHARACTERS_MAX: usize = 512;
const HEADERS_MAX: usize = 64;
const BUFFER_BYTES_MAX: usize = 16 * 1024;

/// Makes calls, as the policy lets.
pub(crate) struct Caller {
    pub(crate) policy: Policy,
    pub(crate) calling: Calling,
}

/// What came of a call.
pub(crate) struct Called {
    pub(crate) answer: Answer,
    pub(crate) failure: Option<Failure>,
    pub(crate) excerpt: Option<String>,
}

impl Caller {
    /// Tells an endpoint what the body says, under the identifier of the event.
    pub(crate) async fn call(&self, served: &Served, id: &str, body: &str, at: WallTime) -> Called {
        let begun = Instant::now();
        match timeout_at(begun + HEAD_TIMEOUT, self.head(served, id, body, at)).await {
            Err(_) => failed(Failure::Timeout),
            Ok(Err(failure)) => failed(failure),
            Ok(Ok((head, connection))) => {
                let read = timeout_at(begun + TIMEOUT, rest(head, at)).await;
                connection.abort();
                read.unwrap_or_else(|_| failed(Failure::Timeout))
            }
        }
    }

    async fn head(
        &self,
        served: &Served,
        id: &str,
        body: &str,
        at: WallTime,
    ) -> Result<(Response<Incoming>, Aborting), Failure> {
        let target = Target::parse(&served.url, &self.policy).map_err(|_| Failure::Target)?;
        let resolved = match target.literal() {
            Some(address) => vec![address],
            None => self.calling.resolver.addresses(target.name(), care_of(served, at)).await,
        };
        let judged = self.policy.judge(&resolved, target.port()).map_err(|refusal| match refusal {
            webhooks::Refusal::Unresolved => Failure::Unresolved,
            webhooks::Refusal::TooManyAddresses | webhooks::Refusal::NotPublic => Failure::Address,
        })?;
        let request = request(&target, served, &Message::new(id, at, body).map_err(|_| Failure::Protocol)?, body)?;
        exchange(self.calling.connector.connect(&target, &judged).await?, request).await
    }
}

pub(crate) fn care_of(served: &Served, now: WallTime) -> Care {
    if served.health.needs_care(now) { Care::Special } else { Care::Usual }
}

fn request(
    target: &Target,
    served: &Served,
    message: &Message<'_>,
    body: &str,
) -> Result<Request<Full<Bytes>>, Failure> {
    Request::post(target.path())
        .header(HOST, target.authority())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "Florin-Webhooks/1")
        .header(CONNECTION, "close")
        .header("webhook-id", message.id())
        .header("webhook-timestamp", message.timestamp())
        .header("webhook-signature", served.keys.sign(message))
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
        .map_err(|_| Failure::Target)
}

/// A connection that ends when nobody looks at its answer any more.
struct Aborting(tokio::task::JoinHandle<()>);

impl Aborting {
    fn abort(&self) {
        self.0.abort();
    }
}

impl Drop for Aborting {
    fn drop(&mut self) {
        self.abort();
    }
}

async fn exchange(
    wire: Box<dyn Wire>,
    request: Request<Full<Bytes>>,
) -> Result<(Response<Incoming>, Aborting), Failure> {
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_headers(HEADERS_MAX).max_buf_size(BUFFER_BYTES_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(wire)).await.map_err(|_| Failure::Connection)?;
    let connection = Aborting(tokio::spawn(async move { drop(connection.await) }));
    let head = sender.send_request(request).await.map_err(|error| match error {
        error if error.is_parse() => Failure::Protocol,
        _ => Failure::Connection,
    })?;
    Ok((head, connection))
}

/// Reads as much of the answer as is kept of it. An answer that breaks off after its head has still been given.
async fn rest(head: Response<Incoming>, at: WallTime) -> Called {
    let code = head.status().as_u16();
    let retry_after = head.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let answer = Answer::Status { code, retry_after: retry_after.and_then(|text| RetryAfter::parse(text, at)) };
    let failure = match code {
        200..=299 => None,
        300..=399 => Some(Failure::Redirect),
        _ => Some(Failure::Status),
    };
    Called { answer, failure, excerpt: excerpt_of(head.into_body()).await }
}

async fn excerpt_of(mut body: Incoming) -> Option<String> {
    let mut read = Vec::new();
    while read.len() < BODY_BYTES_MAX && !body.is_end_stream() {
        let Some(Ok(frame)) = body.frame().await else { break };
        if let Some(data) = frame.data_ref() {
            read.extend_from_slice(&data[..data.len().min(BODY_BYTES_MAX - read.len())]);
        }
    }
    let text = String::from_utf8_lossy(&read);
    let shown: String = text.chars().filter(|c| !c.is_control()).take(EXCERPT_CHARACTERS_MAX).collect();
    (!shown.is_empty()).then_some(shown)
}

const fn failed(failure: Failure) -> Called {
    Called { answer: Answer::None, failure: Some(failure), excerpt: None }
}
