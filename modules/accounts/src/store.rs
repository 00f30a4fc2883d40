//! The accounts' SQL. Balances and status are the ledger's and asked for through its façade.

use crate::{AccountKind, AccountLabel, AccountName, AccountNumber, AccountView, AccountsError, Result};
use db::{DbError, Executor, Rows, Statement, Tx, Value, WallTime, columns, fields, params, statements};
use ids::{AccountId, UserId};
use std::collections::HashMap;
use uuid::Uuid;

fields! {
    Text: AccountKind, AccountKind::parse, |kind| kind.word();
    Text: AccountName, |text| Some(AccountName::from_stored(text.to_owned())), |name| name.as_str();
    Text: AccountNumber, |text| AccountNumber::parse(text).ok(), |number| number.as_str();
}

columns! {
    /// A row of our table: an account without what the ledger knows of it.
    pub(crate) struct Record {
        id: AccountId,
        user_id: Option<UserId>,
        number: AccountNumber,
        name: AccountName,
        kind: AccountKind = type,
        external_ref: Option<String>,
        created_at: WallTime,
        updated_at: WallTime,
    }
}

statements! {
    INSERT_ACCOUNTS(Record) = "INSERT INTO accounts_account ({columns}) VALUES ({values})";
    UPDATE_ACCOUNTS(Record) =
        "UPDATE accounts_account SET user_id = $user_id, name = $name, updated_at = $updated_at WHERE id = $id";
    SELECT_ACCOUNTS -> Record = "SELECT {columns} FROM accounts_account WHERE id = ANY($1)";
    SELECT_PAGE -> Record = "SELECT {columns} FROM accounts_account WHERE id > $1 ORDER BY id LIMIT $2";
    SELECT_PAGE_OF_USER -> Record =
        "SELECT {columns} FROM accounts_account WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    SELECT_IDS_OF_USER -> AccountId =
        "SELECT id FROM accounts_account WHERE user_id = $1 ORDER BY id LIMIT $2";
    COUNT_OF_USER -> i64 =
        "SELECT COUNT(*) FROM (SELECT 1 FROM accounts_account WHERE user_id = $1 LIMIT $2) AS counted";
    SELECT_OF_KIND =
        "SELECT id FROM accounts_account WHERE user_id = $1 AND type = $2 LIMIT $3";
    SELECT_BY_NUMBERS -> (AccountNumber, AccountId) =
        "SELECT number, id FROM accounts_account WHERE number = ANY($1)";
    SELECT_BY_EXTERNAL_REFS -> (String, AccountId) =
        "SELECT external_ref, id FROM accounts_account WHERE external_ref = ANY($1)";
}

impl Record {
    pub(crate) fn into_view(self, ledger: ledger::Account) -> AccountView {
        let Self { id, user_id, number, name, kind, external_ref, created_at, updated_at } = self;
        AccountView { id, user_id, number, name, kind, external_ref, created_at, updated_at, ledger }
    }

    pub(crate) fn into_label(self) -> AccountLabel {
        AccountLabel { id: self.id, user_id: self.user_id, number: self.number, name: self.name }
    }

    fn of(view: &AccountView) -> Self {
        let AccountView { id, user_id, number, name, kind, external_ref, created_at, updated_at, .. } = view.clone();
        Self { id, user_id, number, name, kind, external_ref, created_at, updated_at }
    }
}

pub(crate) async fn insert_in_tx(tx: &Tx, accounts: &[AccountView]) -> Result<()> {
    tx.execute_rows(&INSERT_ACCOUNTS, accounts.iter().map(Record::of)).await.map(drop).map_err(|error| match error {
        DbError::Duplicate(key) if key.contains("external_ref") => AccountsError::ExternalRefTaken,
        error => error.into(),
    })
}

/// Whether a unique key that was taken is that of the account numbers, as either engine names it.
pub(crate) fn is_number_key(key: &str) -> bool {
    key.contains("accounts_account_number_key") || key.contains("accounts_account.number")
}

/// A changed name or owner, as a write of the commit.
pub(crate) fn as_update(account: &AccountView) -> (&'static Statement, Rows) {
    UPDATE_ACCOUNTS.rows([Record::of(account)])
}

pub(crate) async fn records(on: &impl Executor, ids: &[AccountId]) -> Result<Vec<Record>> {
    Ok(on.query_as(&SELECT_ACCOUNTS, params![Value::list(ids.iter().copied())]).await?)
}

pub(crate) async fn page(
    on: &impl Executor,
    user_id: Option<UserId>,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Record>> {
    let after = after.unwrap_or(AccountId::from_uuid(Uuid::nil()));
    Ok(match user_id {
        Some(user_id) => on.query_as(&SELECT_PAGE_OF_USER, params![user_id, after, limit]).await?,
        None => on.query_as(&SELECT_PAGE, params![after, limit]).await?,
    })
}

/// The records, in their order, with what the ledger knows of each.
pub(crate) async fn views(on: &impl Executor, records: Vec<Record>) -> Result<Vec<AccountView>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<AccountId> = records.iter().map(|record| record.id).collect();
    let in_ledger: HashMap<_, _> =
        ledger::accounts(on, &ids).await?.into_iter().map(|account| (account.id, account)).collect();
    let view = |record: Record| match in_ledger.get(&record.id) {
        Some(account) => Ok(record.into_view(*account)),
        None => Err(DbError::Internal(format!("account {} is missing in the ledger", record.id)).into()),
    };
    records.into_iter().map(view).collect()
}

pub(crate) async fn ids_of_user(on: &impl Executor, user_id: UserId, limit: u32) -> Result<Vec<AccountId>> {
    Ok(on.query_as(&SELECT_IDS_OF_USER, params![user_id, limit]).await?)
}

/// How many accounts of this kind the user has, up to a limit.
/// How many accounts a user has, counted as far as the limit.
pub(crate) async fn count_of_user(on: &impl Executor, user_id: UserId, limit: u32) -> Result<i64> {
    Ok(on.query_optional(&COUNT_OF_USER, params![user_id, limit]).await?.unwrap_or(0))
}

pub(crate) async fn count_of_kind(on: &impl Executor, user_id: UserId, kind: AccountKind, limit: u32) -> Result<usize> {
    Ok(on.query(&SELECT_OF_KIND, params![user_id, kind.word(), limit]).await?.len())
}

pub(crate) async fn by_numbers(
    on: &impl Executor,
    numbers: &[AccountNumber],
) -> Result<HashMap<AccountNumber, AccountId>> {
    let wanted = Value::list(numbers.iter().map(AccountNumber::as_str));
    Ok(on.query_as(&SELECT_BY_NUMBERS, params![wanted]).await?.into_iter().collect())
}

pub(crate) async fn by_external_refs(
    on: &impl Executor,
    external_refs: &[String],
) -> Result<HashMap<String, AccountId>> {
    if external_refs.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = Value::list(external_refs.iter().map(String::as_str));
    Ok(on.query_as(&SELECT_BY_EXTERNAL_REFS, params![wanted]).await?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NewAccount;
    use money::Currency;

    fn new_account() -> AccountView {
        let new = NewAccount {
            user_id: None,
            name: Some(AccountName::parse("Everyday").unwrap()),
            kind: AccountKind::Checking,
            currency: Currency::parse("USD").unwrap(),
            external_ref: None,
        };
        new.opened(db::BankTime::from_unix_micros(0), WallTime::from_unix_micros(0))
    }

    #[test]
    fn two_accounts_that_meet_in_one_number_are_a_lost_race() {
        testkit::on_each_engine(crate::MIGRATIONS, async |db| {
            let first = new_account();
            let second = AccountView { number: first.number.clone(), ..new_account() };
            let tx = db.begin().await.unwrap();
            let error = insert_in_tx(&tx, &[first, second]).await.unwrap_err();
            assert!(error.is_lost_race() && error.is_transient(), "{error:?}");
        });
    }
}
