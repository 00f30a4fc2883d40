//! A mail as it travels: the envelope, and the text with its headers (RFC 5322).

use crate::{CourierError, html, plain};
use lettre::Address;
use lettre::address::Envelope;
use mail_builder::MessageBuilder;
use notifications::Delivery;

/// Who sends: a name for people, and an address.
#[derive(Clone)]
pub(crate) struct Sender {
    name: String,
    address: Address,
}

/// A mail that can be handed over.
pub(crate) struct Message {
    pub(crate) envelope: Envelope,
    pub(crate) bytes: Vec<u8>,
}

impl Sender {
    /// Reads `Florin <no-reply@bank.example>`, or the address alone.
    pub(crate) fn parse(text: &str) -> Result<Self, CourierError> {
        let wrong = || CourierError::Sender(text.to_owned());
        let (name, address) = match text.trim().strip_suffix('>') {
            Some(both) => both.split_once('<').ok_or_else(wrong)?,
            None => ("", text.trim()),
        };
        let name = name.trim().trim_matches('"');
        if name.contains(|character: char| character.is_control() || matches!(character, '"' | '<' | '>')) {
            return Err(wrong());
        }
        Ok(Self { name: name.to_owned(), address: address.trim().parse().map_err(|_| wrong())? })
    }
}

impl Message {
    /// The identifier goes along, so that a second delivery of a mail can be recognised. The error is told of the mail.
    pub(crate) fn compose(sender: &Sender, mail: &Delivery) -> Result<Self, String> {
        let recipient: Address = mail.recipient.parse().map_err(|error| format!("the address: {error}"))?;
        let message = MessageBuilder::new()
            .from((sender.name.as_str(), sender.address.as_ref()))
            .to(recipient.as_ref())
            .subject(mail.subject.as_str())
            .message_id(format!("{}@{}", mail.id, sender.address.domain()))
            .text_body(plain::wrapped(&mail.body))
            .html_body(html::of(&mail.body, mail.language.unwrap_or_default()));
        let bytes = message.write_to_vec().map_err(|error| error.to_string())?;
        let envelope = Envelope::new(Some(sender.address.clone()), vec![recipient]);
        Ok(Self { envelope: envelope.map_err(|error| error.to_string())?, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (text, name) in [
            ("Florin <no-reply@bank.example>", "Florin"),
            ("\"Bank, of course\" <no-reply@bank.example>", "Bank, of course"),
            ("no-reply@bank.example", ""),
        ] {
            let sender = Sender::parse(text).unwrap();
            assert_eq!((sender.name.as_str(), sender.address.as_ref()), (name, "no-reply@bank.example"));
        }
    }

    #[test]
    fn what_is_no_sender_is_refused() {
        for text in ["", "nobody", "<>", "a@b.example>", "A <B <a@b.example>", "A\r\nBcc: x <a@b.example>", "a@b@c"] {
            assert!(matches!(Sender::parse(text), Err(CourierError::Sender(_))), "{text}");
        }
    }
}
