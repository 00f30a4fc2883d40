//! A reply as it is packed into the receipt that payments keeps under a key: the label is the HTTP status, the body is the
//! body to the byte. And reading one again: what it says of which transactions.

use axum::http::StatusCode;
use db::{BankTime, Date};
use http_core::problem::{Outcome, Problem};
use ids::{AccountId, TransactionId};
use money::{Currency, Money};
use payments::Receipt;
use payments::verify::{Telling, UnreadableReceipt};
use serde::Deserialize;
use std::borrow::Cow;

/// What of a transaction never changes, and how far it had come.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    source_account_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    destination_account_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    amount: Cow<'a, str>,
    #[serde(borrow)]
    currency: Cow<'a, str>,
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow)]
    captured_amount: Option<Cow<'a, str>>,
    #[serde(borrow)]
    created_at: Cow<'a, str>,
    #[serde(borrow)]
    settled_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    value_date: Cow<'a, str>,
    #[serde(borrow)]
    expires_at: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct KeptBatch<'a> {
    #[serde(borrow)]
    data: Vec<KeptItem<'a>>,
}

#[derive(Deserialize)]
struct KeptItem<'a> {
    #[serde(borrow)]
    transaction: Option<Kept<'a>>,
}

/// Packs a reply.
pub(super) fn pack(status: StatusCode, body: Vec<u8>) -> Receipt {
    Receipt { label: status.as_u16(), body }
}

/// The reply again.
pub(super) fn unpack(receipt: Receipt) -> Outcome<(StatusCode, Vec<u8>)> {
    let status = StatusCode::from_u16(receipt.label).map_err(|error| Problem::internal(error.to_string()))?;
    Ok((status, receipt.body))
}

/// The transactions that a reply names as done; none if it is no success.
///
/// # Errors
/// It is a success and not written as this bank writes them.
pub fn transactions_told(receipt: &Receipt) -> Result<Vec<Telling>, UnreadableReceipt> {
    if receipt.label >= StatusCode::MULTIPLE_CHOICES.as_u16() {
        return Ok(Vec::new());
    }
    // A list of results has no `id`.
    if let Ok(kept) = serde_json::from_slice::<Kept<'_>>(&receipt.body) {
        return Ok(vec![telling(&kept)?]);
    }
    let batch: KeptBatch<'_> = serde_json::from_slice(&receipt.body).map_err(|_| UnreadableReceipt)?;
    batch.data.iter().filter_map(|item| item.transaction.as_ref()).map(telling).collect()
}

fn telling(kept: &Kept<'_>) -> Result<Telling, UnreadableReceipt> {
    let currency = Currency::parse(&kept.currency).map_err(|_| UnreadableReceipt)?;
    let money = |text: &str| Money::parse(text, currency).map_err(|_| UnreadableReceipt);
    let account =
        |text: &Option<Cow<'_, str>>| text.as_deref().map(AccountId::parse).transpose().map_err(|_| UnreadableReceipt);
    let time = |text: &str| BankTime::parse(text).map_err(|_| UnreadableReceipt);
    Ok(Telling {
        id: TransactionId::parse(&kept.id).map_err(|_| UnreadableReceipt)?,
        kind: kept.r#type.clone().into_owned(),
        status: kept.status.clone().into_owned(),
        money: money(&kept.amount)?,
        captured: kept.captured_amount.as_deref().map(money).transpose()?,
        source: account(&kept.source_account_id)?,
        destination: account(&kept.destination_account_id)?,
        created_at: time(&kept.created_at)?,
        settled_at: kept.settled_at.as_deref().map(time).transpose()?,
        value_date: Date::parse(&kept.value_date).map_err(|_| UnreadableReceipt)?,
        expires_at: kept.expires_at.as_deref().map(time).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<Telling>, UnreadableReceipt> {
        transactions_told(&pack(StatusCode::CREATED, body.as_bytes().to_vec()))
    }

    #[test]
    fn one_transaction_and_a_list_of_results_are_read() {
        let id = TransactionId::generate();
        let account = AccountId::generate();
        let transaction = format!(
            r#"{{"id":"{id}","sourceAccountId":null,"destinationAccountId":"{account}","amount":"7.77","currency":"USD",
                "type":"DEPOSIT","status":"SETTLED","statusReason":null,"capturedAmount":null,"balances":{{}},
                "createdAt":"2026-01-02T03:04:05.000006Z","settledAt":"2026-01-02T03:04:05.000007Z","valueDate":"2026-01-01",
                "expiresAt":null}}"#
        );
        let told = read(&transaction).unwrap();
        assert_eq!((told.len(), told[0].id, told[0].money.minor()), (1, id, 777));
        assert_eq!((told[0].source, told[0].destination, told[0].captured), (None, Some(account), None));
        let at = |micros| BankTime::parse(&format!("2026-01-02T03:04:05.00000{micros}Z")).unwrap();
        assert_eq!((told[0].created_at, told[0].settled_at, told[0].expires_at), (at(6), Some(at(7)), None));
        assert_eq!(told[0].value_date, Date::parse("2026-01-01").unwrap());
        let refused = r#"{"status":"REFUSED","error":{"code":"INSUFFICIENT_FUNDS"}}"#;
        let list = format!(r#"{{"data":[{refused},{{"status":"SETTLED","transaction":{transaction}}}]}}"#);
        assert_eq!(read(&list), Ok(told));
    }

    #[test]
    fn what_is_no_reply_of_this_bank_is_not_read() {
        for body in ["", "{}", "[]", r#"{"id":"txn_1"}"#, "OK"] {
            assert_eq!(read(body), Err(UnreadableReceipt), "{body}");
        }
    }

    #[test]
    fn what_was_refused_names_no_transaction_whoever_packed_it() {
        for body in ["the account is not active", r#"{"error":{"code":"INSUFFICIENT_FUNDS"}}"#] {
            let refused = pack(StatusCode::UNPROCESSABLE_ENTITY, body.as_bytes().to_vec());
            assert_eq!(transactions_told(&refused), Ok(Vec::new()), "{body}");
        }
    }
}
