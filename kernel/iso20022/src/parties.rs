//! Who is named in a message: banks, the people behind them, and their accounts.

use crate::error::{InvalidValue, ReadError};
use crate::values::{Choice, Text};
use crate::xml::{Element, Writer};

/// A bank's BIC.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bic(Text<11>);

impl Bic {
    /// Reads 8 or 11 characters.
    ///
    /// # Errors
    /// It is not of the pattern of ISO 9362.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let fits = matches!(text.len(), 8 | 11)
            && text.bytes().all(is_upper)
            && text.as_bytes()[4..6].iter().all(u8::is_ascii_uppercase);
        if fits { Text::new(text).map(Self) } else { Err(InvalidValue::Pattern("a BIC")) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// An IBAN by its form; its check digits are not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Iban(Text<34>);

impl Iban {
    /// Reads two letters, two digits and up to 30 characters.
    ///
    /// # Errors
    /// It is not of the pattern of ISO 13616.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        let bytes = text.as_bytes();
        let fits = (5..=34).contains(&bytes.len())
            && bytes[..2].iter().all(u8::is_ascii_uppercase)
            && bytes[2..4].iter().all(u8::is_ascii_digit)
            && bytes.iter().all(u8::is_ascii_alphanumeric);
        if fits { Text::new(text).map(Self) } else { Err(InvalidValue::Pattern("an IBAN")) }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A bank.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Agent {
    /// Its BIC.
    pub bic: Option<Bic>,
    /// Its number in a clearing system.
    pub member: Option<Member>,
}

/// A bank's number in a clearing system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// The list that it is of: `USABA` for routing numbers.
    pub system: Option<Choice<5>>,
    /// The number.
    pub id: Text<35>,
}

impl Agent {
    /// A bank of the United States by its routing number.
    ///
    /// # Errors
    /// The number is no text that can be written.
    pub fn of_routing_number(number: &str) -> Result<Self, InvalidValue> {
        let system = Some(Choice::Code(Text::new("USABA")?));
        Ok(Self { bic: None, member: Some(Member { system, id: Text::new(number)? }) })
    }

    /// Reads the bank in an element such as `InstgAgt`, `FIId` or `Agt`.
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let institution = element.need("FinInstnId")?;
        let bic = institution.value("BICFI", Bic::new)?;
        let member = institution
            .only("ClrSysMmbId")?
            .map(|member| Ok(Member { system: member.choice("ClrSysId")?, id: member.needed_text("MmbId")? }));
        Ok(Self { bic, member: member.transpose()? })
    }

    pub(crate) fn read_child(element: Element<'_>, name: &'static str) -> Result<Option<Self>, ReadError> {
        element.only(name)?.map(Self::read).transpose()
    }

    /// The bank in `Fr`, `To`, `Assgnr` or `Assgne`; nobody when somebody else than a bank is named there.
    pub(crate) fn read_within(element: Element<'_>, names: [&'static str; 2]) -> Result<Self, ReadError> {
        let [outer, inner] = names;
        Ok(Self::read_child(element.need(outer)?, inner)?.unwrap_or_default())
    }

    pub(crate) fn write(&self, name: &str, writer: &mut Writer) {
        writer.element(name, |writer| {
            writer.element("FinInstnId", |writer| {
                writer.text("BICFI", self.bic.as_ref().map(|bic| &bic.0));
                if let Some(member) = &self.member {
                    writer.element("ClrSysMmbId", |writer| {
                        writer.choice("ClrSysId", member.system.as_ref());
                        writer.leaf("MmbId", member.id.as_str());
                    });
                }
            });
        });
    }

    pub(crate) fn write_within(&self, names: [&str; 2], writer: &mut Writer) {
        writer.element(names[0], |writer| self.write(names[1], writer));
    }
}

/// A person or company. Of what else may be said of them nothing is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Their name.
    pub name: Option<Text<140>>,
}

impl Party {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self { name: element.words("Nm")? })
    }

    pub(crate) fn write(&self, name: &str, writer: &mut Writer) {
        writer.element(name, |writer| writer.text("Nm", self.name.as_ref()));
    }
}

/// An account at a bank.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// By IBAN.
    Iban(Iban),
    /// By the bank's own number.
    Other(Text<34>),
}

impl Account {
    /// The number as text.
    pub fn number(&self) -> &str {
        match self {
            Self::Iban(iban) => iban.as_str(),
            Self::Other(number) => number.as_str(),
        }
    }

    /// Reads `Id` in an element such as `DbtrAcct`.
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let id = element.need("Id")?;
        match (id.value("IBAN", Iban::new)?, id.only("Othr")?) {
            (Some(iban), None) => Ok(Self::Iban(iban)),
            (None, Some(other)) => Ok(Self::Other(other.needed_text("Id")?)),
            _ => Err(ReadError::Invalid {
                element: "Id",
                why: InvalidValue::Pattern("either an IBAN or another number"),
            }),
        }
    }

    /// As one child of an account: of an account in a newer version that has no `Id`, nothing is known.
    pub(crate) fn read_child(element: Element<'_>, name: &'static str) -> Result<Option<Self>, ReadError> {
        match element.only(name)? {
            Some(account) if account.only("Id")?.is_some() => Self::read(account).map(Some),
            _ => Ok(None),
        }
    }

    pub(crate) fn write_id(&self, writer: &mut Writer) {
        writer.element("Id", |writer| match self {
            Self::Iban(iban) => writer.leaf("IBAN", iban.as_str()),
            Self::Other(number) => writer.element("Othr", |writer| writer.leaf("Id", number.as_str())),
        });
    }
}
