//! What this module leaves in the outbox. The subject is the user; never an address or a whole number, and never what was said.

use crate::Delivery;
use crate::way::Way;
use db::WallTime;
use ids::{MailId, UserId};
use outbox::{Act, Actor, Event, event_data, events};

event_data! {
    /// The mail or the text; its kind is a fixed word.
    pub(crate) struct OfMail {
        mail_id: MailId,
        kind: String,
    }
}

event_data! {
    /// A telephone number, as far as it is told.
    pub(crate) struct OfPhone {
        number_last4: String,
    }
}

events! {
    /// What becomes of mails and texts, and of the numbers that people are texted at.
    pub(crate) enum MessageEvent about User for Owner {
        /// A mail was handed over.
        MailSent = "notifications.mail_sent"(OfMail),
        /// A mail could not be handed over, and will not be.
        MailGivenUp = "notifications.mail_given_up"(OfMail),
        /// A text was handed over.
        TextSent = "notifications.sms_sent"(OfMail),
        /// A text could not be handed over, and will not be.
        TextGivenUp = "notifications.sms_given_up"(OfMail),
        /// Somebody showed that a number is theirs, and is texted there from now on.
        PhoneConfirmed = "notifications.phone_confirmed"(OfPhone),
        /// Somebody is texted no more.
        PhoneRemoved = "notifications.phone_removed"(OfPhone),
    }
}

pub(crate) fn sent(mail: &Delivery, now: WallTime) -> Event {
    about(mail, if mail.way == Way::Mail { MessageEvent::MailSent } else { MessageEvent::TextSent }, now)
}

pub(crate) fn given_up(mail: &Delivery, now: WallTime) -> Event {
    about(mail, if mail.way == Way::Mail { MessageEvent::MailGivenUp } else { MessageEvent::TextGivenUp }, now)
}

fn about(mail: &Delivery, became: impl FnOnce(OfMail) -> MessageEvent, now: WallTime) -> Event {
    let data = OfMail { mail_id: mail.id, kind: mail.kind.clone() };
    Event::of(mail.user_id.uuid(), &became(data), Actor::ITSELF.does(now))
}

/// What somebody did about their number.
pub(crate) fn about_phone(user: UserId, became: impl FnOnce(OfPhone) -> MessageEvent, last4: &str, act: Act) -> Event {
    Event::of(user.uuid(), &became(OfPhone { number_last4: last4.to_owned() }), act)
}
