//! What this module leaves in the outbox. The subject is the user; never an address, and never what a mail said.

use crate::Delivery;
use db::WallTime;
use ids::MailId;
use outbox::{Actor, Event, event_data, events};

event_data! {
    /// The mail; its kind is a fixed word.
    pub(crate) struct OfMail {
        mail_id: MailId,
        kind: String,
    }
}

events! {
    /// What becomes of mails.
    pub(crate) enum MailEvent about User for Owner {
        /// A mail was handed over.
        MailSent = "notifications.mail_sent"(OfMail),
        /// A mail could not be handed over, and will not be.
        MailGivenUp = "notifications.mail_given_up"(OfMail),
    }
}

/// What became of a mail.
pub(crate) fn about(mail: &Delivery, became: impl FnOnce(OfMail) -> MailEvent, now: WallTime) -> Event {
    let data = OfMail { mail_id: mail.id, kind: mail.kind.to_string() };
    Event::of(mail.user_id.uuid(), &became(data), Actor::ITSELF.does(now))
}
