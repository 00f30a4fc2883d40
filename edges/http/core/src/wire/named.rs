//! Accounts and currencies as requests name them.

use crate::problem::{Outcome, Problem};
use crate::problems::account_not_found;
use ids::AccountId;
use money::Currency;

/// A customer's account: the bank's own ones cannot be reached by their identifiers.
pub fn read_account(field: &str, text: &str) -> Outcome<AccountId> {
    let account = AccountId::parse(text).map_err(|error| Problem::invalid(field, error.to_string()))?;
    if ledger::is_line_account(account) { Err(account_not_found(account)) } else { Ok(account) }
}

/// The currency by its code.
pub fn read_currency(code: &str) -> Outcome<Currency> {
    Currency::parse(code).map_err(|error| Problem::invalid("currency", error.to_string()))
}

/// The currency by its code, if it is still in use.
pub fn read_active_currency(code: &str) -> Outcome<Currency> {
    let gone = || Problem::invalid("currency", "is a currency of the past: no account is opened in it");
    read_currency(code).and_then(|currency| if currency.is_active() { Ok(currency) } else { Err(gone()) })
}
