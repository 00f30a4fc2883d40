//! Keys over rows that no command has left so: a role that was changed behind the bank's back.

use crate::api_keys::{issue, new_key, run};
use crate::common::{START, done, with_programs};
use identity::{Role, Scope, Scopes};
use programs::ProgramError;

#[test]
fn a_key_follows_its_owners_role() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        test.programs.authenticate_key(&issued.text, None, START).await.unwrap();
        run(&test.db, "UPDATE auth_user SET role = 'auditor'").await;
        let known = test.programs.authenticate_key(&issued.text, None, START.plus_seconds(1)).await.unwrap();
        assert_eq!(known.caller().role, Role::Auditor);
        assert_eq!(known.caller().scopes, Scopes::parse("accounts:read").unwrap());
        let writing =
            test.programs.create_api_key(owner, new_key("accounts:read transactions:write"), done(START)).await;
        assert_eq!(writing.unwrap_err(), ProgramError::ScopeBeyondRole(Scope::TransactionsWrite));
    });
}
