//! What rules of fraud would have made of the payments that were made: the history of the ledger, in the order of identifiers,
//! against a set of rules and the one that counts. The same history and sets give the same, to the byte. Nothing is written.
//!
//! What rests for a customer is not taken into account, and payments that were refused are not in a history.

use crate::transaction::{DECLINED, Transaction};
use crate::{TransactionStatus, TransactionType};
use db::{Result, Snapshot, params};
use fraud::{Conclusion, Decision, Facts, Label, PartyHash, Payment, Profile, RuleSet, Snoozed, decide};
use ids::{AccountId, TransactionId, UserId};
use outbox::Means;
use std::collections::HashMap;

const DAY_SECONDS: i64 = 86_400;
const SUSPECTED_SECONDS: i64 = 7 * DAY_SECONDS;

/// What is replayed.
#[derive(Debug)]
pub struct Replay {
    /// The set that is tried.
    pub tried: RuleSet,
    /// The set that counts.
    pub counting: RuleSet,
    /// From which time on decisions are told, in seconds of bank time; what was before is learned from.
    pub from: i64,
    /// Until which time.
    pub to: i64,
}

/// A payment that one of the two sets would not simply have made.
#[derive(Debug)]
pub struct Alert<'a> {
    /// The payment.
    pub transaction: &'a Transaction,
    /// When it was made, in seconds of bank time.
    pub at: i64,
    /// What the set that is tried makes of it.
    pub tried: &'a Decision,
    /// What the set that counts makes of it.
    pub counting: &'a Decision,
    /// What somebody found it to be.
    pub label: Option<Label>,
}

/// What a set made of the payments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// So many somebody would look at.
    pub reviews: u64,
    /// So many would be declined.
    pub declines: u64,
    /// Of them so many were fraud, as far as somebody has said so.
    pub frauds: u64,
    /// And so many were what their owners wanted.
    pub genuine: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Payments in the time that was asked for.
    pub payments: u64,
    /// Of the set that was tried, and of the one that counts.
    pub scores: [Score; 2],
}

/// Tells every payment that one of the sets would not simply have made.
///
/// # Errors
/// The database cannot be read.
pub async fn replay(
    snapshot: &Snapshot,
    replay: Replay,
    tell: impl FnMut(&Alert<'_>) + Send + 'static,
) -> Result<Replayed> {
    let accounts = ledger::all_accounts(snapshot).await?;
    let opened = accounts.into_iter().map(|account| (account.id, account.opened_at.unix_seconds())).collect();
    let labels = fraud::review::store::labels(snapshot).await?.into_iter().collect();
    let walk = Walk {
        replay,
        opened,
        labels,
        profiles: HashMap::new(),
        suspicions: Default::default(),
        tell,
        done: Replayed::default(),
    };
    let walk = snapshot.fold(&crate::transaction::store::WALK_IN_ORDER, params![], walk, Walk::meet).await?;
    Ok(walk.done)
}

struct Walk<F> {
    replay: Replay,
    opened: HashMap<AccountId, i64>,
    labels: HashMap<TransactionId, Label>,
    profiles: HashMap<AccountId, Profile>,
    /// Whom each set suspects: by whose payments, and when last.
    suspicions: [HashMap<PartyHash, HashMap<UserId, i64>>; 2],
    tell: F,
    done: Replayed,
}

impl<F: FnMut(&Alert<'_>)> Walk<F> {
    fn meet(&mut self, transaction: Transaction) -> Result<()> {
        let kinds = [TransactionType::Transfer, TransactionType::Payment, TransactionType::Withdrawal];
        if transaction.booked.is_some() || !kinds.contains(&transaction.kind) {
            return Ok(());
        }
        let at = i64::try_from(transaction.id.unix_millis() / 1_000).unwrap_or(i64::MAX);
        if !transaction.source.is_own && !ledger::is_line_account(transaction.source.account) {
            self.decide(&transaction, at);
        }
        self.credit(&transaction, at);
        Ok(())
    }

    fn decide(&mut self, transaction: &Transaction, at: i64) {
        let (source, destination) = (transaction.source, transaction.destination);
        // An imported account belongs to nobody yet; it is its own customer then.
        let customer = source.holder.unwrap_or(UserId::from_uuid(source.account.uuid()));
        let payee = payee(transaction);
        let is_between_own = source.holder.is_some() && source.holder == destination.holder;
        let payment = Payment { at, money: transaction.money, payee, is_between_own };
        let profile = self.profiles.entry(source.account).or_default();
        let means = transaction.started_by.map(|actor| actor.means);
        let facts = |payee_suspicions| Facts {
            payment,
            is_by_program: matches!(means, Some(Means::ApiKey(_) | Means::Grant { .. })),
            account_age: at - self.opened.get(&source.account).copied().unwrap_or(at).min(at),
            payee_suspicions,
            is_profile_damaged: false,
        };
        let sets = [&self.replay.tried, &self.replay.counting];
        let decided: [Decision; 2] = std::array::from_fn(|index| {
            let suspected = payee.map_or(0, |payee| others(&self.suspicions[index], payee, customer, at));
            decide(sets[index], &facts(suspected), profile, Snoozed::default())
        });
        let was_stopped = transaction.status == TransactionStatus::Cancelled
            && transaction.status_reason.as_deref() == Some(DECLINED);
        profile.pay(&Payment { payee: payee.filter(|_| !was_stopped), ..payment });
        for (suspicions, decision) in self.suspicions.iter_mut().zip(&decided) {
            if let Some(payee) =
                payee.filter(|_| decision.conclusion != Conclusion::Approve && decision.limit.is_none())
            {
                suspicions.entry(payee).or_default().insert(customer, at);
            }
        }
        if at >= self.replay.from && at < self.replay.to {
            self.count(transaction, at, &decided);
        }
    }

    fn count(&mut self, transaction: &Transaction, at: i64, decided: &[Decision; 2]) {
        let label = self.labels.get(&transaction.id).copied();
        self.done.payments += 1;
        for (score, decision) in self.done.scores.iter_mut().zip(decided) {
            match decision.conclusion {
                Conclusion::Approve => continue,
                Conclusion::Review => score.reviews += 1,
                Conclusion::Decline => score.declines += 1,
            }
            score.frauds += u64::from(label == Some(Label::Fraud));
            score.genuine += u64::from(label == Some(Label::Genuine));
        }
        if decided.iter().any(|decision| decision.conclusion != Conclusion::Approve) {
            (self.tell)(&Alert { transaction, at, tried: &decided[0], counting: &decided[1], label });
        }
    }

    fn credit(&mut self, transaction: &Transaction, at: i64) {
        let (source, destination) = (transaction.source, transaction.destination);
        let is_between_own = source.holder.is_some() && source.holder == destination.holder;
        if is_between_own || ledger::is_line_account(destination.account) || transaction.settled_at.is_none() {
            return;
        }
        let payer =
            transaction.imported_counterparty().map_or(PartyHash::of(source.account), |name| PartyHash::named(&name));
        let profile = self.profiles.entry(destination.account).or_default();
        profile.be_paid(at, transaction.settled(), payer);
    }
}

/// To whom; of an imported payment, as its history names them.
fn payee(transaction: &Transaction) -> Option<PartyHash> {
    if let Some(name) = transaction.imported_counterparty() {
        return Some(PartyHash::named(&name));
    }
    (transaction.kind != TransactionType::Withdrawal).then(|| PartyHash::of(transaction.destination.account))
}

fn others(suspicions: &HashMap<PartyHash, HashMap<UserId, i64>>, payee: PartyHash, customer: UserId, at: i64) -> u32 {
    let by = suspicions.get(&payee).into_iter().flatten();
    let others = by.filter(|(other, last)| **other != customer && at - **last <= SUSPECTED_SECONDS);
    u32::try_from(others.count()).unwrap_or(u32::MAX)
}
