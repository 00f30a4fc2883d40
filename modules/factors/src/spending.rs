//! What somebody who has a second factor may order without proving anew who they are: no first payment to anybody, and of
//! each currency no more in a day than the limit. Money is reserved before it is ordered, so that many requests at once
//! cannot each take the whole limit. What leaves by an order, and whose accounts are whose, is known to payments.

mod store;

use crate::{FactorError, Result};
use db::{Db, Tx, WallTime};
use identity::Caller;
use ids::UserId;
use money::{Currency, Money};
use std::collections::BTreeMap;

/// For so long what was ordered without a fresh proof counts.
const WINDOW_SECONDS: i64 = 24 * 60 * 60;

/// Why a payment needs a fresh proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofReason {
    /// More than the limit, in this request or with what was ordered before.
    Amount,
    /// An account that was never paid with a fresh proof.
    NewPayee,
}

/// Money that somebody orders to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending<'a> {
    /// Each order's, in any order and currency.
    pub moneys: &'a [Money],
    /// Whether some of it goes where the person never paid with a fresh proof.
    pub has_new_payee: bool,
    /// How much goes without a fresh proof, in whole units of each currency.
    pub limit_units: i64,
}

/// What was counted against somebody's limit. If the money does not leave, it is to be given back.
#[must_use = "what is refused has to be given back"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    user_id: UserId,
    since: BTreeMap<String, WallTime>,
}

/// Refuses what the caller's proof does not reach for; what it does is counted, unless the proof is fresh.
///
/// # Errors
/// `ProofRequired`, or the database failed.
pub async fn reserve_spending(
    db: &Db,
    caller: &Caller,
    spending: &Spending<'_>,
    now: WallTime,
) -> Result<Option<Reservation>> {
    if !caller.proves_payments() || caller.is_freshly_proved(now) {
        return Ok(None);
    }
    let sums = spending.sums();
    if let Some(reason) = spending.missing_proof(&sums) {
        return Err(FactorError::ProofRequired(reason));
    }
    let tx = db.begin().await?;
    let mut since = BTreeMap::new();
    // In the order of currencies, so that two requests of one person cannot wait for each other.
    for (code, money) in sums {
        let most = limit_minor(money.currency(), spending.limit_units);
        let reserved = store::reserve_in_tx(&tx, caller.user_id, money, most, now).await?;
        since.insert(code, reserved.ok_or(FactorError::ProofRequired(ProofReason::Amount))?);
    }
    tx.commit().await?;
    Ok(Some(Reservation { user_id: caller.user_id, since }))
}

/// Why [`reserve_spending`] would refuse it as things are now; `None`: it would not. Nothing is counted.
///
/// # Errors
/// The database failed.
pub async fn missing_proof(
    db: &Db,
    caller: &Caller,
    spending: &Spending<'_>,
    now: WallTime,
) -> Result<Option<ProofReason>> {
    if !caller.proves_payments() || caller.is_freshly_proved(now) {
        return Ok(None);
    }
    let sums = spending.sums();
    if let Some(reason) = spending.missing_proof(&sums) {
        return Ok(Some(reason));
    }
    for money in sums.into_values() {
        let counted = store::counted(db, caller.user_id, money.currency(), now).await?;
        if counted > limit_minor(money.currency(), spending.limit_units) - money.minor() {
            return Ok(Some(ProofReason::Amount));
        }
    }
    Ok(None)
}

/// Takes off the person's count what did not leave.
///
/// # Errors
/// The database failed.
pub async fn give_back(db: &Db, reservation: &Reservation, moneys: &[Money]) -> Result<()> {
    let tx = db.begin().await?;
    for (code, money) in sums(moneys) {
        if let Some(since) = reservation.since.get(&code) {
            store::give_back_in_tx(&tx, reservation.user_id, money, *since).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// A fresh proof: what was ordered before counts no more.
pub(crate) async fn forget_in_tx(tx: &Tx, user_id: UserId) -> Result<()> {
    Ok(store::forget_in_tx(tx, user_id).await?)
}

impl Spending<'_> {
    fn sums(&self) -> BTreeMap<String, Money> {
        sums(self.moneys)
    }

    /// What one request needs, whatever was ordered before it.
    fn missing_proof(&self, sums: &BTreeMap<String, Money>) -> Option<ProofReason> {
        let is_large = |money: &Money| money.minor() > limit_minor(money.currency(), self.limit_units);
        if sums.values().any(is_large) {
            return Some(ProofReason::Amount);
        }
        self.has_new_payee.then_some(ProofReason::NewPayee)
    }
}

impl ProofReason {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Amount => "AMOUNT",
            Self::NewPayee => "NEW_PAYEE",
        }
    }
}

fn sums(moneys: &[Money]) -> BTreeMap<String, Money> {
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    for money in moneys {
        let currency = money.currency();
        let sum = sums.entry(currency.code().to_owned()).or_insert_with(|| Money::new(0, currency));
        *sum = Money::new(sum.minor().saturating_add(money.minor()), currency);
    }
    sums
}

fn limit_minor(currency: Currency, units: i64) -> i64 {
    units.saturating_mul(10_i64.pow(u32::from(currency.exponent())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, currency: &str) -> Money {
        Money::new(minor, Currency::parse(currency).unwrap())
    }

    fn missing(moneys: &[Money], has_new_payee: bool, limit_units: i64) -> Option<ProofReason> {
        let spending = Spending { moneys, has_new_payee, limit_units };
        spending.missing_proof(&spending.sums())
    }

    #[test]
    fn the_limit_is_in_whole_units_of_each_currency() {
        for (minor, currency, is_above) in [
            (100_000, "USD", false),
            (100_001, "USD", true),
            (1_000, "JPY", false),
            (1_001, "JPY", true),
            (1_000_000, "KWD", false),
            (1_000_001, "KWD", true),
            (i64::MAX, "USD", true),
        ] {
            let expected = is_above.then_some(ProofReason::Amount);
            assert_eq!(missing(&[money(minor, currency)], false, 1_000), expected, "{minor} {currency}");
        }
    }

    #[test]
    fn many_small_orders_in_one_request_are_one_large_one() {
        let (half, other) = (money(60_000, "USD"), money(60_000, "EUR"));
        assert_eq!(missing(&[half, half], false, 1_000), Some(ProofReason::Amount));
        assert_eq!(missing(&[half, other], false, 1_000), None);
        let most = money(i64::MAX, "USD");
        assert_eq!(missing(&[most, most], false, i64::MAX / 100 - 1), Some(ProofReason::Amount));
    }

    #[test]
    fn a_first_payment_needs_a_proof_however_small_it_is() {
        assert_eq!(missing(&[money(1, "USD")], true, 1_000), Some(ProofReason::NewPayee));
        assert_eq!(missing(&[money(100_001, "USD")], true, 1_000), Some(ProofReason::Amount));
    }
}
