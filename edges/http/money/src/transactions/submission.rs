//! Handing a request to the poster: its key and fingerprint on the way in, the bytes of its reply on the way out.
//! The reply is made inside the poster's commit, because exactly these bytes are kept and given again.

use super::kept::{pack, unpack};
use super::replay::{self, About};
use crate::App;
use crate::wire::transaction::TransactionReply;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use db::WallTime;
use http_core::ErrorCode;
use http_core::caller::Caller;
use http_core::fingerprint::Fingerprint;
use http_core::idempotency_header::{IDEMPOTENT_REPLAYED, IdempotencyHeader};
use http_core::problem::{ErrorBody, Outcome, Problem};
use http_core::reply::json_bytes;
use payments::{Answer, Command, IdempotencyKey, Receipt, Refusal, Request, Transaction};
use serde::Serialize;
use utoipa::ToSchema;

/// How many commands a request has, and how they hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One command; the reply is its transaction.
    Single,
    /// All or none; the reply lists the transactions.
    Atomic,
    /// Each on its own; the reply lists what became of each.
    Independent,
}

/// A request on its way to the poster.
pub(crate) struct Submission {
    pub(crate) caller: Caller,
    /// The client's name for the request; it belongs to the caller and to the route by which they came.
    pub(crate) key: IdempotencyHeader,
    pub(crate) fingerprint: Fingerprint,
}

impl Submission {
    /// One command.
    pub(crate) async fn submit(self, app: &App, command: Command) -> Outcome<Response> {
        self.submit_all(app, vec![command], Shape::Single).await
    }

    /// Commands of one request.
    pub(crate) async fn submit_all(self, app: &App, commands: Vec<Command>, shape: Shape) -> Outcome<Response> {
        let user = self.caller.user_id().to_string();
        let route = self.caller.route;
        let owner = [user.as_str(), route.method, route.path];
        let key = IdempotencyKey::new(&owner, self.key.as_str(), &[self.fingerprint.bytes()]);
        let now = app.now();
        let caller = self.caller;
        let asker = caller.clone();
        let about = About::commands(&commands);
        let request = Request {
            commands,
            is_atomic: shape != Shape::Independent,
            key: Some(key),
            pack: Box::new(move |outcomes| render(outcomes, shape, &asker, now)),
            request_id: Some(caller.request_id.as_str().to_owned()),
        };
        let answer = app.payments.order(&caller.identity, request, now).await?;
        respond(app, &caller, &about, answer).await
    }
}

async fn respond(app: &App, caller: &Caller, about: &About, answer: Answer) -> Outcome<Response> {
    let (receipt, is_replayed) = match answer {
        Answer::Fresh { receipt, .. } => (receipt, false),
        Answer::Replayed(receipt) => (replay::as_seen(app, caller, about, receipt).await?, true),
        Answer::KeyReused => {
            let message = "This Idempotency-Key was used for another request";
            return Err(Problem::new(ErrorCode::IdempotencyKeyReused, message).with("field", "Idempotency-Key"));
        }
    };
    let (status, body) = unpack(receipt)?;
    let mut response = json_bytes(status, body);
    if is_replayed {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// What became of each transfer of a batch.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchResult)]
pub(crate) struct BatchReply<'a> {
    data: Vec<BatchItem<'a>>,
}

/// What became of one transfer of a batch.
#[derive(Serialize, ToSchema)]
#[serde(tag = "status")]
#[schema(as = BatchItem)]
pub(crate) enum BatchItem<'a> {
    /// The money has moved.
    #[serde(rename = "SETTLED")]
    Settled {
        /// The transaction.
        #[schema(value_type = TransactionReply<'a>)]
        transaction: Box<TransactionReply<'a>>,
    },
    /// The money is set aside: the bank is checking the payment.
    #[serde(rename = "PENDING")]
    Pending {
        /// The transaction.
        #[schema(value_type = TransactionReply<'a>)]
        transaction: Box<TransactionReply<'a>>,
    },
    /// Nothing has moved.
    #[serde(rename = "REFUSED")]
    Refused {
        /// Why.
        #[schema(value_type = ErrorBody<'a>)]
        error: RefusalReply,
    },
}

/// A refusal inside a list of results.
pub(crate) struct RefusalReply(Problem);

impl Serialize for RefusalReply {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ErrorBody::serialize(&self.0.body(), serializer)
    }
}

fn render(outcomes: &[payments::Outcome], shape: Shape, caller: &Caller, now: WallTime) -> Receipt {
    match (shape, outcomes) {
        (Shape::Single, [Ok(transaction)]) => {
            let status = if transaction.is_in_review() { StatusCode::ACCEPTED } else { StatusCode::CREATED };
            success(status, &TransactionReply::new(transaction, caller))
        }
        (Shape::Single, [Err(refusal)]) => failure(&refused(refusal, caller), caller, now),
        (Shape::Single, _) => failure(&Problem::internal("one command has one outcome"), caller, now),
        (Shape::Atomic, _) => match first_refusal(outcomes) {
            None => success(StatusCode::CREATED, &items(outcomes, caller)),
            Some((index, refusal)) => failure(&refused(refusal, caller).at("transfers", index), caller, now),
        },
        (Shape::Independent, _) => success(StatusCode::OK, &items(outcomes, caller)),
    }
}

/// The refusal that the others of an atomic batch were refused for.
fn first_refusal(outcomes: &[payments::Outcome]) -> Option<(usize, &Refusal)> {
    let refusals = outcomes.iter().enumerate().filter_map(|(index, outcome)| Some((index, outcome.as_ref().err()?)));
    refusals.min_by_key(|(_, refusal)| matches!(refusal, Refusal::BatchRefused))
}

fn items<'a>(outcomes: &'a [payments::Outcome], caller: &Caller) -> BatchReply<'a> {
    let item = |outcome: &'a Result<Transaction, Refusal>| match outcome {
        Ok(transaction) if transaction.is_in_review() => {
            BatchItem::Pending { transaction: Box::new(TransactionReply::new(transaction, caller)) }
        }
        Ok(transaction) => BatchItem::Settled { transaction: Box::new(TransactionReply::new(transaction, caller)) },
        Err(refusal) => BatchItem::Refused { error: RefusalReply(refused(refusal, caller)) },
    };
    BatchReply { data: outcomes.iter().map(item).collect() }
}

/// The desk left out what is between another and the bank; a program that only moves money reads no figures at all.
pub(crate) fn refused(refusal: &Refusal, caller: &Caller) -> Problem {
    let problem = Problem::from(refusal);
    if caller.may_see_balance(Some(caller.user_id())) { problem } else { problem.without_figures() }
}

fn success(status: StatusCode, body: &impl Serialize) -> Receipt {
    let body = serde_json::to_vec(body).expect("wire types have text keys and serialise");
    pack(status, body)
}

fn failure(problem: &Problem, caller: &Caller, now: WallTime) -> Receipt {
    if let Some(cause) = problem.cause() {
        tracing::error!(request_id = caller.request_id.as_str(), cause, "a command failed");
    }
    pack(problem.http_status(), problem.envelope(&caller.request_id, now))
}
