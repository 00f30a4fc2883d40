//! What this module leaves in the outbox. The subject is whose order it is.

use crate::order::{StandingOrder, StandingStatus};
use crate::run::{Run, RunOutcome};
use db::Date;
use ids::{StandingOrderId, TransactionId};
use outbox::{Act, Event, event_data, events};

event_data! {
    /// The order, as it is from now on.
    pub(crate) struct OfOrder {
        order_id: StandingOrderId,
        status: &'static str,
        amount: String,
        currency: String,
        frequency: &'static str,
        next_date: Option<String>,
    }
}

events! {
    /// What happens to standing orders.
    pub(crate) enum OrderEvent about User for Owner {
        /// Somebody told the bank to pay on some dates.
        Created = "payments.order_created"(OfOrder),
        /// They changed it, let it rest, or let it go on.
        Changed = "payments.order_changed"(OfOrder),
        /// It is over: all dates were, its owner ended it, or it failed too often. The status says which.
        Ended = "payments.order_ended"(OfOrder),
        /// A date was paid, with the transaction, or refused, and why.
        Run = "payments.order_run" {
            order_id: StandingOrderId,
            date: String,
            transaction_id: Option<TransactionId>,
            why: Option<&'static str>,
        },
        /// Dates were left out, because somebody asked for it (`ASKED_FOR`) or too many were missed (`MISSED`).
        Skipped = "payments.order_skipped" {
            order_id: StandingOrderId,
            date: String,
            dates: i64,
            why: &'static str,
        },
    }
}

fn of(order: &StandingOrder) -> OfOrder {
    OfOrder {
        order_id: order.id,
        status: order.status.word(),
        amount: order.wish.money.to_decimal(),
        currency: order.wish.money.currency().code().to_owned(),
        frequency: order.wish.schedule.frequency.word(),
        next_date: order.next_dates(1).first().map(Date::to_string),
    }
}

pub(crate) fn created(order: &StandingOrder, act: Act) -> Event {
    Event::of(order.user_id.uuid(), &OrderEvent::Created(of(order)), act)
}

pub(crate) fn changed(order: &StandingOrder, act: Act) -> Event {
    let happened = match order.status {
        StandingStatus::Active | StandingStatus::Paused => OrderEvent::Changed(of(order)),
        StandingStatus::Ended | StandingStatus::Cancelled | StandingStatus::Stopped => OrderEvent::Ended(of(order)),
    };
    Event::of(order.user_id.uuid(), &happened, act)
}

pub(crate) fn run(order: &StandingOrder, run: &Run, act: Act) -> Event {
    let (order_id, date) = (order.id, run.date.to_string());
    let happened = match run.outcome {
        RunOutcome::Paid { transaction } => {
            OrderEvent::Run { order_id, date, transaction_id: Some(transaction), why: None }
        }
        RunOutcome::Refused { why, .. } => OrderEvent::Run { order_id, date, transaction_id: None, why: Some(why) },
        RunOutcome::Skipped { dates, why } => OrderEvent::Skipped { order_id, date, dates: dates.into(), why },
    };
    Event::of(order.user_id.uuid(), &happened, act).everyday()
}
