//! What is decided when something happens to a payment, and what has to be done in the same commit.

use db::BankTime;
use money::Money;

use crate::event::Event;
use crate::payment::Payment;
use crate::phase::{Attention, Delivery, Phase};
use crate::reason::Reason;
use crate::table;
use crate::words::words;

/// What is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The payment becomes another one.
    Step(Box<Step>),
    /// It does not fit: nothing changes, and it is counted.
    PassedOver,
    /// It is true and comes too early: the message is kept, and shown again when the payment has gone on.
    Kept,
    /// Who asked for it is told why not.
    Refused(Refusal),
}

/// What a payment becomes, and what has to be done for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The row of the table, as the contract numbers them.
    pub row: &'static str,
    /// The payment as it is from then on.
    pub payment: Payment,
    /// What is done in the same commit.
    pub effects: Vec<Effect>,
}

/// Why something that was asked for is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not in this phase.
    WrongPhase,
    /// A worker whose time is over.
    Stale,
    /// Too few people stand behind it.
    NotEnoughPeople,
    /// The rail may have it, and nobody knows.
    MayHaveLeft,
    /// It is not its turn, its rail is closed, or the breaker does not let it through.
    NotYet,
    /// It waits for people.
    Parked,
    /// It was asked before.
    AskedBefore,
    /// The time for it is over.
    TooLate,
}

/// What is done in the commit of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The amount is held on the customer's account.
    Hold,
    /// The hold ends, and the customer has the money.
    ReleaseHold,
    /// The hold is captured: customer to due from rail.
    Settle,
    /// Due from rail to customer, as a refund of its own.
    Refund(Money),
    /// Due from rail to unapplied funds.
    Unapply(Money),
    /// Suspense to due from rail: it went out although it was given up.
    Suspend,
    /// Due from rail to suspense: what went out so comes back.
    Unsuspend(Money),
    /// The fraud desk gets it.
    OpenReview,
    /// The fraud desk is done with it.
    CloseReview,
    /// Identifiers and bytes are made and stored, before any of them leaves.
    StoreMessage,
    /// What was stored counts no more: the rail has rejected it for good.
    DropMessage,
    /// The next try is after a while.
    BackOff,
    /// The next try is in the rail's next window.
    WaitForWindow,
    /// Unless something is heard until then, nobody knows.
    AwaitUntil(BankTime),
    /// The rail is asked then.
    EnquireAt(BankTime),
    /// The other bank is asked for the money.
    SendRecall,
    /// The answer that was given before is given again.
    RepeatAnswer,
    /// The message is refused as not understood.
    RefuseMessage,
    /// People have to look at it, from now on.
    Raise(Attention),
    /// An event is written.
    Tell(Told),
}

words! {
    /// What is told of a payment, as the catalogue of events has it.
    Told {
        /// It waits for its day.
        Scheduled = "payments.payment_scheduled",
        /// It waits for the fraud desk.
        InReview = "payments.payment_in_review",
        /// It waits for its rail.
        Queued = "payments.payment_queued",
        /// The rail has it.
        Sent = "payments.payment_sent",
        /// Nobody knows.
        Unknown = "payments.payment_unknown",
        /// It arrived.
        Settled = "payments.payment_settled",
        /// The other side did not take it.
        Rejected = "payments.payment_rejected",
        /// It could not be sent.
        Failed = "payments.payment_failed",
        /// It was called off.
        Cancelled = "payments.payment_cancelled",
        /// It came back, or a part of it.
        Returned = "payments.payment_returned",
        /// What the payee's bank did with it.
        DeliveryChanged = "payments.payment_delivery_changed",
        /// What became of calling it back.
        RecallAnswered = "payments.recall_answered",
        /// People have to look at it.
        Attention = "payments.payment_attention",
    }
}

/// Decides what becomes of a payment when something happens to it. Nothing else is looked at, and nothing else changes.
pub fn decide(payment: &Payment, event: &Event, now: BankTime) -> Decision {
    let does_not_fit = if event.is_asked() { Decision::Refused(Refusal::WrongPhase) } else { Decision::PassedOver };
    let Some(row) = table::row_of(payment.phase, event.kind(payment.amount)) else { return does_not_fit };
    let mut draft = Draft { row: row.name, payment: payment.clone(), effects: Vec::new(), now };
    match (row.apply)(&mut draft, event) {
        Ok(()) => {
            let Draft { row, payment, effects, .. } = draft;
            Decision::Step(Box::new(Step { row, payment, effects }))
        }
        Err(Misfit::PassedOver) => does_not_fit,
        Err(Misfit::Kept) => Decision::Kept,
        Err(Misfit::Refused(refusal)) => Decision::Refused(refusal),
    }
}

/// Why a row does not apply after all.
pub(crate) enum Misfit {
    PassedOver,
    Kept,
    Refused(Refusal),
}

/// A payment that is becoming another one.
pub(crate) struct Draft {
    pub(crate) row: &'static str,
    pub(crate) payment: Payment,
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: BankTime,
}

impl Draft {
    pub(crate) fn does(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Goes on to another phase, and tells of it. What was waited for in the one before is not waited for any more.
    pub(crate) fn goes_to(&mut self, phase: Phase) {
        let sending = &mut self.payment.sending;
        sending.lease_ends = None;
        if phase != Phase::Unknown {
            sending.unknown_since = None;
            sending.asked = 0;
        }
        self.payment.phase = phase;
        let told = match phase {
            Phase::Scheduled => Some(Told::Scheduled),
            Phase::InReview => Some(Told::InReview),
            Phase::Queued => Some(Told::Queued),
            Phase::Sending => None,
            Phase::Sent => Some(Told::Sent),
            Phase::Unknown => Some(Told::Unknown),
            Phase::Settled => Some(Told::Settled),
            Phase::Returned => Some(Told::Returned),
            Phase::Rejected => Some(Told::Rejected),
            Phase::Failed => Some(Told::Failed),
            Phase::Cancelled => Some(Told::Cancelled),
        };
        self.effects.extend(told.map(Effect::Tell));
    }

    /// Nobody knows what became of it: the rail is asked, not before it makes sense.
    pub(crate) fn is_unknown(&mut self) {
        let now = self.now;
        self.goes_to(Phase::Unknown);
        self.payment.sending.may_have_left = true;
        self.payment.sending.unknown_since = Some(now);
        self.enquires();
    }

    pub(crate) fn enquires(&mut self) {
        let sent = self.payment.sending.taken.unwrap_or(self.now);
        if let Some(at) = self.payment.rail.next_enquiry(sent, self.payment.sending.asked) {
            self.does(Effect::EnquireAt(at.max(self.now)));
        }
    }

    /// The money is gone. What the payee's bank did with it is not always said.
    pub(crate) fn settles(&mut self, delivery: Option<Delivery>) {
        self.payment.delivery = self.payment.delivery.max(delivery);
        self.payment.settled = Some(self.now);
        self.payment.reason = None;
        self.does(Effect::Settle);
        self.goes_to(Phase::Settled);
    }

    /// It ends without having moved money.
    pub(crate) fn ends(&mut self, phase: Phase, reason: Option<Reason>) {
        if self.payment.phase.holds_money() {
            self.does(Effect::ReleaseHold);
        }
        if self.payment.phase == Phase::InReview {
            self.does(Effect::CloseReview);
        }
        self.payment.reason = reason;
        self.goes_to(phase);
    }

    /// Has people look at it; once, unless something graver comes.
    pub(crate) fn raises(&mut self, attention: Attention) -> bool {
        let is_news = self.payment.attention.is_none_or(|raised| raised < attention);
        if is_news {
            self.payment.attention = Some(attention);
            self.does(Effect::Raise(attention));
            self.does(Effect::Tell(Told::Attention));
        }
        is_news
    }

    /// Has people look at it, and changes nothing else.
    pub(crate) fn only_raises(&mut self, attention: Attention) -> Result<(), Misfit> {
        if self.raises(attention) { Ok(()) } else { Err(Misfit::PassedOver) }
    }
}
