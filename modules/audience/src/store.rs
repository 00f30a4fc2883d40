//! Whose accounts are.

use db::{Executor, Result, Value, columns, params, statements};
use ids::{AccountId, UserId};
use std::collections::HashMap;

columns! {
    struct Owned { id: AccountId, user_id: Option<UserId> }
}

statements! {
    SELECT_OWNERS -> Owned = "SELECT {columns} FROM accounts_account WHERE id = ANY($1)";
}

pub(crate) async fn owners(on: &impl Executor, accounts: Vec<AccountId>) -> Result<HashMap<AccountId, Option<UserId>>> {
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let found = on.query_as(&SELECT_OWNERS, params![Value::list(accounts)]).await?;
    Ok(found.into_iter().map(|Owned { id, user_id }| (id, user_id)).collect())
}
