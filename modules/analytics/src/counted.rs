//! What counts as what: a plain function from events to sums, each metric and key once, so that a batch writes few rows.

use db::Date;
use money::{Currency, Money};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use stream::Recorded;
use uuid::Uuid;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Payments that settled, by type; on the day from which they count.
    Settled,
    /// Orders that were refused, by reason and command.
    Refused,
    /// Logins, without those that came with a registration.
    Login,
    /// Looks at what the bank would lend.
    OptionCheck,
    /// Applications for a loan.
    Application,
    /// Registrations.
    Registration,
    /// Accounts that were opened, by type and currency.
    AccountOpened,
}

/// Under what something is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) metric: Metric,
    pub(crate) day: Date,
    pub(crate) key1: String,
    pub(crate) key2: String,
    pub(crate) currency: String,
}

/// How often, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) count: i64,
    pub(crate) minor: i64,
}

/// What some events add up to.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) daily: BTreeMap<Key, Sum>,
    pub(crate) people: BTreeMap<(Metric, String), i64>,
    pub(crate) active: BTreeSet<(Date, Uuid)>,
}

/// An event says something that it cannot say.
#[derive(Debug, thiserror::Error)]
#[error("the event at position {position} cannot be counted: {reason}")]
pub struct Uncountable {
    position: i64,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stands {
    r#type: String,
    amount: String,
    currency: String,
    value_date: String,
}

#[derive(Deserialize)]
struct Refused {
    reason: String,
    command: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    username: String,
    #[serde(default)]
    by_registering: bool,
}

#[derive(Deserialize)]
struct Opened {
    r#type: String,
    currency: String,
}

impl Metric {
    /// Everything that is counted.
    pub const ALL: [Self; 7] = [
        Self::Settled,
        Self::Refused,
        Self::Login,
        Self::OptionCheck,
        Self::Application,
        Self::Registration,
        Self::AccountOpened,
    ];

    /// The word that is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Refused => "refused",
            Self::Login => "login",
            Self::OptionCheck => "option_check",
            Self::Application => "application",
            Self::Registration => "registration",
            Self::AccountOpened => "account_opened",
        }
    }
}

impl Counted {
    /// Adds the events up.
    pub(crate) fn of(events: &[Recorded]) -> Result<Self, Uncountable> {
        let mut counted = Self::default();
        for recorded in events {
            let position = recorded.position;
            counted.add(recorded).map_err(|reason| Uncountable { position, reason })?;
        }
        Ok(counted)
    }

    fn add(&mut self, recorded: &Recorded) -> Result<(), String> {
        let event = &recorded.event;
        let day = event.happened_at.date();
        match event.kind.as_str() {
            "payments.transaction_settled" => {
                let stands: Stands = read(&event.payload)?;
                let currency = Currency::parse(&stands.currency).map_err(|error| error.to_string())?;
                let money = Money::parse(&stands.amount, currency).map_err(|error| error.to_string())?;
                let counts_from = Date::parse(&stands.value_date).map_err(|error| error.to_string())?;
                let key = Key { currency: stands.currency, ..Key::of(Metric::Settled, counts_from, stands.r#type) };
                self.count(key, money.minor())?;
            }
            "payments.refused" => {
                let refused: Refused = read(&event.payload)?;
                self.count(Key { key2: refused.command, ..Key::of(Metric::Refused, day, refused.reason) }, 0)?;
            }
            "auth.logged_in" => {
                let LoggedIn { username, by_registering } = read(&event.payload)?;
                if !by_registering {
                    self.count(Key::of(Metric::Login, day, String::new()), 0)?;
                    *self.people.entry((Metric::Login, username)).or_default() += 1;
                }
            }
            "auth.user_registered" => self.count(Key::of(Metric::Registration, day, String::new()), 0)?,
            "accounts.opened" => {
                let Opened { r#type, currency } = read(&event.payload)?;
                self.count(Key { currency, ..Key::of(Metric::AccountOpened, day, r#type) }, 0)?;
            }
            _ => {}
        }
        let is_own_doing = event.kind == "auth.logged_in" || event.kind.starts_with("payments.transaction_");
        let who = event.actor.filter(|actor| is_own_doing && actor.on_behalf_of.is_none());
        self.active.extend(who.and_then(|actor| actor.user).map(|user| (day, user.uuid())));
        Ok(())
    }

    fn count(&mut self, key: Key, minor: i64) -> Result<(), String> {
        let sum = self.daily.entry(key).or_default();
        sum.count += 1;
        sum.minor = sum.minor.checked_add(minor).ok_or("the sum is too large")?;
        Ok(())
    }
}

impl Key {
    const fn of(metric: Metric, day: Date, key1: String) -> Self {
        Self { metric, day, key1, key2: String::new(), currency: String::new() }
    }
}

fn read<'a, T: Deserialize<'a>>(payload: &'a str) -> Result<T, String> {
    serde_json::from_str(payload).map_err(|error| error.to_string())
}
