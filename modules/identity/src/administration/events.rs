//! What administration leaves in the outbox; `by` is null for the command line.

use super::RoleChange;
use crate::User;
use crate::user::event::Administered;
use ids::UserId;
use outbox::{Act, Event, events};

events! {
    /// What is done to people by those who run the bank.
    pub(super) enum AdministrationEvent about User for Owner {
        /// Somebody was made to work for the bank.
        StaffCreated = "auth.staff_created" { username: String, role: &'static str, by: Option<UserId> },
        /// Somebody is kept out.
        UserDisabled = "auth.user_disabled"(Administered),
        /// Somebody is let in again.
        UserEnabled = "auth.user_enabled"(Administered),
        /// Somebody has another role.
        RoleChanged = "auth.role_changed" {
            username: String,
            role: &'static str,
            former_role: &'static str,
            by: Option<UserId>,
        },
        /// All sessions of somebody were ended.
        SessionsEnded = "auth.sessions_ended"(Administered),
    }
}

pub(super) fn staff_created(user: &User, act: Act) -> Event {
    let (username, role) = (user.username.to_string(), user.role.word());
    Event::of(user.id.uuid(), &AdministrationEvent::StaffCreated { username, role, by: act.user() }, act)
}

pub(super) fn role_changed(user: &User, change: RoleChange, act: Act) -> Event {
    let (username, role, former_role) = (user.username.to_string(), change.role.word(), user.role.word());
    let changed = AdministrationEvent::RoleChanged { username, role, former_role, by: act.user() };
    Event::of(user.id.uuid(), &changed, act)
}
