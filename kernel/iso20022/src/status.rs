//! What became of payments, pacs.002, and the question for it, pacs.028.

use crate::error::ReadError;
use crate::group::Group;
use crate::parties::Agent;
use crate::references::{Original, OriginalMessage, Reason};
use crate::values::{Amount, Moment, Text};
use crate::xml::{Element, Writer};

/// `FIToFIPmtStsRpt`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// The message itself.
    pub group: Group,
    /// What became of whole messages.
    pub groups: Vec<GroupStatus>,
    /// What became of payments.
    pub transfers: Vec<TransferStatus>,
}

/// What became of a whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStatus {
    /// Which message.
    pub original: OriginalMessage,
    /// How many payments it had.
    pub count: Option<u64>,
    /// Such as `ACTC`.
    pub status: Option<Text<4>>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferStatus {
    /// What this report on it is called.
    pub id: Option<Text<35>>,
    /// Which payment.
    pub original: Original,
    /// Such as `ACSC`, as it came.
    pub status: Option<Text<4>>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// When it was accepted.
    pub accepted: Option<Moment>,
    /// The bank that sent the report.
    pub instructing: Option<Agent>,
    /// The bank that gets it.
    pub instructed: Option<Agent>,
    /// The amount, where the report repeats it.
    pub amount: Option<Amount>,
}

impl StatusReport {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            group: Group::read(element.need("GrpHdr")?)?,
            groups: element.all("OrgnlGrpInfAndSts").map(GroupStatus::read).collect::<Result<_, _>>()?,
            transfers: element.all("TxInfAndSts").map(TransferStatus::read).collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("FIToFIPmtStsRpt", |writer| {
            writer.element("GrpHdr", |writer| self.group.write(writer));
            for group in &self.groups {
                writer.element("OrgnlGrpInfAndSts", |writer| {
                    group.original.write(writer);
                    if let Some(count) = group.count {
                        writer.number("OrgnlNbOfTxs", count);
                    }
                    writer.text("GrpSts", group.status.as_ref());
                    Reason::write_all(&group.reasons, "StsRsnInf", writer);
                });
            }
            for transfer in &self.transfers {
                writer.element("TxInfAndSts", |writer| transfer.write(writer));
            }
        });
    }
}

impl GroupStatus {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            original: OriginalMessage::read(element)?,
            count: element.number("OrgnlNbOfTxs")?,
            status: element.text("GrpSts")?,
            reasons: Reason::read_all(element, "StsRsnInf")?,
        })
    }
}

impl TransferStatus {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            id: element.text("StsId")?,
            original: Original::read(element)?,
            status: element.text("TxSts")?,
            reasons: Reason::read_all(element, "StsRsnInf")?,
            accepted: element.moment("AccptncDtTm")?,
            instructing: Agent::read_child(element, "InstgAgt")?,
            instructed: Agent::read_child(element, "InstdAgt")?,
            amount: Original::read_repeated_amount(element)?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.text("StsId", self.id.as_ref());
        self.original.write(writer);
        writer.text("TxSts", self.status.as_ref());
        Reason::write_all(&self.reasons, "StsRsnInf", writer);
        writer.moment("AccptncDtTm", self.accepted);
        write_agents(self.instructing.as_ref(), self.instructed.as_ref(), writer);
        Original::write_repeated_amount(self.amount, writer);
    }
}

pub(crate) fn write_agents(instructing: Option<&Agent>, instructed: Option<&Agent>, writer: &mut Writer) {
    if let Some(agent) = instructing {
        agent.write("InstgAgt", writer);
    }
    if let Some(agent) = instructed {
        agent.write("InstdAgt", writer);
    }
}

/// `FIToFIPmtStsReq`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRequest {
    /// The message itself.
    pub group: Group,
    /// The payments that are asked for.
    pub transfers: Vec<TransferEnquiry>,
}

/// A payment that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferEnquiry {
    /// What the question is called.
    pub id: Option<Text<35>>,
    /// Which payment.
    pub original: Original,
    /// The bank that asks.
    pub instructing: Option<Agent>,
    /// The bank that is asked.
    pub instructed: Option<Agent>,
}

impl StatusRequest {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let read = |element: Element<'_>| {
            Ok(TransferEnquiry {
                id: element.text("StsReqId")?,
                original: Original::read(element)?,
                instructing: Agent::read_child(element, "InstgAgt")?,
                instructed: Agent::read_child(element, "InstdAgt")?,
            })
        };
        let transfers = element.all("TxInf").map(read).collect::<Result<_, _>>()?;
        Ok(Self { group: Group::read(element.need("GrpHdr")?)?, transfers })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("FIToFIPmtStsReq", |writer| {
            writer.element("GrpHdr", |writer| self.group.write(writer));
            for transfer in &self.transfers {
                writer.element("TxInf", |writer| {
                    writer.text("StsReqId", transfer.id.as_ref());
                    transfer.original.write(writer);
                    write_agents(transfer.instructing.as_ref(), transfer.instructed.as_ref(), writer);
                });
            }
        });
    }
}
