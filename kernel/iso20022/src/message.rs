//! A message as it travels: an envelope, a header that says from whom to whom, and a document.

use crate::admin::{Acknowledgement, Rejection, SystemEvent};
use crate::error::ReadError;
use crate::parties::Agent;
use crate::payment_return::PaymentReturn;
use crate::recall::{CancellationRequest, Resolution};
use crate::statement::Report;
use crate::status::{StatusReport, StatusRequest};
use crate::transfer::CreditTransfer;
use crate::values::{Moment, Text};
use crate::xml::{Element, Limits, Tree, Writer};

const SPACE: &str = "urn:iso:std:iso:20022:tech:xsd:";
const ENVELOPE: &str = "urn:florin:rail:1";
const HEADER: &str = "head.001.001.02";
const HEADERS: [&str; 3] = ["head.001.001.01", HEADER, "head.001.001.03"];
/// Elements around header and document, at most.
const ENVELOPE_DEPTH: usize = 8;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What header and document stood in.
    pub envelope: Envelope,
    /// From whom to whom; a document of its own has none.
    pub header: Option<Header>,
    /// What it says.
    pub document: Document,
}

/// What header and document stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Florin's own, `RailMessage` of `urn:florin:rail:1`: what a rail of Florin's has to send.
    Rail,
    /// Somebody else's. It is looked through and not understood; it is written as Florin's own.
    Foreign,
    /// There is none.
    Bare,
}

/// From whom to whom, `AppHdr`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Who sends it.
    pub from: Agent,
    /// Who gets it.
    pub to: Agent,
    /// What the message is called, for ever.
    pub id: Text<35>,
    /// Over which service.
    pub service: Option<Text<35>>,
    /// When it was made: deadlines count from here.
    pub created: Moment,
    /// Whether it may be there twice.
    pub possible_duplicate: bool,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// pacs.008
    CreditTransfer(CreditTransfer),
    /// pacs.002
    StatusReport(StatusReport),
    /// pacs.004
    PaymentReturn(PaymentReturn),
    /// pacs.028
    StatusRequest(StatusRequest),
    /// camt.056
    CancellationRequest(CancellationRequest),
    /// camt.029
    Resolution(Resolution),
    /// camt.053 and camt.054
    Report(Report),
    /// admi.002
    Rejection(Rejection),
    /// admi.007
    Acknowledgement(Acknowledgement),
    /// admi.004
    SystemEvent(SystemEvent),
    /// A message of a kind that nothing is known about but its name.
    Other(Text<35>),
}

impl Message {
    /// Reads a message, with bounded work and memory.
    ///
    /// An envelope is any elements around one `Document` and at most one `AppHdr` beside it. Two documents are refused,
    /// and a header that names another kind of message than the one beside it.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(bytes: &[u8], limits: Limits) -> Result<Self, ReadError> {
        let tree = Tree::read(bytes, limits)?;
        let root = tree.root();
        let (holder, document) = find(root)?;
        let (definition, document) = read_document(document)?;
        let Some(holder) = holder else { return Ok(Self { envelope: Envelope::Bare, header: None, document }) };
        let is_ours = holder.name() == root.name() && root.space() == ENVELOPE && root.name() == "RailMessage";
        let envelope = if is_ours { Envelope::Rail } else { Envelope::Foreign };
        let mut headers = holder.children().filter(|child| is_header(*child));
        let header = headers.next().map(|header| Header::read(header, definition)).transpose()?;
        if headers.next().is_some() {
            return Err(ReadError::Repeated { element: "AppHdr" });
        }
        Ok(Self { envelope, header, document })
    }

    /// Writes it: with its header in Florin's own envelope, without one as a document of its own.
    pub fn write(&self) -> String {
        let mut writer = Writer::new();
        match (&self.header, self.envelope) {
            (None, Envelope::Bare) => self.document.write(&mut writer),
            (header, _) => writer.spaced("RailMessage", [ENVELOPE, ""], |writer| {
                if let Some(header) = header {
                    header.write(self.document.definition(), writer);
                }
                self.document.write(writer);
            }),
        }
        writer.into_text()
    }
}

fn is_header(element: Element<'_>) -> bool {
    element.name() == "AppHdr" && element.space().strip_prefix(SPACE).is_some_and(|kind| HEADERS.contains(&kind))
}

/// The only document, and the element that it and its header stand in. What is in a document is not looked at for another.
fn find(root: Element<'_>) -> Result<(Option<Element<'_>>, Element<'_>), ReadError> {
    let mut found = None;
    let mut waiting = vec![(None, root, 0)];
    while let Some((holder, element, depth)) = waiting.pop() {
        if element.name() == "Document" {
            if found.replace((holder, element)).is_some() {
                return Err(ReadError::Repeated { element: "Document" });
            }
        } else if element.name() != "AppHdr" && depth < ENVELOPE_DEPTH {
            waiting.extend(element.children().map(|child| (Some(element), child, depth + 1)));
        }
    }
    found.ok_or(ReadError::NoMessage("there is no document in it"))
}

/// The document with the name of its kind: what its namespace ends with.
fn read_document(document: Element<'_>) -> Result<(&str, Document), ReadError> {
    let space = document.space();
    let definition = space.rsplit(':').next().unwrap_or_default();
    let kind = Kind::of(definition);
    if kind.is_some() && space.strip_prefix(SPACE) != Some(definition) {
        return Err(ReadError::NoMessage("the document is called like one of the standard's and is none of them"));
    }
    let Some(kind) = kind else {
        let is_name = definition.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        let name = Text::new(definition).ok().filter(|_| is_name);
        let name = name.ok_or(ReadError::NoMessage("the document does not say what it is"))?;
        return Ok((definition, Document::Other(name)));
    };
    let content = document.need(kind.root())?;
    let document = match kind {
        Kind::CreditTransfer => Document::CreditTransfer(CreditTransfer::read(content)?),
        Kind::StatusReport => Document::StatusReport(StatusReport::read(content)?),
        Kind::PaymentReturn => Document::PaymentReturn(PaymentReturn::read(content)?),
        Kind::StatusRequest => Document::StatusRequest(StatusRequest::read(content)?),
        Kind::CancellationRequest => Document::CancellationRequest(CancellationRequest::read(content)?),
        Kind::Resolution => Document::Resolution(Resolution::read(content)?),
        Kind::Statement | Kind::Notification => Document::Report(Report::read(content)?),
        Kind::Rejection => Document::Rejection(Rejection::read(content)?),
        Kind::Acknowledgement => Document::Acknowledgement(Acknowledgement::read(content)?),
        Kind::SystemEvent => Document::SystemEvent(SystemEvent::read(content)?),
    };
    Ok((definition, document))
}

#[derive(Clone, Copy)]
enum Kind {
    CreditTransfer,
    StatusReport,
    PaymentReturn,
    StatusRequest,
    CancellationRequest,
    Resolution,
    Statement,
    Notification,
    Rejection,
    Acknowledgement,
    SystemEvent,
}

impl Kind {
    /// Versions whose elements mean the same in all that is read here.
    fn of(definition: &str) -> Option<Self> {
        Some(match definition {
            "pacs.008.001.08" | "pacs.008.001.10" | "pacs.008.001.12" => Self::CreditTransfer,
            "pacs.002.001.10" | "pacs.002.001.12" => Self::StatusReport,
            "pacs.004.001.09" | "pacs.004.001.10" => Self::PaymentReturn,
            "pacs.028.001.03" => Self::StatusRequest,
            "camt.056.001.08" => Self::CancellationRequest,
            "camt.029.001.09" => Self::Resolution,
            "camt.053.001.08" => Self::Statement,
            "camt.054.001.08" => Self::Notification,
            "admi.002.001.01" => Self::Rejection,
            "admi.007.001.01" => Self::Acknowledgement,
            "admi.004.001.02" => Self::SystemEvent,
            _ => return None,
        })
    }

    fn root(self) -> &'static str {
        match self {
            Self::CreditTransfer => "FIToFICstmrCdtTrf",
            Self::StatusReport => "FIToFIPmtStsRpt",
            Self::PaymentReturn => "PmtRtr",
            Self::StatusRequest => "FIToFIPmtStsReq",
            Self::CancellationRequest => "FIToFIPmtCxlReq",
            Self::Resolution => "RsltnOfInvstgtn",
            Self::Statement => "BkToCstmrStmt",
            Self::Notification => "BkToCstmrDbtCdtNtfctn",
            Self::Rejection => "admi.002.001.01",
            Self::Acknowledgement => "RctAck",
            Self::SystemEvent => "SysEvtNtfctn",
        }
    }
}

impl Document {
    /// The name and version of its kind, such as `pacs.008.001.08`: what it is written as.
    pub fn definition(&self) -> &str {
        match self {
            Self::CreditTransfer(_) => "pacs.008.001.08",
            Self::StatusReport(_) => "pacs.002.001.10",
            Self::PaymentReturn(_) => "pacs.004.001.10",
            Self::StatusRequest(_) => "pacs.028.001.03",
            Self::CancellationRequest(_) => "camt.056.001.08",
            Self::Resolution(_) => "camt.029.001.09",
            Self::Report(report) => report.kind.definition(),
            Self::Rejection(_) => "admi.002.001.01",
            Self::Acknowledgement(_) => "admi.007.001.01",
            Self::SystemEvent(_) => "admi.004.001.02",
            Self::Other(name) => name.as_str(),
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.spaced("Document", [SPACE, self.definition()], |writer| match self {
            Self::CreditTransfer(document) => document.write(writer),
            Self::StatusReport(document) => document.write(writer),
            Self::PaymentReturn(document) => document.write(writer),
            Self::StatusRequest(document) => document.write(writer),
            Self::CancellationRequest(document) => document.write(writer),
            Self::Resolution(document) => document.write(writer),
            Self::Report(document) => document.write(writer),
            Self::Rejection(document) => document.write(writer),
            Self::Acknowledgement(document) => document.write(writer),
            Self::SystemEvent(document) => document.write(writer),
            Self::Other(_) => {}
        });
    }
}

impl Header {
    fn read(element: Element<'_>, definition: &str) -> Result<Self, ReadError> {
        if element.needed_text::<35>("MsgDefIdr")?.as_str() != definition {
            return Err(ReadError::Contradicts { element: "MsgDefIdr" });
        }
        Ok(Self {
            from: Agent::read_within(element, ["Fr", "FIId"])?,
            to: Agent::read_within(element, ["To", "FIId"])?,
            id: element.needed_text("BizMsgIdr")?,
            service: element.text("BizSvc")?,
            created: element.needed_moment("CreDt")?,
            possible_duplicate: element.truth("PssblDplct")?.unwrap_or(false),
        })
    }

    fn write(&self, definition: &str, writer: &mut Writer) {
        writer.spaced("AppHdr", [SPACE, HEADER], |writer| {
            self.from.write_within(["Fr", "FIId"], writer);
            self.to.write_within(["To", "FIId"], writer);
            writer.leaf("BizMsgIdr", self.id.as_str());
            writer.leaf("MsgDefIdr", definition);
            writer.text("BizSvc", self.service.as_ref());
            writer.moment("CreDt", Some(self.created));
            if self.possible_duplicate {
                writer.leaf("PssblDplct", "true");
            }
        });
    }
}
