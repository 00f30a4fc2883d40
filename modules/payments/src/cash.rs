//! Cash is paid in out of nothing where the bank is tried out, and all cash of a currency stands on one account of the bank's.
//! What one person pays in and out in a day is bounded, so that nobody brings that account to its limit for all the others. It is
//! counted before the money moves, so that many orders at once share it, and taken off again where none moved.

mod store;

use crate::request::done_of;
use crate::rules::{BrokenRule, CASH_MINOR_MAX};
use crate::{Answer, OrderError, PosterError, Request};
use db::{Db, WallTime};
use ids::UserId;
use money::Money;
use std::collections::BTreeMap;

/// So often the most that is paid in or out at once goes in a day, in minor units of one currency: the bank's account takes
/// more than nine million such days.
const COUNTED_MINOR_MAX: i64 = 10 * CASH_MINOR_MAX;
/// For so long what was ordered counts.
const WINDOW_SECONDS: i64 = 24 * 60 * 60;

/// What was counted against what somebody may pay in and out. If the money does not move, it is to be given back.
#[must_use = "what is refused has to be given back"]
#[derive(Debug)]
pub(crate) struct Counted {
    user_id: UserId,
    /// One for each command: nothing for what is no cash.
    moneys: Vec<Option<Money>>,
    since: BTreeMap<String, WallTime>,
}

/// Counts the cash of a request; `None` when there is none.
///
/// # Errors
/// It would be too much for a day, or the database failed.
pub(crate) async fn count(
    db: &Db,
    user_id: UserId,
    request: &Request,
    now: WallTime,
) -> Result<Option<Counted>, OrderError> {
    let is_cash =
        |command: &crate::Command| command.order().filter(|order| order.kind.is_cash()).map(|order| order.money);
    let moneys: Vec<Option<Money>> = request.commands.iter().map(is_cash).collect();
    let sums = sums(moneys.iter().flatten());
    if sums.is_empty() {
        return Ok(None);
    }
    let since = reserve(db, user_id, sums, now).await.map_err(PosterError::from)??;
    Ok(Some(Counted { user_id, moneys, since }))
}

/// Since when each currency's count runs, or the rule that the sums break; then nothing is counted.
async fn reserve(
    db: &Db,
    user_id: UserId,
    sums: BTreeMap<String, Money>,
    now: WallTime,
) -> db::Result<Result<BTreeMap<String, WallTime>, BrokenRule>> {
    let tx = db.begin().await?;
    let mut since = BTreeMap::new();
    // In the order of currencies, so that two requests of one person cannot wait for each other.
    for (code, money) in sums {
        let is_too_much = money.minor() > COUNTED_MINOR_MAX;
        let reserved = if is_too_much { None } else { store::reserve_in_tx(&tx, user_id, money, now).await? };
        match reserved {
            Some(began) => drop(since.insert(code, began)),
            None => {
                let counted = store::counted_in_tx(&tx, user_id, money.currency(), now).await?;
                tx.rollback().await?;
                let of = |minor| Money::new(minor, money.currency());
                let left = of(COUNTED_MINOR_MAX.saturating_sub(counted).max(0));
                return Ok(Err(BrokenRule::TooMuchCashToday { limit: of(COUNTED_MINOR_MAX), left }));
            }
        }
    }
    tx.commit().await?;
    Ok(Ok(since))
}

impl Counted {
    /// Takes off what did not move by this answer. Cash has moved or not: a failure here only means that less goes today.
    pub(crate) async fn settle(self, db: &Db, answer: &Result<Answer, PosterError>) {
        // It may have moved, or may yet, under its key.
        let Some(done) = done_of(answer) else { return };
        let is_done = |position: usize| done.get(position).copied().unwrap_or(false);
        let undone = self.moneys.iter().enumerate().filter(|(position, _)| !is_done(*position));
        let undone = sums(undone.filter_map(|(_, money)| money.as_ref()));
        self.give_back(db, undone).await;
    }

    /// Takes all of it off: it was not ordered after all.
    pub(crate) async fn forget(self, db: &Db) {
        let all = sums(self.moneys.iter().flatten());
        self.give_back(db, all).await;
    }

    async fn give_back(&self, db: &Db, moneys: BTreeMap<String, Money>) {
        if !moneys.is_empty()
            && let Err(error) = store::give_back(db, self.user_id, &moneys, &self.since).await
        {
            tracing::warn!(%error, user_id = %self.user_id, "cash that did not move stays counted");
        }
    }
}

fn sums<'a>(moneys: impl Iterator<Item = &'a Money>) -> BTreeMap<String, Money> {
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    for money in moneys {
        let currency = money.currency();
        let sum = sums.entry(currency.code().to_owned()).or_insert_with(|| Money::new(0, currency));
        *sum = Money::new(sum.minor().saturating_add(money.minor()), currency);
    }
    sums
}
