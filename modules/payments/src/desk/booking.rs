//! Bookings at the desk: only the bank books, each once, and in time.

use super::{Circumstances, Desk};
use crate::booking::{Booking, Head};
use crate::transaction::{Booked, BookedLeg};
use crate::{Hat, Refusal, Transaction, TransactionStatus};
use ids::{EntryId, TransactionId};
use ledger::EntryDraft;

/// What was chosen for a booking must be booked within so many days: lists look no further back for what is late.
pub const BOOKED_AFTER_DAYS_MAX: i64 = 40;
/// A value date may lie so many days before the booking: lists look no further ahead for it.
pub const BACK_DATED_DAYS_MAX: i32 = 92;
/// A value date may lie so many days after the booking.
pub const VALUE_AHEAD_DAYS_MAX: i32 = 31;
/// Clocks of several processes may differ by as much.
const CLOCKS_APART_MILLIS_MAX: u64 = 10_000;
const DAY_MILLIS: u64 = 86_400_000;

impl Desk {
    pub(super) fn book(&mut self, booking: &Booking, given: Circumstances) -> Result<Transaction, Refusal> {
        if given.hat != Hat::Bank {
            return Err(Refusal::NotAllowed { reason: "only the bank itself books" });
        }
        if let Some(done) = self.done(booking.id) {
            let is_same = booking.is_done_as(done);
            return if is_same { Ok(done.clone()) } else { Err(Refusal::BookedOtherwise { transaction: booking.id }) };
        }
        require_in_time(booking.id, given)?;
        require_value_date_near(booking, given)?;
        for leg in booking.legs.as_slice() {
            let account = self.book.account(leg.account())?;
            if account.currency != leg.money().currency() {
                return Err(ledger::Refusal::CurrencyMismatch { account: account.id }.into());
            }
        }
        let draft = EntryDraft {
            id: EntryId::from_uuid(booking.id.uuid()),
            kind: booking.kind.word(),
            description: booking.description.clone(),
            legs: booking.legs.in_ledger(),
            value_date: booking.value_date,
        };
        self.book.post(draft, given.now)?;
        let transaction = self.booked(booking, given)?;
        self.created.push(transaction.clone());
        Ok(transaction)
    }

    /// The transaction of what has just been booked.
    fn booked(&self, booking: &Booking, given: Circumstances) -> Result<Transaction, Refusal> {
        let Head { source, destination, money } = booking.legs.head();
        let mut legs = Vec::new();
        // Two legs are source and destination.
        if booking.legs.as_slice().len() > 2 {
            for leg in booking.legs.as_slice() {
                legs.push(BookedLeg { side: self.side(leg.account())?, money: leg.money() });
            }
        }
        Ok(Transaction {
            id: booking.id,
            kind: booking.kind.shown_as(),
            status: TransactionStatus::Settled,
            status_reason: None,
            source: self.side(source)?,
            destination: self.side(destination)?,
            money,
            captured_minor: None,
            refunded_minor: 0,
            description: booking.description.clone(),
            metadata: None,
            original: None,
            counter: None,
            value_date: booking.value_date,
            created_at: given.now,
            settled_at: Some(given.now),
            expires_at: None,
            started_by: given.actor,
            booked: Some(Box::new(Booked { word: booking.kind.word().to_owned(), legs })),
        })
    }
}

/// Lists find what was made under an identifier that was chosen before by it: it rises with time.
pub(super) fn require_in_time(id: TransactionId, given: Circumstances) -> Result<(), Refusal> {
    let (made, now) = (id.unix_millis(), given.new_id.unix_millis());
    let is_made_in_time = made <= now.saturating_add(CLOCKS_APART_MILLIS_MAX)
        && made >= now.saturating_sub(BOOKED_AFTER_DAYS_MAX.unsigned_abs() * DAY_MILLIS);
    if is_made_in_time { Ok(()) } else { Err(Refusal::OutOfTime { transaction: id }) }
}

/// And by its value date near that.
fn require_value_date_near(booking: &Booking, given: Circumstances) -> Result<(), Refusal> {
    let days = booking.value_date.unix_days().saturating_sub(given.now.date().unix_days());
    let is_near = (-BACK_DATED_DAYS_MAX..=VALUE_AHEAD_DAYS_MAX).contains(&days);
    if is_near { Ok(()) } else { Err(Refusal::OutOfTime { transaction: booking.id }) }
}
