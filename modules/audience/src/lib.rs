//! Who is told of what happened, and what of it. A customer is told of what concerns their own person, accounts and payments,
//! in the public envelope, and of the other side no more than the API shows. How they are told is others' business.

mod owners;
mod shown;
mod store;

pub use owners::Owners;

use db::{Executor, Result};
use ids::{AccountId, UserId};
use outbox::{Audience, Event, Subject};
use serde_json::{Map, Value};
use shown::Concerned;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;
use stream::Recorded;

/// By kind: what it is about, of the kinds that people are told of.
static KINDS: LazyLock<BTreeMap<&'static str, Subject>> = LazyLock::new(|| {
    let told = outbox::kinds().into_iter().filter(|(_, kind)| kind.audience == Audience::Owner);
    told.map(|(name, kind)| (name, kind.subject)).collect()
});

/// One person is told of one event.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// Whom.
    pub user_id: UserId,
    /// Of what.
    pub recorded: &'a Recorded,
    known: &'a Known,
}

/// What has to be known to tell of some events.
#[derive(Debug, Default)]
pub struct Known {
    /// By position, of the events that people are told of.
    concerned: HashMap<i64, Concerned>,
    /// Customers' accounts with their owners. What is not in it is the bank's own.
    owners: HashMap<AccountId, Option<UserId>>,
}

impl Known {
    /// What has to be known to tell of these events. Whoever follows the stream keeps the owners; who looks at some events only
    /// has them looked up anew.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn of(on: &impl Executor, owners: &Owners, events: &[Recorded]) -> Result<Self> {
        let told = events.iter().filter(|recorded| KINDS.contains_key(recorded.event.kind.as_str()));
        let concerned: HashMap<i64, Concerned> =
            told.filter_map(|recorded| Some((recorded.position, Concerned::read(&recorded.event.payload)?))).collect();
        let accounts: BTreeSet<AccountId> = concerned.values().flat_map(Concerned::accounts).collect();
        let owners = owners.of(on, accounts, events).await?;
        Ok(Self { concerned, owners })
    }

    /// Whom to tell of which of these events, in their order; each person once of each.
    pub fn tellings<'a>(&'a self, events: &'a [Recorded]) -> Vec<Telling<'a>> {
        let of = |recorded| {
            let told = self.people(recorded).into_iter();
            told.map(move |user_id| Telling { user_id, recorded, known: self })
        };
        events.iter().flat_map(of).collect()
    }

    fn people(&self, recorded: &Recorded) -> BTreeSet<UserId> {
        let event = &recorded.event;
        let Some(concerned) = self.concerned.get(&recorded.position) else { return BTreeSet::new() };
        match KINDS.get(event.kind.as_str()) {
            Some(Subject::User) if !event.subject_id.is_nil() => BTreeSet::from([UserId::from_uuid(event.subject_id)]),
            Some(Subject::Account) => concerned.user.into_iter().collect(),
            Some(Subject::Transaction) => {
                concerned.accounts().filter_map(|account| self.owners.get(&account).copied().flatten()).collect()
            }
            // What was refused concerns who asked for it, or for whom it was asked.
            Some(Subject::AccountOrTransaction) => asked_for(event).into_iter().collect(),
            Some(Subject::User | Subject::Approval | Subject::Bank) | None => BTreeSet::new(),
        }
    }
}

impl Telling<'_> {
    /// The envelope, as this person may see it.
    pub fn to_json(&self) -> String {
        let data = self.data().unwrap_or_default();
        let pared = shown::pared(self.user_id, &self.recorded.event.kind, data, &self.known.owners);
        shown::envelope(self.recorded, pared)
    }

    /// Whether the person is on the receiving side of a payment, and not on the other.
    pub fn is_of_receiver(&self) -> bool {
        let Some(concerned) = self.known.concerned.get(&self.recorded.position) else { return false };
        let is_theirs = |account: Option<AccountId>| {
            let owner = account.and_then(|account| self.known.owners.get(&account));
            owner.is_some_and(|owner| *owner == Some(self.user_id))
        };
        is_theirs(concerned.destination) && !is_theirs(concerned.source)
    }

    /// A text of what happened, that this person may see.
    pub fn text(&self, member: &str) -> Option<String> {
        if shown::HIDDEN.contains(&member) {
            return None;
        }
        self.data()?.get(member).and_then(Value::as_str).map(str::to_owned)
    }

    fn data(&self) -> Option<Map<String, Value>> {
        serde_json::from_str(&self.recorded.event.payload).ok()
    }
}

fn asked_for(event: &Event) -> Option<UserId> {
    let actor = event.actor?;
    actor.on_behalf_of.or(actor.user)
}
