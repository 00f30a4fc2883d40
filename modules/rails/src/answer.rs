//! What a message says about payments, as events. Which payment it is about is found by whoever keeps them.

use iso20022::{Document, GroupStatus, Original, PaymentReturn, Reason as Stated, Resolution, ResolutionStatus};
use iso20022::{StatusReport, Text, TransferIds, TransferStatus};

use crate::event::{Acceptance, Accepted, Acknowledgement, Event, Return};
use crate::phase::Recall;
use crate::reason::{Reason, from_ach};

/// Something that a message says about a payment, or about all payments of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The message in which the payment was sent. One that has been dropped since is not meant any more.
    pub message: Option<Text<35>>,
    /// What the payment is called; nothing when all of the message are meant.
    pub ids: TransferIds,
    /// What happened to it.
    pub event: Event,
}

/// Whether a message is an answer to a question of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It came by itself.
    No,
    /// It answers an enquiry: that nothing is new is an answer, too.
    Yes,
}

/// No reason was given.
const NONE_GIVEN: &str = "MS03";
const NOT_FOUND: &str = "AG09";

/// What a message says about payments that left. What it says in words that are not known is left out, and nothing is made
/// of it. Of a return it is for the caller to say whether the account takes it.
pub fn answers(document: &Document, asked: Asked) -> Vec<Answer> {
    match document {
        Document::StatusReport(report) => of_report(report, asked),
        Document::PaymentReturn(document) => of_return(document),
        Document::Resolution(resolution) => of_resolution(resolution),
        Document::Rejection(rejection) => vec![of_message(&rejection.reference, Event::NotUnderstood)],
        Document::Acknowledgement(acknowledgement) => {
            vec![of_message(&acknowledgement.reference, Event::TakenOver(Acknowledgement::Delivered))]
        }
        Document::CreditTransfer(_)
        | Document::StatusRequest(_)
        | Document::CancellationRequest(_)
        | Document::Report(_)
        | Document::SystemEvent(_)
        | Document::Other(_) => Vec::new(),
    }
}

fn of_message(message: &Text<35>, event: Event) -> Answer {
    Answer { message: Some(message.clone()), ids: TransferIds::default(), event }
}

fn of_original(original: &Original, event: Event) -> Answer {
    let message = original.message.as_ref().map(|message| message.id.clone());
    Answer { message, ids: original.ids.clone(), event }
}

fn of_report(report: &StatusReport, asked: Asked) -> Vec<Answer> {
    let groups = report.groups.iter().filter_map(|group| of_group(group, asked));
    let transfers = report.transfers.iter().filter_map(|transfer| of_transfer(transfer, asked));
    groups.chain(transfers).collect()
}

fn of_group(group: &GroupStatus, asked: Asked) -> Option<Answer> {
    let status = group.status.as_ref()?;
    Some(of_message(&group.original.id, event_of(status.as_str(), &group.reasons, asked)?))
}

fn of_transfer(transfer: &TransferStatus, asked: Asked) -> Option<Answer> {
    let event = event_of(transfer.status.as_ref()?.as_str(), &transfer.reasons, asked)?;
    let event = match event {
        Event::Accepted(acceptance) => {
            Event::Accepted(Acceptance { amount: transfer.amount.map(iso20022::Amount::money), ..acceptance })
        }
        event => event,
    };
    Some(of_original(&transfer.original, event))
}

/// What a status means.
fn event_of(status: &str, reasons: &[Stated], asked: Asked) -> Option<Event> {
    let accepted = |how| Some(Event::Accepted(Acceptance { how, amount: None }));
    match (status, asked) {
        ("ACSC", _) => accepted(Accepted::Settled),
        ("ACCC", _) => accepted(Accepted::Credited),
        ("ACWP", _) => accepted(Accepted::WithoutPosting),
        ("BLCK", _) => Some(Event::Blocked),
        ("RJCT", _) => {
            let reason = reason_of(reasons);
            Some(if reason.code == NOT_FOUND { Event::NotFound } else { Event::Rejected(reason) })
        }
        ("ACTC" | "PDNG", Asked::Yes) => Some(Event::NotResolved),
        ("ACTC", Asked::No) => Some(Event::TakenOver(Acknowledgement::InOrder)),
        ("PDNG", Asked::No) => Some(Event::Pending),
        _ => None,
    }
}

/// The first reason that has a code. Codes of the ACH are read as those of ISO 20022; others stay as they came.
fn reason_of(reasons: &[Stated]) -> Reason {
    let words = reasons.iter().find_map(|reason| reason.words.first()).map_or("", Text::as_str);
    let code = reasons.iter().find_map(|reason| reason.code.as_ref()).map_or(NONE_GIVEN, |code| code.as_str());
    Reason::with_words(from_ach(code).unwrap_or(code), words)
}

fn of_return(document: &PaymentReturn) -> Vec<Answer> {
    let answer = |transfer: &iso20022::ReturnedTransfer| {
        let reason = reason_of(&transfer.reasons);
        let returned = Return { amount: transfer.amount.money(), reason, account_takes_it: true };
        of_original(&transfer.original, Event::Returned(returned))
    };
    document.transfers.iter().map(answer).collect()
}

fn of_resolution(resolution: &Resolution) -> Vec<Answer> {
    let ResolutionStatus::Confirmed(code) = &resolution.status else { return Vec::new() };
    let recall = match code.as_str() {
        "IPAY" => Recall::Accepted,
        "PECR" => Recall::Partly,
        "RJCR" => Recall::Refused,
        "PDCR" => Recall::Pending,
        _ => return Vec::new(),
    };
    let answer = |transfer: &iso20022::ResolvedTransfer| of_original(&transfer.original, Event::RecallAnswered(recall));
    resolution.transfers.iter().map(answer).collect()
}
