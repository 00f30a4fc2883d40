//! What this module tells the outbox. The subject is the user; never an address, and never what a mail said.

use db::WallTime;
use outbox::{Actor, Event};
use uuid::Uuid;

/// `notifications.mail_sent {"mailId", "kind"}`
pub(crate) fn mail_sent(user_id: Uuid, mail: (Uuid, &str), now: WallTime) -> Event {
    about("notifications.mail_sent", user_id, mail, now)
}

/// `notifications.mail_given_up {"mailId", "kind"}`
pub(crate) fn mail_given_up(user_id: Uuid, mail: (Uuid, &str), now: WallTime) -> Event {
    about("notifications.mail_given_up", user_id, mail, now)
}

/// Kinds are fixed words, which need no escaping.
fn about(what: &str, user_id: Uuid, (mail_id, kind): (Uuid, &str), now: WallTime) -> Event {
    let payload = format!(r#"{{"mailId":"{}","kind":"{kind}"}}"#, ids::MailId::from_uuid(mail_id));
    Event::new(user_id, what, payload, Actor::ITSELF.does(now))
}
