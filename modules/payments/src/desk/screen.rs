//! What the rules of fraud say of a payment, and what is remembered of it: profiles beside the book, one payment after the other.
//! The rules themselves are in `fraud`; here is when they are asked, and what their answer does to the money.

use super::{Circumstances, Desk, holder};
use crate::{Command, Order, Refusal, Transaction, TransactionType};
use db::{BankTime, WallTime};
use fraud::profile::StoredProfile;
use fraud::review::{DUE_HOURS, ENDS_HOURS, findings_as_json};
use fraud::{
    Closing, Conclusion, Decision, Facts, PartyHash, Payment, Profile, Review, ReviewState, RuleId, Verdict, Watching,
    decide,
};
use ids::{AccountId, TransactionId, UserId};
use money::Money;
use outbox::{Actor, Event, Means};
use std::collections::HashMap;
use std::sync::Arc;

/// Profiles of the accounts that a batch touches, and what the rules made of its payments.
#[derive(Clone, Debug)]
pub(crate) struct Screen {
    watching: Arc<Watching>,
    stored: HashMap<AccountId, StoredProfile>,
    open: HashMap<AccountId, Open>,
    /// What stood there before each change, while several payments are made as one.
    undo: Option<Vec<(AccountId, Open)>>,
    opened: Vec<Opened>,
    declined: Vec<Declined>,
    counts: Counts,
}

/// Whether a payee is one who was paid before, after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    FromNowOn,
    /// Somebody of the bank looks at it first.
    NotYet,
}

/// A profile that is looked at.
#[derive(Clone, Debug, Default)]
struct Open {
    profile: Profile,
    is_damaged: bool,
    is_changed: bool,
}

/// A review that began.
#[derive(Clone, Debug)]
struct Opened {
    review: Review,
    decision: Box<Decision>,
    actor: Option<Actor>,
}

/// A payment that was declined for its points.
#[derive(Clone, Debug)]
pub(crate) struct Declined {
    pub(crate) customer: UserId,
    source: AccountId,
    payee: AccountId,
    money: Money,
    decision: Box<Decision>,
    actor: Option<Actor>,
}

/// How often each rule fired or could not be evaluated, and what was decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    fired: [u32; RuleId::ALL.len()],
    errors: u32,
    concluded: [[u32; 3]; 2],
}

/// What has to be stored of it.
#[derive(Debug, Default)]
pub(crate) struct ScreenChanges {
    /// The profiles that changed, as they are now.
    pub(crate) profiles: Vec<(AccountId, StoredProfile)>,
    /// All profiles that were looked at or handed over, as they are now.
    pub(crate) known: HashMap<AccountId, StoredProfile>,
    opened: Vec<Opened>,
    pub(crate) declined: Vec<Declined>,
    pub(crate) closed: Vec<(Closing, Option<Actor>)>,
    pub(crate) counts: Counts,
}

impl Screen {
    pub(crate) fn new(watching: Arc<Watching>, stored: impl IntoIterator<Item = (AccountId, StoredProfile)>) -> Self {
        Self {
            watching,
            stored: stored.into_iter().collect(),
            open: HashMap::new(),
            undo: None,
            opened: Vec::new(),
            declined: Vec::new(),
            counts: Counts::default(),
        }
    }

    fn open(&mut self, account: AccountId) -> &mut Open {
        self.open.entry(account).or_insert_with(|| {
            let Some(stored) = self.stored.get(&account).filter(|stored| stored.version > 0) else {
                return Open::default();
            };
            match Profile::decode(&stored.bytes) {
                Ok(profile) => Open { profile, ..Open::default() },
                // It begins anew, and what is paid meanwhile somebody looks at.
                Err(damaged) => {
                    tracing::error!(%account, %damaged, "a profile begins anew");
                    Open { is_damaged: true, ..Open::default() }
                }
            }
        })
    }

    fn change(&mut self, account: AccountId, change: impl FnOnce(&mut Profile) -> bool) {
        let is_undoable = self.undo.is_some();
        let open = self.open(account);
        let before = is_undoable.then(|| open.clone());
        if change(&mut open.profile) {
            open.is_changed = true;
        }
        if let (Some(undo), Some(before)) = (&mut self.undo, before) {
            undo.push((account, before));
        }
    }

    pub(super) fn begin_as_one(&mut self) {
        self.undo = Some(Vec::new());
    }

    pub(super) fn end_as_one(&mut self, is_done: bool) {
        for (account, before) in self.undo.take().into_iter().flatten().rev() {
            if !is_done {
                self.open.insert(account, before);
            }
        }
    }

    pub(super) fn into_changes(self) -> ScreenChanges {
        let Self { stored, open, opened, declined, counts, .. } = self;
        let mut known = stored;
        let mut profiles = Vec::new();
        for (account, open) in open.into_iter().filter(|(_, open)| open.is_changed) {
            let version = known.get(&account).map_or(0, |before| before.version) + 1;
            let now = StoredProfile { version, bytes: open.profile.encode().into() };
            known.insert(account, now.clone());
            profiles.push((account, now));
        }
        ScreenChanges { profiles, known, opened, declined, closed: Vec::new(), counts }
    }
}

/// The accounts whose profiles a new transfer needs.
pub(crate) fn profiles_needed(command: &Command) -> impl Iterator<Item = AccountId> {
    let needed = |order: &Order| {
        let paid = Some(order.destination).filter(|_| is_watched(order.kind) && fraud::is_credit_worth_it(order.money));
        [Some(order.source), paid]
    };
    command.order().into_iter().flat_map(needed).flatten().filter(|id| !ledger::is_line_account(*id))
}

const fn is_watched(kind: TransactionType) -> bool {
    matches!(kind, TransactionType::Transfer | TransactionType::Payment | TransactionType::Withdrawal)
}

impl Desk {
    /// Asks the rules about what a customer pays of their own. Returns the decision where somebody has to look at it first.
    ///
    /// # Errors
    /// It is declined.
    pub(super) fn screen(&mut self, order: &Order, given: Circumstances) -> Result<Option<Box<Decision>>, Refusal> {
        let Some((customer, payment)) = self.watched(order, given) else { return Ok(None) };
        let source = self.book.account(order.source)?;
        let account_age = given.now.unix_seconds() - source.opened_at.unix_seconds();
        let Some(screen) = &mut self.screen else { return Ok(None) };
        let watching = Arc::clone(&screen.watching);
        if watching.set.is_off() {
            return Ok(None);
        }
        let by = given.actor.map(|actor| actor.means);
        let open = screen.open(order.source);
        let facts = Facts {
            payment,
            is_by_program: matches!(by, Some(Means::ApiKey(_) | Means::Grant { .. })),
            account_age,
            payee_suspicions: watching.suspicions(order.destination, customer),
            is_profile_damaged: open.is_damaged,
        };
        let decision = decide(&watching.set, &facts, &open.profile, watching.snoozed(customer, payment.at));
        screen.counts.add(&decision);
        match (decision.conclusion, decision.limit) {
            (Conclusion::Approve, _) => Ok(None),
            // What is done as one cannot wait in part.
            (Conclusion::Review, _) if screen.undo.is_none() => Ok(Some(Box::new(decision))),
            (_, Some(limit)) => Err(Refusal::limit(limit, order, &decision)),
            _ => {
                let (decision, money) = (Box::new(decision), order.money);
                screen.declined.push(Declined {
                    customer,
                    source: order.source,
                    payee: order.destination,
                    money,
                    decision: decision.clone(),
                    actor: given.actor,
                });
                Err(Refusal::Declined { account: order.source, money, decision })
            }
        }
    }

    /// Remembers a payment that was made: of who paid, and of who was paid.
    pub(super) fn remember(&mut self, order: &Order, given: Circumstances) {
        self.remember_payer(order, Known::FromNowOn, given);
        let is_credit = is_watched(order.kind) && self.are_strangers(order.source, order.destination);
        if let Some(screen) = self.screen.as_mut().filter(|_| is_credit) {
            screen.be_paid(order.source, order.destination, order.money, given.now);
        }
    }

    /// The same of who pays only: nobody has been paid yet.
    pub(super) fn remember_payer(&mut self, order: &Order, payee: Known, given: Circumstances) {
        let watched = self.watched(order, given);
        if let (Some(screen), Some((_, payment))) = (&mut self.screen, watched) {
            let payment = Payment { payee: payment.payee.filter(|_| payee == Known::FromNowOn), ..payment };
            screen.change(order.source, |profile| {
                profile.pay(&payment);
                true
            });
        }
    }

    /// Somebody of the bank lets the payee be paid.
    pub(super) fn remember_payee(&mut self, approved: &Transaction) {
        let payee = approved.destination.account;
        let is_cash = approved.kind == TransactionType::Withdrawal;
        if let Some(screen) = self.screen.as_mut().filter(|_| !is_cash) {
            screen.change(approved.source.account, |profile| {
                profile.know(PartyHash::of(payee));
                true
            });
        }
    }

    /// Remembers what somebody was paid by a capture.
    pub(super) fn remember_capture(&mut self, settled: &Transaction, now: BankTime) {
        let (source, destination) = (settled.source.account, settled.destination.account);
        let is_credit = is_watched(settled.kind) && self.are_strangers(source, destination);
        if let Some(screen) = self.screen.as_mut().filter(|_| is_credit) {
            screen.be_paid(source, destination, settled.settled(), now);
        }
    }

    /// Sets the money of a payment aside until somebody has looked at it.
    pub(super) fn open_review(
        &mut self,
        pending: &Transaction,
        decision: Box<Decision>,
        is_hold: bool,
        given: Circumstances,
    ) {
        let Some(customer) = pending.source.holder else { return };
        let now = given.now;
        let review = Review {
            transaction: pending.id,
            is_hold,
            state: ReviewState::Open,
            customer,
            account: pending.source.account,
            payee: pending.destination.account,
            money: pending.money,
            points: i64::from(decision.points),
            rules_version: decision.version,
            findings: findings_as_json(&decision, pending.money.currency()).to_string(),
            opened_at: now,
            due_at: now.plus_seconds(DUE_HOURS * 3_600),
            ends_at: pending.expires_at.unwrap_or(now.plus_seconds(ENDS_HOURS * 3_600)),
            assigned_to: None,
            decided_by: None,
            decided_at: None,
            reason: None,
            label: None,
        };
        if let Some(screen) = &mut self.screen {
            screen.opened.push(Opened { review, decision, actor: given.actor });
        }
    }

    /// The payment as the rules see it, with who pays; nothing where they are not asked.
    fn watched(&self, order: &Order, given: Circumstances) -> Option<(UserId, Payment)> {
        self.screen.as_ref()?;
        let customer =
            holder(self.book.account(order.source).ok()?).filter(|customer| given.hat.owns(Some(*customer)))?;
        if !is_watched(order.kind) {
            return None;
        }
        let payee = (order.kind != TransactionType::Withdrawal).then(|| PartyHash::of(order.destination));
        let is_between_own = payee.is_some() && !self.are_strangers(order.source, order.destination);
        let at = given.now.unix_seconds();
        Some((customer, Payment { at, money: order.money, payee, is_between_own }))
    }

    /// Whether two accounts are customers' and belong to different ones.
    fn are_strangers(&self, one: AccountId, other: AccountId) -> bool {
        let holders = [one, other].map(|account| self.book.account(account).ok().filter(|found| !found.is_own()));
        matches!(holders, [Some(one), Some(other)] if one.holder_id.is_none() || one.holder_id != other.holder_id)
    }
}

impl Screen {
    fn be_paid(&mut self, payer: AccountId, account: AccountId, money: Money, now: BankTime) {
        // Small amounts are not remembered, and their accounts' profiles are not even there.
        if self.stored.contains_key(&account) && fraud::is_credit_worth_it(money) {
            self.change(account, |profile| profile.be_paid(now.unix_seconds(), money, PartyHash::of(payer)));
        }
    }
}

impl Counts {
    fn add(&mut self, decision: &Decision) {
        for finding in decision.findings() {
            match finding.verdict {
                Verdict::Fired { .. } => self.fired[finding.rule.index()] += 1,
                Verdict::Skipped(fraud::Skip::Error) => self.errors += 1,
                Verdict::NotFired { .. } | Verdict::Skipped(_) => {}
            }
        }
        for (counted, conclusion) in self.concluded.iter_mut().zip([decision.conclusion, decision.in_shadow]) {
            counted[conclusion as usize] += 1;
        }
    }

    /// Tells those who look after the bank.
    pub(crate) fn tell(&self) {
        for (rule, fired) in RuleId::ALL.iter().zip(self.fired).filter(|(_, fired)| *fired > 0) {
            metrics::counter!("florin_fraud_rules_fired_total", "rule" => rule.word()).increment(u64::from(fired));
        }
        if self.errors > 0 {
            metrics::counter!("florin_fraud_errors_total").increment(u64::from(self.errors));
        }
        for (mode, counted) in ["ACTIVE", "SHADOW"].into_iter().zip(self.concluded) {
            for (conclusion, count) in Conclusion::ALL.iter().zip(counted).filter(|(_, count)| *count > 0) {
                metrics::counter!("florin_fraud_decisions_total", "outcome" => conclusion.word(), "mode" => mode)
                    .increment(u64::from(count));
            }
        }
    }
}

impl ScreenChanges {
    /// The events of it.
    pub(crate) fn events(&self, now: WallTime) -> Vec<Event> {
        let opened = self.opened.iter().flat_map(|Opened { review, decision, actor }| {
            let act = outbox::Act { by: *actor, at: now };
            let made =
                fraud::events::decision_made(decision, review.account, review.money, Some(review.transaction), act);
            [made, fraud::events::review_opened(review, act)]
        });
        let declined = self.declined.iter().map(|declined| {
            let act = outbox::Act { by: declined.actor, at: now };
            fraud::events::decision_made(&declined.decision, declined.source, declined.money, None, act)
        });
        let closed = self
            .closed
            .iter()
            .map(|(closing, actor)| fraud::events::review_decided(closing, outbox::Act { by: *actor, at: now }));
        opened.chain(declined).chain(closed).collect()
    }

    /// What is written beside the money; profiles are written apart, where balances are.
    pub(crate) fn writes(&self, bank: BankTime, wall: WallTime) -> Vec<(&'static db::Statement, db::Rows)> {
        use fraud::review::store;
        let mut writes = Vec::new();
        let opened: Vec<Review> = self.opened.iter().map(|opened| opened.review.clone()).collect();
        let suspected = opened.iter().map(|review| (review.payee, review.customer));
        let suspected = suspected.chain(self.declined.iter().map(|declined| (declined.payee, declined.customer)));
        let suspected: Vec<_> = suspected.filter(|(payee, _)| !ledger::is_line_account(*payee)).collect();
        if !suspected.is_empty() {
            writes.push(store::suspected(&suspected, bank));
        }
        if !opened.is_empty() {
            writes.push(store::opened(opened));
        }
        if !self.closed.is_empty() {
            writes.push(store::closed(self.closed.iter().map(|(closing, _)| closing.clone()).collect(), wall));
        }
        writes
    }
}

/// What somebody decided about a payment that is looked at.
pub(super) fn closing(id: TransactionId, state: ReviewState, by: Option<UserId>, reason: Option<&str>) -> Closing {
    Closing { transaction: id, state, by, reason: reason.map(ToOwned::to_owned) }
}
