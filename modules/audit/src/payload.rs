//! What the log keeps beside an entry: who did it, what happened and, where money moved, what the ledger booked. JSON whose
//! members stand in this order; its bytes are hashed with a salt, so that they can be erased without breaking the tree.

use ids::{AccountId, EntryId};
use ledger::{Entry, Posting};
use money::Money;
use outbox::{Actor, Event};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The payload of an entry.
#[derive(Debug, Serialize)]
struct Payload<'a> {
    actor: Option<LoggedActor>,
    data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<Booked>,
}

/// Who did it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedActor {
    user: Option<String>,
    credential: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<String>,
}

/// An entry of the ledger with its postings, in the order of account and sequence.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Booked {
    pub(crate) entry: String,
    pub(crate) kind: String,
    pub(crate) value_date: String,
    pub(crate) booked_at: String,
    pub(crate) postings: Vec<BookedSide>,
}

/// Account, sequence, amount, balance after it.
type BookedSide = (String, i64, String, String);

impl Booked {
    /// What the ledger says.
    pub(crate) fn of(entry: &Entry, mut postings: Vec<Posting>) -> Self {
        postings.sort_unstable_by_key(|posting| (posting.account, posting.sequence));
        let said = |posting: &Posting| {
            let money = |minor| Money::new(minor, posting.currency).to_decimal();
            let (amount, balance) = (money(posting.amount_minor), money(posting.balance_minor));
            (posting.account.to_string(), posting.sequence, amount, balance)
        };
        Self {
            entry: entry.id.to_string(),
            kind: entry.kind.clone(),
            value_date: entry.value_date.to_string(),
            booked_at: entry.booked_at.to_string(),
            postings: postings.iter().map(said).collect(),
        }
    }
}

impl From<Actor> for LoggedActor {
    fn from(actor: Actor) -> Self {
        Self {
            user: actor.user.map(|user| user.to_string()),
            credential: actor.means.word(),
            credential_id: actor.means.id_text(),
            client: actor.means.client().map(|client| client.to_string()),
            on_behalf_of: actor.on_behalf_of.map(|user| user.to_string()),
        }
    }
}

/// The payload of an event, with what the ledger booked for it.
pub(crate) fn payload(event: &Event, ledger: Option<Booked>) -> String {
    let data = serde_json::from_str(&event.payload).ok();
    let payload = Payload { actor: event.actor.map(LoggedActor::from), data, ledger };
    serde_json::to_string(&payload).expect("a payload is plain members")
}

/// The part of a payment's event that says what it booked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Said {
    r#type: String,
    booked_as: Option<String>,
    amount: String,
    value_date: String,
    booked_at: Option<String>,
    source_account_id: Option<String>,
    source_sequence: Option<i64>,
    source_balance: Option<String>,
    destination_account_id: Option<String>,
    destination_sequence: Option<i64>,
    destination_balance: Option<String>,
    legs: Vec<Leg>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Leg {
    account_id: String,
    amount: String,
    sequence: Option<i64>,
    balance: Option<String>,
}

/// What the event of a payment that settled says of the ledger.
pub(crate) enum Settled {
    /// What was booked.
    Booked(Booked),
    /// On which accounts: it was written by an older version, and the ledger has to be asked.
    On(EntryId, Vec<AccountId>),
}

impl Settled {
    pub(crate) fn read(event: &Event) -> Self {
        let said: Said = serde_json::from_str(&event.payload).unwrap_or_default();
        let entry = EntryId::from_uuid(event.subject_id);
        match said.postings() {
            Some(postings) => Self::Booked(Booked {
                entry: entry.to_string(),
                kind: said.booked_as.unwrap_or(said.r#type),
                value_date: said.value_date,
                booked_at: said.booked_at.unwrap_or_default(),
                postings: postings.into_iter().map(|(_, posting)| posting).collect(),
            }),
            None => Self::On(entry, said.accounts()),
        }
    }
}

impl Said {
    /// In the order of account and sequence; nothing where one is not told whole.
    fn postings(&self) -> Option<Vec<(AccountId, BookedSide)>> {
        self.booked_at.as_ref()?;
        let posting = |account: &str, sequence: Option<i64>, amount: String, balance: &Option<String>| {
            let id = AccountId::parse(account).ok()?;
            Some((id, (account.to_owned(), sequence?, amount, balance.clone()?)))
        };
        let mut postings: Vec<_> = if self.legs.is_empty() {
            let (source, destination) = (self.source_account_id.as_ref()?, self.destination_account_id.as_ref()?);
            let taken = format!("-{}", self.amount);
            let taken = posting(source, self.source_sequence, taken, &self.source_balance)?;
            let given =
                posting(destination, self.destination_sequence, self.amount.clone(), &self.destination_balance)?;
            vec![taken, given]
        } else {
            let legs = self.legs.iter();
            let legs = legs.map(|leg| posting(&leg.account_id, leg.sequence, leg.amount.clone(), &leg.balance));
            legs.collect::<Option<_>>()?
        };
        postings.sort_unstable_by_key(|(account, (_, sequence, ..))| (*account, *sequence));
        Some(postings)
    }

    fn accounts(self) -> Vec<AccountId> {
        let sides = self.source_account_id.into_iter().chain(self.destination_account_id);
        let all = sides.chain(self.legs.into_iter().map(|leg| leg.account_id));
        let mut accounts: Vec<AccountId> = all.filter_map(|text| AccountId::parse(&text).ok()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }
}
