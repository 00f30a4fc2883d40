//! Messages about messages: that one was refused (admi.002), that one arrived (admi.007), that something happened (admi.004).

use crate::error::ReadError;
use crate::values::{Moment, Text};
use crate::xml::{Element, Writer};

/// `admi.002.001.01`: a message that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The message that was refused.
    pub reference: Text<35>,
    /// Such as `FF02`.
    pub reason: Text<35>,
    /// When.
    pub rejected: Option<Moment>,
    /// Where in it.
    pub location: Option<Text<350>>,
    /// What was wrong.
    pub description: Option<Text<350>>,
}

impl Rejection {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let reason = element.need("Rsn")?;
        Ok(Self {
            reference: element.need("RltdRef")?.needed_text("Ref")?,
            reason: reason.needed_text("RjctgPtyRsn")?,
            rejected: reason.moment("RjctnDtTm")?,
            location: reason.words("ErrLctn")?,
            description: reason.words("RsnDesc")?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("admi.002.001.01", |writer| {
            writer.element("RltdRef", |writer| writer.leaf("Ref", self.reference.as_str()));
            writer.element("Rsn", |writer| {
                writer.leaf("RjctgPtyRsn", self.reason.as_str());
                writer.moment("RjctnDtTm", self.rejected);
                writer.text("ErrLctn", self.location.as_ref());
                writer.text("RsnDesc", self.description.as_ref());
            });
        });
    }
}

/// `RctAck`: a message that was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// What this message is called.
    pub id: Text<35>,
    /// When it was made.
    pub created: Option<Moment>,
    /// The message that was taken over.
    pub reference: Text<35>,
    /// What kind of message it is.
    pub definition: Option<Text<35>>,
    /// How it was dealt with, such as `TS01`.
    pub status: Text<4>,
}

impl Acknowledgement {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let header = element.need("MsgId")?;
        let report = element.need("Rpt")?;
        let related = report.need("RltdRef")?;
        Ok(Self {
            id: header.needed_text("MsgId")?,
            created: header.moment("CreDtTm")?,
            reference: related.needed_text("Ref")?,
            definition: related.text("MsgNm")?,
            status: report.need("ReqHdlg")?.needed_text("StsCd")?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("RctAck", |writer| {
            writer.element("MsgId", |writer| {
                writer.leaf("MsgId", self.id.as_str());
                writer.moment("CreDtTm", self.created);
            });
            writer.element("Rpt", |writer| {
                writer.element("RltdRef", |writer| {
                    writer.leaf("Ref", self.reference.as_str());
                    writer.text("MsgNm", self.definition.as_ref());
                });
                writer.element("ReqHdlg", |writer| writer.leaf("StsCd", self.status.as_str()));
            });
        });
    }
}

/// `SysEvtNtfctn`: such as a sign of life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemEvent {
    /// Such as `PING`.
    pub code: Text<4>,
    /// What belongs to it.
    pub parameters: Vec<Text<35>>,
    /// When.
    pub at: Option<Moment>,
}

impl SystemEvent {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let event = element.need("EvtInf")?;
        Ok(Self {
            code: event.needed_text("EvtCd")?,
            parameters: event.all_words("EvtParam")?,
            at: event.moment("EvtTm")?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("SysEvtNtfctn", |writer| {
            writer.element("EvtInf", |writer| {
                writer.leaf("EvtCd", self.code.as_str());
                for parameter in &self.parameters {
                    writer.leaf("EvtParam", parameter.as_str());
                }
                writer.moment("EvtTm", self.at);
            });
        });
    }
}
