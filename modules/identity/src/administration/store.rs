//! The SQL of administration: lists of people, and what only administrators change.

use super::UserFilter;
use crate::{Role, User};
use db::{Executor, Result, Tx, params, statements};
use ids::UserId;
use uuid::Uuid;

statements! {
    SELECT_USERS -> User =
        "SELECT {columns} FROM auth_user
         WHERE id > $1 AND (CAST($2 AS TEXT) IS NULL OR role = CAST($2 AS TEXT))
           AND (CAST($3 AS TEXT) IS NULL OR status = CAST($3 AS TEXT))
           AND (CAST($4 AS TEXT) IS NULL OR username LIKE CAST($4 AS TEXT) ESCAPE '!')
         ORDER BY id LIMIT $5";
    LOCK_ACTIVE_ADMINS -> UserId =
        "SELECT id FROM auth_user WHERE role = 'admin' AND status = 'ACTIVE' ORDER BY id FOR UPDATE";
    UPDATE_ROLE = "UPDATE auth_user SET role = $2 WHERE id = $1";
}

pub(super) async fn page(
    on: &impl Executor,
    filter: &UserFilter,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<User>> {
    let parameters = params![
        after.unwrap_or(UserId::from_uuid(Uuid::nil())),
        filter.role,
        filter.status,
        filter.username_prefix.as_deref().map(beginning_with),
        limit,
    ];
    on.query_as(&SELECT_USERS, parameters).await
}

/// A pattern for `LIKE`, in which what was typed stands for itself.
fn beginning_with(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len() + 2);
    for character in prefix.trim().to_ascii_lowercase().chars() {
        if matches!(character, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

pub(crate) async fn lock_active_admins_in_tx(tx: &Tx) -> Result<Vec<UserId>> {
    tx.query_as(&LOCK_ACTIVE_ADMINS, params![]).await
}

pub(super) async fn set_role_in_tx(tx: &Tx, id: UserId, role: Role) -> Result<()> {
    tx.execute(&UPDATE_ROLE, params![id, role]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stands_for_itself() {
        assert_eq!(beginning_with(" Ann_"), "ann!_%");
        assert_eq!(beginning_with("100%!"), "100!%!!%");
    }
}
