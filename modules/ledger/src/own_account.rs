//! Accounts of the bank's own beside the one that each line of the chart has: the receivable of one loan, a fee of one
//! product, the suspense of one rail. Whoever needs one opens it under a name; the ledger does not know what it stands for.

use crate::{Account, ChartCode};
use db::{BankTime, DbError, Executor, Result, Tx, Value, columns, params, statements};
use ids::AccountId;
use money::Currency;
use std::collections::HashMap;
use std::fmt;

/// The name of an account of the bank's own, chosen by whoever opens it and unique in the database:
/// `loan/loan_01j…/principal`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnAccountName(String);

/// The text is no name of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be two or more parts between '/', of letters, digits, '-', '_' and '.', in all at most {} characters",
    OwnAccountName::LENGTH_MAX
)]
pub struct ParseOwnAccountNameError;

impl OwnAccountName {
    /// The longest name, in characters.
    pub const LENGTH_MAX: usize = 120;

    /// Reads a name. What is allowed can stand in every journal as it is, and is no currency.
    ///
    /// # Errors
    /// It is one part only or too long, or has an empty part or a character that no name has.
    pub fn parse(text: &str) -> std::result::Result<Self, ParseOwnAccountNameError> {
        let is_allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let is_part = |part: &str| !part.is_empty() && part.chars().all(is_allowed);
        let is_name = text.len() <= Self::LENGTH_MAX && text.contains('/') && text.split('/').all(is_part);
        if is_name { Ok(Self(text.to_owned())) } else { Err(ParseOwnAccountNameError) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OwnAccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An account of the bank's own that somebody needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAccount {
    /// Its name.
    pub name: OwnAccountName,
    /// Its line in the chart of accounts.
    pub chart: ChartCode,
    /// The one currency it holds.
    pub currency: Currency,
}

/// Why an account of the bank's own is not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnAccountError {
    /// In this line stand customers' accounts only.
    #[error("{name}: the line of customers' deposits has no accounts of the bank's own")]
    NotOwn {
        /// What it was to be called.
        name: OwnAccountName,
    },
    /// The name is taken by an account of another line or currency.
    #[error("{name}: there is another account of this name")]
    NameTaken {
        /// The name.
        name: OwnAccountName,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}

columns! {
    struct Named { account: Account = "*", name: String }
}

statements! {
    INSERT_NAMED(Named) = "INSERT INTO ledger_account ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING";
    SELECT_NAMED -> Named = "SELECT {columns} FROM ledger_account WHERE name = ANY($1)";
    SELECT_NAMES -> (AccountId, String) = "SELECT id, name FROM ledger_account WHERE name IS NOT NULL";
}

/// Opens the accounts that are not open yet, and gives all of them, in the order of what was asked for. Asked again for the
/// same, also by several at once, it is the same accounts.
///
/// # Errors
/// A line is not the bank's own, a name is taken by an account of another line or currency, or the database failed.
pub async fn open_named_accounts_in_tx(
    tx: &Tx,
    wanted: &[OwnAccount],
    now: BankTime,
) -> std::result::Result<Vec<Account>, OwnAccountError> {
    if let Some(foreign) = wanted.iter().find(|wanted| !wanted.chart.is_own()) {
        return Err(OwnAccountError::NotOwn { name: foreign.name.clone() });
    }
    // Two transactions that open the same accounts wait for each other in the same order.
    let mut in_order: Vec<&OwnAccount> = wanted.iter().collect();
    in_order.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    let named = |OwnAccount { name, chart, currency }: &OwnAccount| Named {
        account: Account::own_under(AccountId::generate(), *chart, *currency, now),
        name: name.0.clone(),
    };
    tx.execute_rows(&INSERT_NAMED, in_order.into_iter().map(named)).await?;
    let names: Vec<&OwnAccountName> = wanted.iter().map(|wanted| &wanted.name).collect();
    let open = named_accounts(tx, &names).await?;
    let as_wanted = |wanted: &OwnAccount| {
        let found = open.get(wanted.name.as_str());
        let found = found.filter(|found| (found.chart, found.currency) == (wanted.chart, wanted.currency));
        found.copied().ok_or_else(|| OwnAccountError::NameTaken { name: wanted.name.clone() })
    };
    wanted.iter().map(as_wanted).collect()
}

/// Those of the named accounts of the bank's own that are open, by name.
///
/// # Errors
/// The database failed.
pub async fn named_accounts(on: &impl Executor, names: &[&OwnAccountName]) -> Result<HashMap<String, Account>> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let names = Value::list(names.iter().map(|name| name.as_str()));
    let found = on.query_as(&SELECT_NAMED, params![names]).await?;
    Ok(found.into_iter().map(|found| (found.name, found.account)).collect())
}

/// The name of every account that has one: for reports, not for requests.
///
/// # Errors
/// The database failed.
pub async fn account_names(on: &impl Executor) -> Result<HashMap<AccountId, String>> {
    Ok(on.query_as(&SELECT_NAMES, params![]).await?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_that_every_journal_takes() {
        for text in ["loan/loan_01j9/principal", "rail.sepa-instant/EUR", "a/b"] {
            assert_eq!(OwnAccountName::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "USD", "/a", "a/", "a//b", "a/two words", "a/b:c", "a/ä", "a/b;c", "a/b\n", &"a/b".repeat(41)]
        {
            assert_eq!(OwnAccountName::parse(text), Err(ParseOwnAccountNameError), "{text}");
        }
    }
}
