//! Which payments need a fresh proof of somebody who has a second factor: large ones, and those to an account that they
//! never paid before. A rule about who asks, not about money, and so decided before the poster. Programs with a key or
//! a grant cannot show a second factor: their scopes are what bounds them. Tokens of the trusted issuer say when and with
//! what their holder logged in there, and count like sessions. Who has no second factor costs nothing here.

use crate::App;
use crate::caller::Caller;
use crate::policy::step_up_required;
use crate::problem::Outcome;
use ::auth::Credential;
use ids::AccountId;
use money::{Currency, Money};
use payments::{Command, Order, TransactionType};
use std::collections::{BTreeSet, HashMap};
use store::Timestamp;

/// Refuses what needs a proof that the caller lacks; gives the accounts that are paid for the first time.
pub(super) async fn require_proof(app: &App, caller: &Caller, commands: &[Command]) -> Outcome<Vec<AccountId>> {
    let identity = &caller.identity;
    let is_person = matches!(identity.credential, Credential::Session(_) | Credential::External);
    if !identity.has_second_factor || !is_person {
        return Ok(Vec::new());
    }
    let orders: Vec<&Order> = commands.iter().filter_map(order_of).collect();
    let is_fresh = identity.is_freshly_proved(Timestamp::now());
    if !is_fresh && is_large(&orders, app.settings.step_up_amount) {
        return Err(step_up_required().with("reason", "AMOUNT"));
    }
    let payees: BTreeSet<AccountId> = orders
        .iter()
        .filter(|order| order.kind != TransactionType::Withdrawal)
        .map(|order| order.destination)
        .collect();
    let new = new_payees(app, caller, payees.into_iter().collect()).await?;
    if !is_fresh && !new.is_empty() {
        return Err(step_up_required().with("reason", "NEW_PAYEE"));
    }
    Ok(new)
}

/// Remembers who was paid with a fresh proof. The money has moved: a failure here only means being asked once more.
pub(super) async fn remember(app: &App, caller: &::auth::Caller, payees: &[AccountId]) {
    if payees.is_empty() {
        return;
    }
    if let Err(error) = app.auth.remember_payees(caller.user_id, payees, Timestamp::now()).await {
        tracing::warn!(%error, user_id = %caller.user_id, "a payee could not be remembered");
    }
}

/// The order by which money leaves an account, if the command is one.
fn order_of(command: &Command) -> Option<&Order> {
    match command {
        Command::Transfer(order) | Command::Hold { order, .. } => {
            Some(order).filter(|order| order.kind != TransactionType::Deposit)
        }
        // What moves on or back was proved when it was ordered.
        _ => None,
    }
}

/// Whether one request takes more than the limit in one currency.
fn is_large(orders: &[&Order], limit_units: i64) -> bool {
    let mut sums: HashMap<Currency, i64> = HashMap::new();
    for order in orders {
        let sum = sums.entry(order.money.currency()).or_default();
        *sum = sum.saturating_add(order.money.minor());
    }
    sums.into_iter().any(|(currency, minor)| exceeds(Money::new(minor, currency), limit_units))
}

fn exceeds(money: Money, limit_units: i64) -> bool {
    let minor_per_unit = 10_i64.pow(u32::from(money.currency().exponent()));
    money.minor() > limit_units.saturating_mul(minor_per_unit)
}

/// Those that the caller has not paid yet; their own accounts are no news.
async fn new_payees(app: &App, caller: &Caller, payees: Vec<AccountId>) -> Outcome<Vec<AccountId>> {
    if payees.is_empty() {
        return Ok(payees);
    }
    let unknown = app.auth.new_payees(caller.user_id(), &payees).await?;
    if unknown.is_empty() {
        return Ok(unknown);
    }
    let own: Vec<AccountId> = ledger::accounts(&app.db, &unknown)
        .await?
        .into_iter()
        .filter(|account| account.holder_id == Some(caller.user_id().uuid()))
        .map(|account| account.id)
        .collect();
    Ok(unknown.into_iter().filter(|account| !own.contains(account)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(minor: i64, currency: &str) -> Order {
        Order {
            kind: TransactionType::Transfer,
            source: AccountId::generate(),
            destination: AccountId::generate(),
            money: Money::new(minor, Currency::parse(currency).unwrap()),
            description: String::new(),
            metadata: None,
        }
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
            assert_eq!(is_large(&[&order(minor, currency)], 1_000), is_above, "{minor} {currency}");
        }
    }

    #[test]
    fn many_small_orders_in_one_request_are_one_large_one() {
        let (half, other) = (order(60_000, "USD"), order(60_000, "EUR"));
        assert!(is_large(&[&half, &half], 1_000));
        assert!(!is_large(&[&half, &other], 1_000));
        let most = order(i64::MAX, "USD");
        assert!(is_large(&[&most, &most], i64::MAX / 100 - 1));
    }
}
