//! What administration leaves in the outbox; `by` is null for the command line.

use super::RoleChange;
use crate::User;
use crate::user::event::{administered, administered_with};
use outbox::{Act, Event};

/// `auth.staff_created {"username", "role", "by"}`
pub(super) fn staff_created(user: &User, act: Act) -> Event {
    administered_with(user, "auth.staff_created", &format!(r#""role":"{}","#, user.role.word()), act)
}

/// `auth.user_disabled {"username", "by"}`
pub(super) fn user_disabled(user: &User, act: Act) -> Event {
    administered(user, "auth.user_disabled", act)
}

/// `auth.user_enabled {"username", "by"}`
pub(super) fn user_enabled(user: &User, act: Act) -> Event {
    administered(user, "auth.user_enabled", act)
}

/// `auth.role_changed {"username", "role", "formerRole", "by"}`
pub(super) fn role_changed(user: &User, change: RoleChange, act: Act) -> Event {
    let members = format!(r#""role":"{}","formerRole":"{}","#, change.role.word(), user.role.word());
    administered_with(user, "auth.role_changed", &members, act)
}

/// `auth.sessions_ended {"username", "by"}`
pub(super) fn sessions_ended(user: &User, act: Act) -> Event {
    administered(user, "auth.sessions_ended", act)
}
