//! Commands that were refused: what is kept of them, for a while, for those who are asked why, and the event that fraud
//! and audit hear of. What a caller can have kept has a bound (`throttle.rs`), and who has no part in anything that the
//! command names leaves no trace at all.

pub(crate) mod store;
mod throttle;

pub(crate) use throttle::Throttle;

use crate::Desk;
use crate::reason::{Reason, Why};
use crate::request::{Asker, Request};
use crate::transaction::{DECLINED, store as transactions};
use db::{Db, Result, WallTime};
use ids::{AccountId, RefusalId, TransactionId, UserId};
use ledger::Book;
use money::Money;
use outbox::{Act, Actor, Event, events};

/// A command that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its identifier.
    pub id: RefusalId,
    /// When.
    pub at: WallTime,
    /// Who asked.
    pub actor: Actor,
    /// The name of the request.
    pub request_id: Option<String>,
    /// The word for the command.
    pub command: String,
    /// The word for the reason; a version after this one may know more of them than [`crate::Reason`].
    pub reason: String,
    /// A JSON object with the figures behind the reason.
    pub figures: String,
    /// The earlier transaction that it was about.
    pub transaction: Option<TransactionId>,
    /// Where the money was to come from.
    pub source: Option<AccountId>,
    /// Where it was to go.
    pub destination: Option<AccountId>,
    /// How much.
    pub money: Option<Money>,
}

/// Which refusals a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalFilter {
    /// All.
    All,
    /// Where the account was to pay or to be paid.
    Account(AccountId),
    /// What this person asked for.
    User(UserId),
    /// Of the request with this name.
    Request(String),
}

/// Who decides what is kept of refusals, over the desk at which they were decided.
pub(crate) struct Witness<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) throttle: &'a Throttle,
    pub(crate) now: WallTime,
}

impl Witness<'_> {
    /// What is to be kept of the commands of a request that were refused, by their positions.
    pub(crate) fn refused(&self, asker: Asker, request: &Request, refusals: Vec<(usize, Why)>) -> Vec<Refused> {
        let Some((user, actor)) = asker.actor.and_then(|actor| Some((actor.user?, actor))) else {
            return Vec::new();
        };
        let commands = refusals.into_iter().map(|(position, why)| (&request.commands[position], why));
        let concerned = commands.filter(|(command, _)| self.desk.concerns(command, asker.hat));
        let kept = concerned.take_while(|_| self.throttle.lets_through(user, self.now));
        kept.map(|(command, why)| {
            // Whoever sees all acts on what belongs to another.
            let owner = if asker.hat.sees_all() { self.desk.owner(command) } else { None };
            let (head, about) = (command.head(), self.desk.subject(command));
            Refused {
                id: RefusalId::generate(),
                at: self.now,
                actor: actor.on_behalf_of(owner),
                request_id: request.request_id.clone(),
                command: command.word().to_owned(),
                reason: why.reason.word().to_owned(),
                figures: serde_json::Value::Object(why.figures).to_string(),
                transaction: command.subject(),
                source: head.map(|head| head.source).or(about.map(|about| about.source.account)),
                destination: head.map(|head| head.destination).or(about.map(|about| about.destination.account)),
                money: command.money().or(about.map(|about| about.money)),
            }
        })
        .collect()
    }
}

/// Keeps what a person was refused before it came to the poster, of its first command, in a commit of its own.
pub(crate) async fn keep(db: &Db, throttle: &Throttle, early: Early<'_>) -> Result<()> {
    let Early { asker, request, why, now } = early;
    let Some(command) = request.commands.first() else { return Ok(()) };
    let subject: Vec<TransactionId> = command.subject().into_iter().collect();
    let named: Vec<AccountId> = command.accounts().collect();
    let accounts = ledger::accounts(db, &named).await?;
    let desk = Desk::new(Book::new(accounts, []), transactions::by_ids(db, &subject).await?);
    let refused = Witness { desk: &desk, throttle, now }.refused(asker, request, vec![(0, why)]);
    if refused.is_empty() {
        return Ok(());
    }
    let events = refused.iter().map(Refused::event).collect();
    db.begin().await?.write_and_commit(vec![store::as_write(&refused), outbox::as_write(events)]).await?;
    refused.iter().for_each(Refused::log);
    Ok(())
}

/// What a person was refused before it came to the poster.
pub(crate) struct Early<'a> {
    pub(crate) asker: Asker,
    pub(crate) request: &'a Request,
    pub(crate) why: Why,
    pub(crate) now: WallTime,
}

events! {
    /// What was refused.
    enum RefusalEvent about AccountOrTransaction for Owner {
        /// An order was refused, for a reason of the list in the description of the API.
        Refused = "payments.refused" {
            refusal_id: RefusalId,
            command: String,
            reason: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            request_id: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            transaction_id: Option<TransactionId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            source_account_id: Option<AccountId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            destination_account_id: Option<AccountId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            amount: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            currency: Option<String>,
        },
    }
}

impl Refused {
    /// About the account that was to pay, or the transaction. Those who check are shown what the bank's people were refused on
    /// what belongs to others; the rest is everyday.
    pub(crate) fn event(&self) -> Event {
        let refused = RefusalEvent::Refused {
            refusal_id: self.id,
            command: self.command.clone(),
            // Nobody is told by which kind of rule they were stopped.
            reason: if self.reason == Reason::FraudDeclined.word() { DECLINED.to_owned() } else { self.reason.clone() },
            request_id: self.request_id.clone(),
            transaction_id: self.transaction,
            source_account_id: self.source,
            destination_account_id: self.destination,
            amount: self.money.map(Money::to_decimal),
            currency: self.money.map(|money| money.currency().code().to_owned()),
        };
        let subject = self.account().map(AccountId::uuid).or(self.transaction.map(TransactionId::uuid));
        let act = Act { by: Some(self.actor), at: self.at };
        let event = Event::of(subject.unwrap_or_default(), &refused, act);
        if self.actor.on_behalf_of.is_some() { event } else { event.everyday() }
    }

    /// The account that was to pay, or with cash the one that was to be paid.
    fn account(&self) -> Option<AccountId> {
        [self.source, self.destination].into_iter().flatten().find(|account| !ledger::is_line_account(*account))
    }

    /// One line for those who look after the bank.
    pub(crate) fn log(&self) {
        let (request_id, user_id) = (self.request_id.as_deref(), self.actor.user.map(|user| user.to_string()));
        let subject = self.transaction.map(|id| id.to_string()).or(self.account().map(|id| id.to_string()));
        let (refusal_id, command, reason) = (self.id.to_string(), self.command.as_str(), self.reason.as_str());
        tracing::info!(request_id, user_id, subject, command, reason, refusal_id, "refused");
    }
}
