//! Handing a request to the poster: its key and fingerprint on the way in, the bytes of its reply on the way out.
//! The reply is made inside the poster's commit, because exactly these bytes are kept and given again.

use crate::App;
use crate::caller::Caller;
use crate::idempotency_header::IdempotencyHeader;
use crate::problem::{Outcome, Problem};
use crate::reply::json_bytes;
use crate::wire::transaction::TransactionReply;
use crate::ErrorCode;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use payments::{Answer, Command, IdempotencyKey, Order, Refusal, Reply, Request, Transaction};
use store::Timestamp;

const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What a request asks for, written so that equal requests are equal bytes however their JSON was written.
#[derive(Debug, Default)]
pub(crate) struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// Adds text, or the lack of it.
    pub(crate) fn text(mut self, text: Option<&str>) -> Self {
        // A length before each text, so that two texts cannot be shifted into each other; absent is no length.
        self.0.extend_from_slice(&text.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
        self.0.extend_from_slice(text.unwrap_or_default().as_bytes());
        self
    }

    /// Adds a number, or the lack of it.
    pub(crate) fn number(mut self, number: Option<i64>) -> Self {
        self.0.push(u8::from(number.is_some()));
        self.0.extend_from_slice(&number.unwrap_or_default().to_be_bytes());
        self
    }

    /// Adds an order.
    pub(crate) fn order(mut self, order: &Order) -> Self {
        self.0.extend_from_slice(order.source.uuid().as_bytes());
        self.0.extend_from_slice(order.destination.uuid().as_bytes());
        self.number(Some(order.money.minor()))
            .text(Some(order.money.currency().code()))
            .text(Some(order.kind.word()))
            .text(Some(&order.description))
            .text(order.metadata.as_deref())
    }
}

/// A request on its way to the poster.
pub(crate) struct Submission {
    pub(crate) caller: Caller,
    /// The template of the route: the scope of its keys.
    pub(crate) route: &'static str,
    pub(crate) fingerprint: Fingerprint,
}

impl Submission {
    /// One command; its reply is the transaction, or why not.
    pub(crate) async fn submit(self, app: &App, key: &IdempotencyHeader, command: Command) -> Outcome<Response> {
        let caller = self.caller.clone();
        let render = move |outcomes: &[payments::Outcome]| match outcomes {
            [Ok(transaction)] => settled(transaction, &caller),
            [Err(refusal)] => refused(refusal, &caller),
            _ => failed(&Problem::internal("one command has one outcome"), &caller),
        };
        let request = Request {
            actor: self.caller.actor(),
            commands: vec![command],
            is_atomic: true,
            key: Some(self.key(key)),
            render: Box::new(render),
        };
        answer(app.payments.submit(request).await.map_err(Problem::from)?)
    }

    fn key(&self, key: &IdempotencyHeader) -> IdempotencyKey {
        let user = self.caller.user_id().to_string();
        IdempotencyKey::new(&[&user, "POST", self.route], key.as_str(), &[&self.fingerprint.0])
    }
}

fn settled(transaction: &Transaction, caller: &Caller) -> Reply {
    let body = serde_json::to_vec(&TransactionReply::new(transaction, caller));
    Reply { status: StatusCode::CREATED.as_u16(), body: body.expect("wire types have text keys and serialise") }
}

fn refused(refusal: &Refusal, caller: &Caller) -> Reply {
    failed(&Problem::from(refusal), caller)
}

fn failed(problem: &Problem, caller: &Caller) -> Reply {
    Reply {
        status: problem.http_status().as_u16(),
        body: problem.envelope(&caller.request_id, Timestamp::now()),
    }
}

fn answer(answer: Answer) -> Outcome<Response> {
    match answer {
        Answer::Fresh { reply, .. } => respond(reply),
        Answer::Replayed(reply) => {
            let mut response = respond(reply)?;
            response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Answer::KeyReused => {
            let message = "This Idempotency-Key was used for another request";
            Err(Problem::new(ErrorCode::IdempotencyKeyReused, message).with("field", "Idempotency-Key"))
        }
    }
}

fn respond(reply: Reply) -> Outcome<Response> {
    let status = StatusCode::from_u16(reply.status).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(json_bytes(status, reply.body))
}
