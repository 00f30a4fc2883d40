//! What the rules go by just now: the set that counts, what rests for whom, and who is suspected. Read from the database every few
//! seconds, and handed to whoever decides as plain values.

use crate::review::store as reviews;
use crate::rule_set::store as sets;
use crate::{RuleId, RuleMode, RuleSet, Snoozed};
use db::{BankTime, Db, Result};
use ids::{AccountId, UserId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// So long somebody is suspected.
const SUSPECTED_DAYS: i64 = 7;
/// More are not kept in memory; the newest are.
const SUSPICIONS_MAX: u32 = 50_000;
const SNOOZES_MAX: u32 = 10_000;

/// What the rules go by just now.
#[derive(Clone, Debug)]
pub struct Watching {
    /// The set that counts.
    pub set: RuleSet,
    /// Until when rules rest, in seconds of bank time.
    snoozes: HashMap<UserId, Vec<(RuleId, i64)>>,
    /// By whose payments.
    suspicions: HashMap<AccountId, Vec<UserId>>,
}

impl Watching {
    /// A set, and nothing besides.
    pub fn by(set: RuleSet) -> Self {
        Self { set, snoozes: HashMap::new(), suspicions: HashMap::new() }
    }

    /// What rests for the customer.
    pub fn snoozed(&self, customer: UserId, now: i64) -> Snoozed {
        let rules = self.snoozes.get(&customer).into_iter().flatten().filter(|(_, until)| *until > now);
        rules.fold(Snoozed::default(), |snoozed, (rule, _)| snoozed.with(*rule))
    }

    /// How many other customers' payments have made somebody suspected.
    pub fn suspicions(&self, payee: AccountId, customer: UserId) -> u32 {
        let others = self.suspicions.get(&payee).into_iter().flatten().filter(|other| **other != customer);
        u32::try_from(others.count()).unwrap_or(u32::MAX)
    }
}

/// Fraud rules of one bank, or none. Cloning shares them.
#[derive(Clone, Default)]
pub struct Fraud {
    watching: Option<Arc<RwLock<Arc<Watching>>>>,
}

impl Fraud {
    /// No rules at all, and nothing is remembered of accounts.
    pub const fn off() -> Self {
        Self { watching: None }
    }

    /// By this set, whatever is stored, until it is refreshed.
    pub fn by(set: RuleSet) -> Self {
        Self { watching: Some(Arc::new(RwLock::new(Arc::new(Watching::by(set))))) }
    }

    /// By what is stored. A bank that has activated nothing watches with what is built in, and nothing counts.
    ///
    /// # Errors
    /// The database failed, or the newest set cannot be read.
    pub async fn open(db: &Db, now: BankTime) -> Result<Self> {
        let fraud = Self::by(RuleSet::built_in(RuleMode::Shadow));
        fraud.refresh(db, now).await?;
        Ok(fraud)
    }

    /// What the rules go by just now; nothing where there are none.
    pub fn watching(&self) -> Option<Arc<Watching>> {
        let watching = self.watching.as_ref()?;
        Some(Arc::clone(&watching.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// A set that was just activated here counts at once.
    pub(crate) fn go_by(&self, set: RuleSet) {
        let Some(place) = &self.watching else { return };
        let mut watching = place.write().unwrap_or_else(PoisonError::into_inner);
        if set.version > watching.set.version {
            *watching = Arc::new(Watching { set, ..Watching::clone(&watching) });
        }
    }

    /// Reads again what is stored.
    ///
    /// # Errors
    /// The database failed, or the newest set cannot be read: what was read before counts on.
    pub async fn refresh(&self, db: &Db, now: BankTime) -> Result<()> {
        let Some(place) = &self.watching else { return Ok(()) };
        let set = sets::newest(db).await?;
        let mut fresh = Watching::by(set.unwrap_or_else(|| RuleSet::built_in(RuleMode::Shadow)));
        for snooze in sets::snoozes(db, now, SNOOZES_MAX).await? {
            fresh.snoozes.entry(snooze.customer).or_default().push((snooze.rule, snooze.until.unix_seconds()));
        }
        for suspected in reviews::suspicions(db, now.plus_seconds(-SUSPECTED_DAYS * 86_400), SUSPICIONS_MAX).await? {
            fresh.suspicions.entry(suspected.payee).or_default().push(suspected.customer);
        }
        *place.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        let open = reviews::count_open(db).await?;
        metrics::gauge!("florin_fraud_reviews_open").set(f64::from(u32::try_from(open).unwrap_or(u32::MAX)));
        Ok(())
    }

    /// Forgets whom nobody suspects any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn purge(&self, db: &Db, now: BankTime) -> Result<u64> {
        reviews::forget_suspicions(db, now.plus_seconds(-SUSPECTED_DAYS * 86_400)).await
    }
}
