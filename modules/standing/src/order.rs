//! A standing order: what somebody told the bank to pay on some dates, and where it stands. What is done about a date, and what
//! becomes of the order then, are plain functions over plain values.

pub(crate) mod store;

use crate::run::{Run, RunOutcome};
use crate::schedule::{Occurrence, Schedule, tried_again};
use crate::{Field, StandingError};
use calendar::Eastern;
use db::{BankTime, Date, WallTime};
use ids::{AccountId, StandingOrderId, TransactionId, UserId};
use ledger::AccountStatus;
use money::Money;
use payments::{Order, Refusal, TransactionType, booking_id};

/// So many orders one person may have that have not ended.
pub const PER_USER_MAX: u32 = 100;
/// After so many dates that failed, one behind the other, nothing more is tried.
const FAILURES_MAX: u32 = 3;
/// So many dates that were missed are paid, one behind the other; of more only the last one.
const CAUGHT_UP_MAX: u32 = 5;
/// An error of the bank's own is tried again so often, each time twice as late.
const ERRORS_MAX: u32 = 5;
const ERROR_SECONDS: i64 = 60;
/// So close before a date nothing is changed: another process, whose clock is ahead, may be paying.
const ABOUT_TO_PAY_SECONDS: i64 = 10;
const YEARS_AHEAD_MAX: i32 = 10;

db::words! {
    /// Where a standing order stands.
    StandingStatus {
        /// Its dates are paid.
        Active = "ACTIVE",
        /// Its owner let it rest: dates pass by.
        Paused = "PAUSED",
        /// All its dates are over.
        Ended = "ENDED",
        /// Its owner ended it.
        Cancelled = "CANCELLED",
        /// It failed too often, or cannot be paid any more.
        Stopped = "STOPPED",
    }
}

/// What somebody wants to be paid, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingWish {
    /// Where the money comes from: an account of theirs.
    pub source: AccountId,
    /// Where it goes.
    pub destination: AccountId,
    /// How much each time; more than zero.
    pub money: Money,
    /// Free text for people; empty when there is none.
    pub description: String,
    /// On which dates.
    pub schedule: Schedule,
    /// Whether all dates are paid that the bank missed, however many.
    pub catches_up: bool,
}

/// A standing order as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingOrder {
    /// Its identifier.
    pub id: StandingOrderId,
    /// Whose it is.
    pub user_id: UserId,
    /// Where it stands.
    pub status: StandingStatus,
    /// What is paid, and when.
    pub wish: StandingWish,
    /// How often its dates were chosen anew.
    pub(crate) version: u32,
    /// The number of the next date.
    pub(crate) next_number: u32,
    /// The next date, and when it is tried; `None`: nothing is left.
    pub next: Option<NextDate>,
    /// How often that was tried before.
    pub tries: u32,
    /// How many dates before it failed, one behind the other.
    pub(crate) failures: u32,
    /// When it was made, in the real world.
    pub created_at: WallTime,
}

/// A date that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextDate {
    /// The date by the schedule.
    pub date: Date,
    /// When it is tried.
    pub due_at: BankTime,
    /// The instant that its transaction is named by, however often it is tried.
    pub(crate) named_at: BankTime,
}

/// Which order of whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedOrder {
    /// Whose it has to be.
    pub owner: UserId,
    /// Which.
    pub id: StandingOrderId,
}

/// What is to be done about a date that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is paid, under this identifier.
    Pay(TransactionId),
    /// So many dates are left out, because too many were missed; the next one has this number.
    LeaveOut { dates: u32, until: u32 },
}

/// What came of paying a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Paid {
    /// The money has moved.
    Done(TransactionId),
    /// It was refused.
    Refused(Refusal),
    /// An error of the bank's own: whether it moved is not known.
    Unknown,
}

/// An order behind a date, with what is to be remembered of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) order: StandingOrder,
    pub(crate) run: Option<Run>,
}

impl StandingWish {
    /// The first date that can be paid, if dates and amount can be so.
    pub(crate) fn checked(&self, now: BankTime) -> Result<Occurrence, StandingError> {
        let Self { source, destination, schedule, .. } = self;
        if source == destination {
            return Err(StandingError::SameAccount { account: *source });
        }
        let today = Eastern::at(now).date;
        if schedule.first < today {
            return Err(StandingError::Date { field: Field::FirstDate, because: "must not be over" });
        }
        for (field, date) in [(Field::FirstDate, Some(schedule.first)), (Field::LastDate, schedule.last)] {
            if date.is_some_and(|date| date.year() > today.year() + YEARS_AHEAD_MAX) {
                return Err(StandingError::Date { field, because: "must be at most ten years ahead" });
            }
        }
        let found = schedule.checked()?.first_paid_from(today);
        found.ok_or(StandingError::Date { field: Field::FirstDate, because: "leaves no date to pay on" })
    }
}

impl NextDate {
    /// A date that may be due before now is tried now.
    fn of(occurrence: &Occurrence, now: BankTime) -> Self {
        let due_at = occurrence.due_at().max(now);
        Self { date: calendar::stored(occurrence.date), due_at, named_at: due_at }
    }
}

impl StandingOrder {
    /// A new one.
    pub(crate) fn new(user_id: UserId, wish: StandingWish, first: &Occurrence, now: Now) -> Self {
        Self {
            id: StandingOrderId::generate(),
            user_id,
            status: StandingStatus::Active,
            wish,
            version: 0,
            next_number: first.number,
            next: Some(NextDate::of(first, now.bank)),
            tries: 0,
            failures: 0,
            created_at: now.wall,
        }
    }

    /// With other amounts or dates. What was due before the change was paid before it: no date of the new ones is today.
    pub(crate) fn changed(self, wish: StandingWish, now: BankTime) -> Result<Self, StandingError> {
        self.require(&[StandingStatus::Active, StandingStatus::Paused], now)?;
        let first = wish.checked(now)?;
        if first.paid_on <= Eastern::at(now).date {
            return Err(StandingError::Date { field: Field::FirstDate, because: "must be tomorrow or later" });
        }
        let (version, next) = (self.version + 1, Some(NextDate::of(&first, now)));
        Ok(Self { wish, version, next_number: first.number, next, tries: 0, failures: 0, ..self })
    }

    /// Dates pass by from now on.
    pub(crate) fn paused(self, now: BankTime) -> Result<Self, StandingError> {
        self.require(&[StandingStatus::Active], now)?;
        Ok(Self { status: StandingStatus::Paused, ..self })
    }

    /// Dates are paid again, from the next one on that is to come.
    pub(crate) fn resumed(self, now: BankTime) -> Result<Self, StandingError> {
        self.require(&[StandingStatus::Paused], now)?;
        let mut number = self.next_number;
        let next = loop {
            match self.wish.schedule.nth(number) {
                Some(found) if found.due_at() <= now => number += 1,
                found => break found,
            }
        };
        let active = Self { status: StandingStatus::Active, tries: 0, failures: 0, ..self };
        Ok(active.at(number, next))
    }

    /// The next date is left out.
    pub(crate) fn skipped(self, now: BankTime) -> Result<After, StandingError> {
        self.require(&[StandingStatus::Active, StandingStatus::Paused], now)?;
        let date = self.next.map(|next| next.date).ok_or(StandingError::WrongStatus { status: self.status })?;
        let run = Run::new(self.id, date, RunOutcome::Skipped { dates: 1, why: "ASKED_FOR" });
        let number = self.next_number + 1;
        let next = self.wish.schedule.nth(number);
        Ok(After { order: Self { tries: 0, ..self }.at(number, next), run: Some(run) })
    }

    /// Nothing is paid any more.
    pub(crate) fn cancelled(self, now: BankTime) -> Result<Self, StandingError> {
        self.require(&[StandingStatus::Active, StandingStatus::Paused, StandingStatus::Stopped], now)?;
        Ok(Self { status: StandingStatus::Cancelled, next: None, ..self })
    }

    fn require(&self, statuses: &[StandingStatus], now: BankTime) -> Result<(), StandingError> {
        if !statuses.contains(&self.status) {
            return Err(StandingError::WrongStatus { status: self.status });
        }
        let is_due = self.next.is_some_and(|next| next.due_at <= now.plus_seconds(ABOUT_TO_PAY_SECONDS));
        if self.status == StandingStatus::Active && is_due { Err(StandingError::BeingPaid) } else { Ok(()) }
    }

    /// The next dates, at most so many: none of an order that rests or has ended.
    pub fn next_dates(&self, count: u32) -> Vec<Date> {
        if self.status != StandingStatus::Active || self.next.is_none() {
            return Vec::new();
        }
        let dates = (self.next_number..).map_while(|number| self.wish.schedule.nth(number));
        dates.take(count as usize).map(|found| calendar::stored(found.paid_on)).collect()
    }

    /// What is to be done about the date that is due.
    pub(crate) fn step(&self, now: BankTime) -> Option<Step> {
        let next = self.next.filter(|next| self.status == StandingStatus::Active && next.due_at <= now)?;
        let is_missed = |number: u32| self.wish.schedule.nth(number).is_some_and(|found| found.due_at() <= now);
        if !self.wish.catches_up && self.tries == 0 && is_missed(self.next_number + CAUGHT_UP_MAX) {
            let mut until = self.next_number + CAUGHT_UP_MAX;
            while is_missed(until + 1) {
                until += 1;
            }
            return Some(Step::LeaveOut { dates: until - self.next_number, until });
        }
        let Self { id, version, next_number, .. } = self;
        Some(Step::Pay(booking_id(next.named_at, &format!("standing/{id}/{version}/{next_number}"))))
    }

    /// What is paid.
    pub(crate) fn order(&self) -> Order {
        let StandingWish { source, destination, money, description, .. } = self.wish.clone();
        Order { kind: TransactionType::Transfer, source, destination, money, description, metadata: None }
    }

    /// The order when dates were left out.
    pub(crate) fn after_leaving_out(self, dates: u32, until: u32) -> After {
        let last = self.wish.schedule.nth(until.saturating_sub(1)).map(|found| calendar::stored(found.date));
        let run = last.map(|date| Run::new(self.id, date, RunOutcome::Skipped { dates, why: "MISSED" }));
        let next = self.wish.schedule.nth(until);
        After { order: self.at(until, next), run }
    }

    /// The order when a date was paid, or was not.
    pub(crate) fn after(self, paid: Paid, now: BankTime) -> After {
        let Some(next) = self.next else { return After { order: self, run: None } };
        let outcome = match paid {
            Paid::Done(transaction) => RunOutcome::Paid { transaction },
            // It was named too long ago, and was not paid then.
            Paid::Refused(Refusal::OutOfTime { .. }) => {
                let next = Some(NextDate { due_at: now, named_at: now, ..next });
                return After { order: Self { next, ..self }, run: None };
            }
            Paid::Refused(Refusal::Ledger(ledger::Refusal::InsufficientFunds { .. }))
                if let Some(due_at) = tried_again(now) =>
            {
                return self.later(next, due_at);
            }
            Paid::Refused(refusal) => RunOutcome::Refused { why: refusal.word(), is_final: is_final(&refusal) },
            Paid::Unknown if self.tries < ERRORS_MAX => {
                let due_at = now.plus_seconds(ERROR_SECONDS << self.tries);
                return self.later(next, due_at);
            }
            Paid::Unknown => RunOutcome::Refused { why: "INTERNAL_ERROR", is_final: false },
        };
        self.behind(next, outcome)
    }

    fn later(self, next: NextDate, due_at: BankTime) -> After {
        let next = Some(NextDate { due_at, ..next });
        After { order: Self { next, tries: self.tries + 1, ..self }, run: None }
    }

    fn behind(self, next: NextDate, outcome: RunOutcome) -> After {
        let failures = if let RunOutcome::Refused { .. } = outcome { self.failures + 1 } else { 0 };
        let is_final = matches!(outcome, RunOutcome::Refused { is_final: true, .. });
        let run = Some(Run::new(self.id, next.date, outcome));
        let number = self.next_number + 1;
        let following = self.wish.schedule.nth(number);
        let order = Self { tries: 0, failures, ..self }.at(number, following);
        if is_final || failures >= FAILURES_MAX {
            let stopped = Self { status: StandingStatus::Stopped, next: None, ..order };
            return After { order: stopped, run };
        }
        After { order, run }
    }

    /// The order before the date of a number; it has ended where there is none.
    fn at(self, number: u32, next: Option<Occurrence>) -> Self {
        let status = if next.is_none() { StandingStatus::Ended } else { self.status };
        // What was missed is named by its own time, too.
        let dated = |found: Occurrence| {
            let due_at = found.due_at();
            NextDate { date: calendar::stored(found.date), due_at, named_at: due_at }
        };
        Self { status, next_number: number, next: next.map(dated), ..self }
    }
}

/// The two times at which something is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) bank: BankTime,
    pub(crate) wall: WallTime,
}

/// Whether it will never be otherwise.
const fn is_final(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Ledger(
            ledger::Refusal::NoSuchAccount { .. }
                | ledger::Refusal::CurrencyMismatch { .. }
                | ledger::Refusal::NotActive { status: AccountStatus::Closed, .. }
        )
    )
}
