//! Payments that come back, pacs.004: money of their own, for the whole of a payment or for a part.

use time::Date;

use crate::error::ReadError;
use crate::group::Group;
use crate::parties::Agent;
use crate::references::{Original, Reason};
use crate::status::write_agents;
use crate::transfer::{Settlement, check_count, check_total, write_count};
use crate::values::{Amount, Text};
use crate::xml::{Element, Writer};

/// `PmtRtr`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentReturn {
    /// The message itself.
    pub group: Group,
    /// What all of it adds up to, where that is said. It was compared when it was read.
    pub total: Option<Amount>,
    /// How it settles.
    pub settlement: Settlement,
    /// What comes back.
    pub transfers: Vec<ReturnedTransfer>,
}

/// A payment that comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnedTransfer {
    /// What the return is called.
    pub id: Option<Text<35>>,
    /// Which payment.
    pub original: Original,
    /// What it was for.
    pub original_amount: Option<Amount>,
    /// What comes back of it.
    pub amount: Amount,
    /// The day on which it settles.
    pub settlement_date: Option<Date>,
    /// The bank that sends it back.
    pub instructing: Option<Agent>,
    /// The bank that gets it back.
    pub instructed: Option<Agent>,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl PaymentReturn {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let group = element.need("GrpHdr")?;
        let transfers = element.all("TxInf").map(ReturnedTransfer::read).collect::<Result<Vec<_>, _>>()?;
        check_count(group, transfers.len())?;
        let total = group.amount("TtlRtrdIntrBkSttlmAmt")?;
        check_total("TtlRtrdIntrBkSttlmAmt", total, transfers.iter().map(|transfer| transfer.amount))?;
        Ok(Self { group: Group::read(group)?, total, settlement: Settlement::read(group)?, transfers })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("PmtRtr", |writer| {
            writer.element("GrpHdr", |writer| {
                self.group.write(writer);
                write_count(self.transfers.len(), writer);
                writer.amount("TtlRtrdIntrBkSttlmAmt", self.total);
                self.settlement.write(writer);
            });
            for transfer in &self.transfers {
                writer.element("TxInf", |writer| transfer.write(writer));
            }
        });
    }
}

impl ReturnedTransfer {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            id: element.text("RtrId")?,
            original: Original::read(element)?,
            original_amount: element.amount("OrgnlIntrBkSttlmAmt")?,
            amount: element.needed_amount("RtrdIntrBkSttlmAmt")?,
            settlement_date: element.date("IntrBkSttlmDt")?,
            instructing: Agent::read_child(element, "InstgAgt")?,
            instructed: Agent::read_child(element, "InstdAgt")?,
            reasons: Reason::read_all(element, "RtrRsnInf")?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.text("RtrId", self.id.as_ref());
        self.original.write(writer);
        writer.amount("OrgnlIntrBkSttlmAmt", self.original_amount);
        writer.amount("RtrdIntrBkSttlmAmt", Some(self.amount));
        writer.date("IntrBkSttlmDt", self.settlement_date);
        write_agents(self.instructing.as_ref(), self.instructed.as_ref(), writer);
        Reason::write_all(&self.reasons, "RtrRsnInf", writer);
    }
}
