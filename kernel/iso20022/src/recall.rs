//! Payments that are called back, camt.056, and what is answered to that, camt.029. Neither moves money.

use time::Date;

use crate::error::{InvalidValue, ReadError};
use crate::parties::Agent;
use crate::references::{Original, Reason};
use crate::values::{Amount, Moment, Text};
use crate::xml::{Element, Writer};

/// Who asks whom, `Assgnmt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// What the message is called.
    pub id: Text<35>,
    /// The bank that sends it.
    pub assigner: Agent,
    /// The bank that gets it.
    pub assignee: Agent,
    /// When it was made.
    pub created: Moment,
}

impl Assignment {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let element = element.need("Assgnmt")?;
        Ok(Self {
            id: element.needed_text("Id")?,
            assigner: Agent::read_within(element, ["Assgnr", "Agt"])?,
            assignee: Agent::read_within(element, ["Assgne", "Agt"])?,
            created: element.needed_moment("CreDtTm")?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.element("Assgnmt", |writer| {
            writer.leaf("Id", self.id.as_str());
            self.assigner.write_within(["Assgnr", "Agt"], writer);
            self.assignee.write_within(["Assgne", "Agt"], writer);
            writer.moment("CreDtTm", Some(self.created));
        });
    }
}

/// `FIToFIPmtCxlReq`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancellationRequest {
    /// Who asks whom.
    pub assignment: Assignment,
    /// The payments that are called back.
    pub transfers: Vec<UnderlyingTransfer>,
}

/// A payment that is called back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderlyingTransfer {
    /// What the recall is called.
    pub id: Option<Text<35>>,
    /// Which payment.
    pub original: Original,
    /// What it was for.
    pub amount: Option<Amount>,
    /// When it settled.
    pub settlement_date: Option<Date>,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl CancellationRequest {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        if element.all("Undrlyg").next().is_none() {
            return Err(ReadError::Missing { element: "Undrlyg" });
        }
        let transfers = element.all("Undrlyg").flat_map(|underlying| underlying.all("TxInf"));
        let read = |transfer: Element<'_>| {
            Ok(UnderlyingTransfer {
                id: transfer.text("CxlId")?,
                original: Original::read(transfer)?,
                amount: transfer.amount("OrgnlIntrBkSttlmAmt")?,
                settlement_date: transfer.date("OrgnlIntrBkSttlmDt")?,
                reasons: Reason::read_all(transfer, "CxlRsnInf")?,
            })
        };
        Ok(Self { assignment: Assignment::read(element)?, transfers: transfers.map(read).collect::<Result<_, _>>()? })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("FIToFIPmtCxlReq", |writer| {
            self.assignment.write(writer);
            writer.element("Undrlyg", |writer| {
                for transfer in &self.transfers {
                    writer.element("TxInf", |writer| {
                        writer.text("CxlId", transfer.id.as_ref());
                        transfer.original.write(writer);
                        writer.amount("OrgnlIntrBkSttlmAmt", transfer.amount);
                        writer.date("OrgnlIntrBkSttlmDt", transfer.settlement_date);
                        Reason::write_all(&transfer.reasons, "CxlRsnInf", writer);
                    });
                }
            });
        });
    }
}

/// `RsltnOfInvstgtn`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Who answers whom.
    pub assignment: Assignment,
    /// What is answered.
    pub status: ResolutionStatus,
    /// The payments that it is about.
    pub transfers: Vec<ResolvedTransfer>,
}

/// What is answered to a recall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolutionStatus {
    /// A code such as `IPAY` or `RJCR`.
    Confirmed(Text<4>),
    /// Whether the question itself was withdrawn.
    Withdrawn(bool),
}

/// A payment that somebody wanted back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedTransfer {
    /// What this answer about it is called.
    pub id: Option<Text<35>>,
    /// Which payment.
    pub original: Original,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Resolution {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let status = element.need("Sts")?;
        let status = match (status.text("Conf")?, status.truth("AssgnmtCxlConf")?) {
            (Some(code), None) => ResolutionStatus::Confirmed(code),
            (None, Some(withdrawn)) => ResolutionStatus::Withdrawn(withdrawn),
            _ => {
                let why = InvalidValue::Pattern("a confirmation, or that the question was withdrawn");
                return Err(ReadError::Invalid { element: "Sts", why });
            }
        };
        let details = element.all("CxlDtls").flat_map(|details| details.all("TxInfAndSts"));
        let transfers = details.map(ResolvedTransfer::read).collect::<Result<_, _>>()?;
        Ok(Self { assignment: Assignment::read(element)?, status, transfers })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("RsltnOfInvstgtn", |writer| {
            self.assignment.write(writer);
            writer.element("Sts", |writer| match &self.status {
                ResolutionStatus::Confirmed(code) => writer.leaf("Conf", code.as_str()),
                ResolutionStatus::Withdrawn(withdrawn) => writer.leaf("AssgnmtCxlConf", &withdrawn.to_string()),
            });
            if !self.transfers.is_empty() {
                writer.element("CxlDtls", |writer| {
                    for transfer in &self.transfers {
                        writer.element("TxInfAndSts", |writer| transfer.write(writer));
                    }
                });
            }
        });
    }
}

impl ResolvedTransfer {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            id: element.text("CxlStsId")?,
            original: Original::read(element)?,
            reasons: Reason::read_all(element, "CxlStsRsnInf")?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.text("CxlStsId", self.id.as_ref());
        self.original.write(writer);
        Reason::write_all(&self.reasons, "CxlStsRsnInf", writer);
    }
}
