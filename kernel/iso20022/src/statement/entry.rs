//! What was booked on an account, and which payments it was for.

use crate::error::ReadError;
use crate::references::{Reason, TransferIds, Uetr};
use crate::values::{Amount, Choice, Text};
use crate::xml::{Element, Writer};

use super::{CreditDebit, When};

/// A booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is called in the statement.
    pub reference: Option<Text<35>>,
    /// How much.
    pub amount: Amount,
    /// Which way.
    pub side: CreditDebit,
    /// Such as `BOOK`.
    pub status: Choice<4>,
    /// When it was booked.
    pub booked: Option<When>,
    /// From when it counts.
    pub value: Option<When>,
    /// What the bank calls it.
    pub servicer_reference: Option<Text<35>>,
    /// What it is for.
    pub code: Option<TransactionCode>,
    /// The payments in it.
    pub details: Vec<EntryDetail>,
}

/// Domain, family and subfamily of what something is for, such as PMNT, ICDT, ESCT.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransactionCode {
    /// Such as `PMNT`.
    pub domain: Text<4>,
    /// Such as `ICDT`.
    pub family: Text<4>,
    /// Such as `ESCT`.
    pub subfamily: Text<4>,
}

/// A payment in a booking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryDetail {
    /// The message it came with.
    pub message: Option<Text<35>>,
    /// What the bank calls it.
    pub servicer_reference: Option<Text<35>>,
    /// What it is called.
    pub ids: TransferIds,
    /// How much.
    pub amount: Option<Amount>,
    /// Which way.
    pub side: Option<CreditDebit>,
    /// Words of the payer.
    pub remittance: Vec<Text<140>>,
    /// Why it came back, if that is what it is.
    pub returned: Option<Reason>,
}

impl Entry {
    pub(super) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let missing = |element| ReadError::Missing { element };
        let details = element.all("NtryDtls").flat_map(|details| details.all("TxDtls"));
        let code = element.need("BkTxCd")?.only("Domn")?;
        Ok(Self {
            reference: element.text("NtryRef")?,
            amount: element.needed_amount("Amt")?,
            side: CreditDebit::read(element)?.ok_or(missing("CdtDbtInd"))?,
            status: element.choice("Sts")?.ok_or(missing("Sts"))?,
            booked: When::read(element, "BookgDt")?,
            value: When::read(element, "ValDt")?,
            servicer_reference: element.text("AcctSvcrRef")?,
            code: code.map(TransactionCode::read).transpose()?,
            details: details.map(EntryDetail::read).collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.element("Ntry", |writer| {
            writer.text("NtryRef", self.reference.as_ref());
            writer.amount("Amt", Some(self.amount));
            self.side.write(writer);
            writer.choice("Sts", Some(&self.status));
            if let Some(booked) = self.booked {
                booked.write("BookgDt", writer);
            }
            if let Some(value) = self.value {
                value.write("ValDt", writer);
            }
            writer.text("AcctSvcrRef", self.servicer_reference.as_ref());
            writer.element("BkTxCd", |writer| {
                if let Some(code) = &self.code {
                    code.write(writer);
                }
            });
            if !self.details.is_empty() {
                writer.element("NtryDtls", |writer| {
                    for detail in &self.details {
                        detail.write(writer);
                    }
                });
            }
        });
    }
}

impl TransactionCode {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let family = element.need("Fmly")?;
        Ok(Self {
            domain: element.needed_text("Cd")?,
            family: family.needed_text("Cd")?,
            subfamily: family.needed_text("SubFmlyCd")?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.element("Domn", |writer| {
            writer.leaf("Cd", self.domain.as_str());
            writer.element("Fmly", |writer| {
                writer.leaf("Cd", self.family.as_str());
                writer.leaf("SubFmlyCd", self.subfamily.as_str());
            });
        });
    }
}

impl EntryDetail {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let mut detail = Self {
            amount: element.amount("Amt")?,
            side: CreditDebit::read(element)?,
            remittance: element.only("RmtInf")?.map_or(Ok(Vec::new()), |words| words.all_words("Ustrd"))?,
            ..Self::default()
        };
        if let Some(references) = element.only("Refs")? {
            detail.message = references.text("MsgId")?;
            detail.servicer_reference = references.text("AcctSvcrRef")?;
            detail.ids = TransferIds {
                instruction: references.text("InstrId")?,
                end_to_end: references.text("EndToEndId")?,
                transaction: references.text("TxId")?,
                uetr: references.value("UETR", Uetr::parse)?,
            };
        }
        detail.returned = Reason::read_all(element, "RtrInf")?.into_iter().next();
        Ok(detail)
    }

    fn write(&self, writer: &mut Writer) {
        writer.element("TxDtls", |writer| {
            writer.element("Refs", |writer| {
                writer.text("MsgId", self.message.as_ref());
                writer.text("AcctSvcrRef", self.servicer_reference.as_ref());
                writer.text("InstrId", self.ids.instruction.as_ref());
                writer.text("EndToEndId", self.ids.end_to_end.as_ref());
                self.ids.write_uetr("UETR", writer);
                writer.text("TxId", self.ids.transaction.as_ref());
            });
            writer.amount("Amt", self.amount);
            if let Some(side) = self.side {
                side.write(writer);
            }
            if !self.remittance.is_empty() {
                writer.element("RmtInf", |writer| {
                    for words in &self.remittance {
                        writer.leaf("Ustrd", words.as_str());
                    }
                });
            }
            if let Some(reason) = &self.returned {
                Reason::write_all(std::slice::from_ref(reason), "RtrInf", writer);
            }
        });
    }
}
