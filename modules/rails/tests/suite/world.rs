//! A payment, the books that its effects move, and what has to be so after each step.

use db::BankTime;
use money::{Currency, Money};
use rails::{Decision, Delivery, Effect, Event, Payment, Phase, Rail, Status, Step, decide};

pub(crate) const AMOUNT: i64 = 7_525;

pub(crate) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").expect("a currency"))
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").expect("a currency"))
}

/// Seconds after a moment at which nothing special happens: a Wednesday at noon in New York.
pub(crate) fn after(seconds: i64) -> BankTime {
    crate::at("2026-11-18T17:00:00Z").plus_seconds(seconds)
}

/// A payment as it stands in a phase when nothing went wrong before. It was taken at `after(0)`.
pub(crate) fn payment_in(phase: Phase, rail: Rail) -> Payment {
    let mut payment = Payment::new(phase, rail, usd(AMOUNT));
    if !matches!(phase, Phase::Scheduled | Phase::InReview | Phase::Queued | Phase::Failed | Phase::Cancelled) {
        payment.sending.attempt = 1;
        payment.sending.has_message = true;
        payment.sending.taken = Some(after(0));
        payment.sending.may_have_left = phase != Phase::Sending;
    }
    match phase {
        Phase::Sending => payment.sending.lease_ends = Some(after(30)),
        Phase::Unknown => payment.sending.unknown_since = Some(after(20)),
        Phase::Settled | Phase::Returned => {
            payment.settled = Some(after(1));
            payment.delivery = Some(Delivery::Withheld);
        }
        _ => {}
    }
    if phase == Phase::Returned {
        payment.returned_minor = AMOUNT;
    }
    payment
}

/// Where the money of one payment is. Whatever happens, it adds up to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Books {
    pub(crate) available: i64,
    pub(crate) held: i64,
    pub(crate) rail: i64,
    pub(crate) suspense: i64,
    pub(crate) unapplied: i64,
    pub(crate) settled: u32,
    pub(crate) refunded: i64,
}

impl Books {
    /// As they are when a payment stands in this phase.
    pub(crate) fn of(payment: &Payment) -> Self {
        let amount = payment.amount.minor();
        let has_settled = matches!(payment.phase, Phase::Settled | Phase::Returned);
        let held = if payment.phase.holds_money() { amount } else { 0 };
        let gone = if has_settled { amount - payment.returned_minor } else { 0 };
        Self {
            available: -held - gone,
            held,
            rail: -gone,
            settled: u32::from(has_settled),
            refunded: payment.returned_minor,
            ..Self::default()
        }
    }

    fn apply(&mut self, effect: &Effect, amount: i64) {
        match effect {
            Effect::Hold => (self.available, self.held) = (self.available - amount, self.held + amount),
            Effect::ReleaseHold => (self.available, self.held) = (self.available + amount, self.held - amount),
            Effect::Settle => {
                (self.held, self.rail, self.settled) = (self.held - amount, self.rail - amount, self.settled + 1);
            }
            Effect::Refund(money) => {
                self.rail += money.minor();
                self.available += money.minor();
                self.refunded += money.minor();
            }
            Effect::Unapply(money) if *money.currency().code() == *"USD" => {
                self.rail += money.minor();
                self.unapplied += money.minor();
            }
            Effect::Suspend => (self.suspense, self.rail) = (self.suspense - amount, self.rail - amount),
            Effect::Unsuspend(money) => {
                (self.suspense, self.rail) = (self.suspense + money.minor(), self.rail + money.minor());
            }
            _ => {}
        }
    }
}

/// A payment with its books.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) payment: Payment,
    pub(crate) books: Books,
    pub(crate) told: usize,
    pub(crate) steps: usize,
}

impl World {
    pub(crate) fn of(payment: Payment) -> Self {
        let books = Books::of(&payment);
        Self { payment, books, told: 0, steps: 0 }
    }

    /// Lets something happen, and looks at what has to be so.
    pub(crate) fn hears(&mut self, event: &Event, now: BankTime) -> Decision {
        let decision = decide(&self.payment, event, now);
        if let Decision::Step(step) = &decision {
            let before = self.payment.clone();
            self.takes(step);
            self.check(&before, &step.effects, event);
        }
        decision
    }

    /// Becomes what was decided.
    pub(crate) fn takes(&mut self, step: &Step) {
        let amount = self.payment.amount.minor();
        self.payment = step.payment.clone();
        step.effects.iter().for_each(|effect| self.books.apply(effect, amount));
        self.told += step.effects.iter().filter(|effect| matches!(effect, Effect::Tell(_))).count();
        self.steps += 1;
    }

    fn check(&self, before: &Payment, effects: &[Effect], event: &Event) {
        let (payment, books) = (&self.payment, &self.books);
        let case = format!("{event:?}\nfrom {before:?}\nto {payment:?}\n{books:?}");
        let amount = payment.amount.minor();
        assert_eq!(books.available + books.held + books.suspense + books.unapplied, books.rail, "it adds up: {case}");
        assert_eq!(books.held, if payment.phase.holds_money() { amount } else { 0 }, "held is what is open: {case}");
        let has_settled = matches!(payment.phase, Phase::Settled | Phase::Returned);
        assert_eq!(books.settled, u32::from(has_settled), "debited once, when it settled: {case}");
        assert!(books.refunded <= amount, "no more is given back than was sent: {case}");
        let suspended = if payment.in_suspense { payment.returned_minor - amount } else { 0 };
        assert_eq!(books.suspense, suspended, "suspense holds what contradicts: {case}");
        let may_follow = match before.phase.status() {
            Status::Pending => true,
            Status::Settled => matches!(payment.phase.status(), Status::Settled | Status::Returned),
            ended => payment.phase.status() == ended,
        };
        assert!(may_follow, "what has ended has ended: {case}");
        let waits = effects.iter().any(|effect| matches!(effect, Effect::AwaitUntil(_) | Effect::EnquireAt(_)));
        assert!(!(waits && payment.phase.is_final()), "nothing is waited for after the end: {case}");
        assert!(payment.sending.attempt >= before.sending.attempt, "attempts rise: {case}");
        let is_lease_right = payment.sending.lease_ends.is_some() == (payment.phase == Phase::Sending);
        assert!(is_lease_right, "a worker has it while it is being sent: {case}");
    }
}
