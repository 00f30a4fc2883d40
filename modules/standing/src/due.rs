//! What falls due: each date is paid through the poster under an identifier of its own, and what came of it is written down. Who
//! is killed in between finds the money moved under that identifier, and writes it down then.

use crate::order::store;
use crate::order::{After, Paid, StandingOrder, Step};
use crate::run::{Run, RunOutcome, store as runs};
use crate::{StandingOrders, events};
use clock::DueWork;
use db::{BankTime, DbError, Result};
use fail::fail_point;
use futures_util::future;
use ids::{StandingOrderId, TransactionId};
use outbox::{Actor, Event};
use payments::{Answer, Command, PosterError, Receipt, Request};
use std::collections::HashMap;

/// So many are paid at once.
const ORDERS_PER_TURN: u32 = 500;

/// What was done about an order.
struct Tried {
    before: StandingOrder,
    what: What,
}

enum What {
    LeftOut { dates: u32, until: u32 },
    Paid(Paid),
}

impl StandingOrders {
    /// Dates of standing orders, as what falls due in bank time.
    pub fn due_orders(&self) -> DueWork {
        let (next, orders) = (self.clone(), self.clone());
        DueWork {
            what: "standing orders",
            next: Box::new(move || {
                let db = next.db.clone();
                Box::pin(async move { store::next_due(&db).await })
            }),
            work: Box::new(move |until| {
                let orders = orders.clone();
                Box::pin(async move { orders.pay_due(until).await })
            }),
        }
    }

    /// Pays what is due, the longest overdue first, or a bounded part of it; returns how many orders it found.
    ///
    /// # Errors
    /// The database failed: what was paid is found paid at the next turn.
    pub async fn pay_due(&self, now: BankTime) -> Result<usize> {
        let due = store::due(&self.db, now, ORDERS_PER_TURN).await?;
        let found = due.len();
        let tried = future::try_join_all(due.into_iter().map(|order| self.attempt(order, now))).await?;
        if found > 0 {
            fail_point!("standing::after_payment");
            self.write_down(tried.into_iter().flatten().collect(), now).await?;
        }
        Ok(found)
    }

    async fn attempt(&self, before: StandingOrder, now: BankTime) -> Result<Option<Tried>> {
        let what = match before.step(now) {
            None => return Ok(None),
            Some(Step::LeaveOut { dates, until }) => What::LeftOut { dates, until },
            Some(Step::Pay(id)) => What::Paid(self.pay(&before, id).await?),
        };
        Ok(Some(Tried { before, what }))
    }

    async fn pay(&self, order: &StandingOrder, id: TransactionId) -> Result<Paid> {
        let request = Request {
            commands: vec![Command::FallDue { id, order: order.order() }],
            is_atomic: false,
            key: None,
            pack: Box::new(Receipt::plain),
            request_id: None,
        };
        let outcome = match self.payments.submit_for(order.user_id, request).await {
            Ok(Answer::Fresh { mut outcomes, .. }) => outcomes.pop(),
            // Without a key nothing is answered from what was kept.
            Ok(Answer::Replayed(_) | Answer::KeyReused) => None,
            // One order that cannot be worked on holds nobody else up.
            Err(PosterError::Store(DbError::Internal(error))) => {
                tracing::error!(error, order_id = %order.id, "a standing order could not be paid");
                None
            }
            Err(error) => return Err(error.into()),
        };
        Ok(match outcome {
            Some(Ok(done)) => Paid::Done(done.id),
            Some(Err(refusal)) => Paid::Refused(refusal),
            None if self.payments.transaction(id).await?.is_some() => Paid::Done(id),
            None => Paid::Unknown,
        })
    }

    async fn write_down(&self, tried: Vec<Tried>, now: BankTime) -> Result<()> {
        let act = Actor::ITSELF.does(self.clocks.wall());
        let tx = self.db.begin().await?;
        let ids = tried.iter().map(|tried| tried.before.id).collect();
        let locked = store::lock_all_in_tx(&tx, ids).await?;
        let mut present: HashMap<StandingOrderId, StandingOrder> =
            locked.into_iter().map(|order| (order.id, order)).collect();
        let (mut changed, mut happened, mut runs_of): (Vec<_>, Vec<Event>, Vec<Run>) = Default::default();
        for Tried { before, what } in tried {
            let is_as_it_was = present.remove(&before.id).is_some_and(|present| present == before);
            let was_active = before.clone();
            let After { order, run } = match what {
                What::LeftOut { dates, until } => before.after_leaving_out(dates, until),
                What::Paid(paid) => before.after(paid, now),
            };
            // Somebody else was first: only money that has moved is written down all the same.
            let is_told = is_as_it_was || run.as_ref().is_some_and(Run::is_paid);
            if let Some(run) = run.filter(|_| is_told) {
                count(&run);
                happened.push(events::run(&order, &run, act.on_behalf_of(Some(order.user_id))));
                runs_of.push(run);
            }
            if is_as_it_was {
                if order.status != was_active.status {
                    happened.push(events::changed(&order, act.on_behalf_of(Some(order.user_id))));
                }
                changed.push(order);
            }
        }
        // Where another process has written down one of these payments, this fails, and the next turn sees what is left.
        runs::insert_in_tx(&tx, runs_of, now).await?;
        store::update_in_tx(&tx, changed).await?;
        outbox::append_in_tx(&tx, happened).await?;
        tx.commit().await
    }
}

fn count(run: &Run) {
    let outcome = match run.outcome {
        RunOutcome::Paid { .. } => "PAID",
        RunOutcome::Refused { .. } => "REFUSED",
        RunOutcome::Skipped { .. } => "SKIPPED",
    };
    metrics::counter!("florin_standing_orders_total", "outcome" => outcome).increment(1);
}
