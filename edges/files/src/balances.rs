//! Every customer account's balance as CSV.

use crate::ExportError;
use db::Db;
use ids::AccountId;
use money::Money;
use std::io::Write;

const ACCOUNTS_PER_PAGE: u32 = 5_000;

/// Writes `account,external_ref,currency,balance`, the oldest account first; gives the number of accounts.
///
/// # Errors
/// The database or the output failed.
pub async fn export_balances(db: &Db, output: impl Write) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["account", "external_ref", "currency", "balance"])?;
    let mut count = 0;
    let mut after: Option<AccountId> = None;
    loop {
        let page = accounts::list(db, None, after, ACCOUNTS_PER_PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for account in &page {
            let currency = account.ledger.currency;
            let balance = Money::new(account.ledger.posted_minor, currency).to_decimal();
            let reference = account.external_ref.as_deref().unwrap_or_default();
            writer.write_record([account.id.to_string().as_str(), reference, currency.code(), &balance])?;
            count += 1;
        }
    }
    writer.flush()?;
    Ok(count)
}
