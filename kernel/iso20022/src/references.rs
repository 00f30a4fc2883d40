//! How a message says which payment it speaks of, and for which reason.

use crate::error::{InvalidValue, ReadError};
use crate::values::{Amount, Choice, Moment, Text};
use crate::xml::{Element, Writer};

/// The reference that follows a payment from end to end: a UUID of version 4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uetr(u128);

impl Uetr {
    /// One made of 128 bits, of which six say what it is.
    pub const fn from_bits(bits: u128) -> Self {
        let without = bits & !(0xf << 76) & !(0x3 << 62);
        Self(without | (0x4 << 76) | (0x2 << 62))
    }

    /// The value to store.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Reads the form with hyphens in small letters.
    ///
    /// # Errors
    /// It is no UUID of version 4.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let wrong = InvalidValue::Pattern("a UUID of version 4 in small letters");
        let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        let is_in_place =
            |place: usize, byte: u8| if matches!(place, 8 | 13 | 18 | 23) { byte == b'-' } else { is_digit(byte) };
        if text.len() != 36 || !text.bytes().enumerate().all(|(place, byte)| is_in_place(place, byte)) {
            return Err(wrong);
        }
        let bits = u128::from_str_radix(&text.replace('-', ""), 16).map_err(|_| wrong)?;
        if Self::from_bits(bits).0 == bits { Ok(Self(bits)) } else { Err(wrong) }
    }
}

impl std::fmt::Display for Uetr {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |shift: u32, mask: u128| (self.0 >> shift) & mask;
        let [a, b, c, d] = [part(96, 0xffff_ffff), part(80, 0xffff), part(64, 0xffff), part(48, 0xffff)];
        write!(formatter, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{:012x}", part(0, 0xffff_ffff_ffff))
    }
}

impl std::fmt::Debug for Uetr {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, formatter)
    }
}

/// What a payment is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransferIds {
    /// By who sends it, point to point.
    pub instruction: Option<Text<35>>,
    /// By the payer, for the payee.
    pub end_to_end: Option<Text<35>>,
    /// By the first bank, unchanged to the last one.
    pub transaction: Option<Text<35>>,
    /// Unique in the world.
    pub uetr: Option<Uetr>,
}

impl TransferIds {
    pub(crate) fn read_original(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            instruction: element.text("OrgnlInstrId")?,
            end_to_end: element.text("OrgnlEndToEndId")?,
            transaction: element.text("OrgnlTxId")?,
            uetr: element.value("OrgnlUETR", Uetr::parse)?,
        })
    }

    pub(crate) fn write_original(&self, writer: &mut Writer) {
        writer.text("OrgnlInstrId", self.instruction.as_ref());
        writer.text("OrgnlEndToEndId", self.end_to_end.as_ref());
        writer.text("OrgnlTxId", self.transaction.as_ref());
        self.write_uetr("OrgnlUETR", writer);
    }

    pub(crate) fn write_uetr(&self, name: &str, writer: &mut Writer) {
        if let Some(uetr) = self.uetr {
            writer.leaf(name, &uetr.to_string());
        }
    }
}

/// The payment a message is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Original {
    /// The message in which it was sent, if that is said.
    pub message: Option<OriginalMessage>,
    /// What it is called.
    pub ids: TransferIds,
}

/// The message in which a payment was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalMessage {
    /// Its identifier.
    pub id: Text<35>,
    /// What kind of message it was.
    pub definition: Text<35>,
    /// When it was made.
    pub created: Option<Moment>,
}

impl OriginalMessage {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            id: element.needed_text("OrgnlMsgId")?,
            definition: element.needed_text("OrgnlMsgNmId")?,
            created: element.moment("OrgnlCreDtTm")?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.leaf("OrgnlMsgId", self.id.as_str());
        writer.leaf("OrgnlMsgNmId", self.definition.as_str());
        writer.moment("OrgnlCreDtTm", self.created);
    }
}

impl Original {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let message = element.only("OrgnlGrpInf")?.map(OriginalMessage::read).transpose()?;
        Ok(Self { message, ids: TransferIds::read_original(element)? })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        self.write_message(writer);
        self.ids.write_original(writer);
    }

    pub(crate) fn write_message(&self, writer: &mut Writer) {
        if let Some(message) = &self.message {
            writer.element("OrgnlGrpInf", |writer| message.write(writer));
        }
    }

    /// The amount by which somebody repeats the payment, in `OrgnlTxRef`.
    pub(crate) fn read_repeated_amount(element: Element<'_>) -> Result<Option<Amount>, ReadError> {
        element.only("OrgnlTxRef")?.map_or(Ok(None), |reference| reference.amount("IntrBkSttlmAmt"))
    }

    pub(crate) fn write_repeated_amount(amount: Option<Amount>, writer: &mut Writer) {
        if amount.is_some() {
            writer.element("OrgnlTxRef", |writer| writer.amount("IntrBkSttlmAmt", amount));
        }
    }
}

/// Why a payment was rejected, returned or called back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// A code of the external lists, as it came.
    pub code: Option<Choice<4>>,
    /// Words beside it.
    pub words: Vec<Text<105>>,
}

impl Reason {
    pub(crate) fn read_all(element: Element<'_>, name: &'static str) -> Result<Vec<Self>, ReadError> {
        let read = |reason: Element<'_>| Ok(Self { code: reason.choice("Rsn")?, words: reason.all_words("AddtlInf")? });
        element.all(name).map(read).collect()
    }

    pub(crate) fn write_all(reasons: &[Self], name: &str, writer: &mut Writer) {
        for reason in reasons {
            writer.element(name, |writer| {
                writer.choice("Rsn", reason.code.as_ref());
                for words in &reason.words {
                    writer.leaf("AddtlInf", words.as_str());
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_uuids_of_version_four_in_small_letters() {
        let text = "8a562c67-ca16-48ba-b074-65581be6f011";
        let uetr = Uetr::parse(text).unwrap();
        assert_eq!(uetr.to_string(), text);
        assert_eq!(Uetr::from_bits(uetr.bits()), uetr);
        assert_eq!(Uetr::from_bits(u128::MAX).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        for wrong in [
            "",
            "8A562C67-CA16-48BA-B074-65581BE6F011",
            "8a562c67-ca16-18ba-b074-65581be6f011",
            "8a562c67-ca16-48ba-c074-65581be6f011",
            "8a562c67ca1648bab07465581be6f011",
            "8a562c67-ca16-48ba-b074-65581be6f01",
            "8a562c67-ca16-48ba-b074-65581be6f0é",
        ] {
            assert!(Uetr::parse(wrong).is_err(), "{wrong}");
        }
    }
}
