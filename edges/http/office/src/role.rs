//! How a role is asked for.

use identity::Role;

/// The role by its word.
pub(crate) fn read_role(word: &str) -> Result<Role, &'static str> {
    Role::parse(word).ok_or("must be customer, teller, analyst, admin or auditor")
}
