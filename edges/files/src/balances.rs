//! Every account's balance as CSV: customers' accounts, or the bank's own. What people wrote stands there as [`legible::in_a_cell`] says.

use crate::ExportError;
use db::Executor;
use ids::AccountId;
use ledger::Account;
use money::Money;
use std::io::Write;

const ACCOUNTS_PER_PAGE: u32 = 5_000;

/// Writes `account,external_ref,currency,balance`, the oldest account first; returns the number of accounts.
///
/// # Errors
/// The database or the output failed.
pub async fn export_balances(on: &impl Executor, output: impl Write) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["account", "external_ref", "currency", "balance"])?;
    let mut count = 0;
    let mut after: Option<AccountId> = None;
    loop {
        let page = accounts::list(on, None, after, ACCOUNTS_PER_PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for account in &page {
            let currency = account.ledger.currency;
            let balance = Money::new(account.ledger.posted_minor, currency).to_decimal();
            let reference = legible::in_a_cell(account.external_ref.as_deref().unwrap_or_default());
            writer.write_record([account.id.to_string().as_str(), &reference, currency.code(), &balance])?;
            count += 1;
        }
    }
    writer.flush()?;
    Ok(count)
}

/// Writes `account,name,line,currency,balance` of the bank's own accounts that ever moved, debit positive where debits make
/// the line larger; returns the number of accounts. The account that each line has in each currency has no name.
///
/// # Errors
/// The database or the output failed.
pub async fn export_own_balances(on: &impl Executor, output: impl Write) -> Result<u64, ExportError> {
    let mut own = ledger::all_accounts(on).await?;
    let names = ledger::account_names(on).await?;
    own.retain(|account| account.is_own() && account.sequence > 0);
    let name = |account: &Account| names.get(&account.id).map_or("", String::as_str);
    own.sort_by_key(|account| (account.chart.code(), account.currency, name(account).to_owned()));
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["account", "name", "line", "currency", "balance"])?;
    let mut count = 0;
    for account in &own {
        let minor = if account.chart.grows_by_debits() { -account.posted_minor } else { account.posted_minor };
        let balance = Money::new(minor, account.currency).to_decimal();
        let (id, line) = (account.id.to_string(), account.chart.code());
        writer.write_record([
            id.as_str(),
            &legible::in_a_cell(name(account)),
            line,
            account.currency.code(),
            &balance,
        ])?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}
