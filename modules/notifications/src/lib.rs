//! Notifications: mails to people, queued in the transaction of what they tell, and handed out for delivery afterwards.
//! What a mail says is decided where it is queued; how it travels is the courier's.

mod delivery;
mod error;
mod events;
mod mail;

pub use delivery::{Delivery, Outcome, claim_mails, settle_mail};
pub use error::NotificationsError;
pub use mail::{Mail, enqueue_in_tx, purge, require_room};

use store::Migration;

/// The outcome of anything about notifications.
pub type Result<T> = std::result::Result<T, NotificationsError>;

/// The table of outgoing mail.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "notifications",
    number: 1,
    sql: include_str!("../migrations/0001_mail.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];
