//! Notifications: mails and texts to people, queued in the transaction of what they tell, and handed out for delivery
//! afterwards; and the inbox and news by mail and text, filled from the stream.
//! While they wait, what they say is sealed: a token in a mail opens a door.
//! What is said is decided where it is queued; how it travels is the courier's.

mod delivery;
mod error;
mod events;
pub mod inbox;
mod language;
mod mail;
pub mod news;
pub mod phone;
mod text;
mod way;

pub use delivery::{Delivery, Outcome, claim_mails, claim_texts, settle_message};
pub use error::NotificationsError;
pub use language::{InEach, Language};
pub use mail::{Mail, backlog, enqueue_in_tx, opens_waiting, purge, require_room, seal_waiting};
pub use text::{Text, enqueue_text_in_tx};
pub use way::Way;

use db::Migration;

/// The outcome of anything about notifications.
pub type Result<T> = std::result::Result<T, NotificationsError>;

/// The tables of what goes out, of the inbox, and of what people want of both.
pub const MIGRATIONS: &[Migration] = &[
    migration(1, include_str!("../migrations/0001_mail.sql")),
    migration(2, include_str!("../migrations/0002_sealed_mail.sql")),
    migration(3, include_str!("../migrations/0003_inbox.sql")),
    migration(4, include_str!("../migrations/0004_news.sql")),
    migration(5, include_str!("../migrations/0005_languages.sql")),
    migration(6, include_str!("../migrations/0006_texts.sql")),
];

const fn migration(number: u32, sql: &'static str) -> Migration {
    Migration { module: "notifications", number, sql, postgres: "", sqlite: "", append_only: &[] }
}
