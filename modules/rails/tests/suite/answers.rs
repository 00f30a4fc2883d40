//! Messages of rails as events, by the samples.

use iso20022::{Document, Limits, Message, Text};
use rails::*;

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../../kernel/iso20022/tests/samples/", $name, ".xml"))
    };
}

const SENT_IN: &str = "20261125990000000F0000000001";

fn document(text: &str) -> Document {
    Message::read(text.as_bytes(), Limits::MESSAGE).expect("a message").document
}

fn only(text: &str, asked: Asked) -> Answer {
    let mut answers = answers(&document(text), asked);
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.remove(0)
}

fn accepted(how: Accepted) -> Event {
    Event::Accepted(Acceptance { how, amount: None })
}

#[test]
fn statuses_are_events_of_the_payment_that_they_name() {
    for (text, event) in [
        (sample!("pacs.002-ACTC"), Event::TakenOver(Acknowledgement::InOrder)),
        (sample!("pacs.002-PDNG"), Event::Pending),
        (sample!("pacs.002-ACSC"), accepted(Accepted::Settled)),
        (sample!("pacs.002-ACCC"), accepted(Accepted::Credited)),
        (sample!("pacs.002-ACWP"), accepted(Accepted::WithoutPosting)),
        (sample!("pacs.002-BLCK"), Event::Blocked),
        (sample!("pacs.002-RJCT-AC03"), Event::Rejected(Reason::of("AC03"))),
        (sample!("pacs.002-RJCT-AC04"), Event::Rejected(Reason::of("AC04"))),
    ] {
        let answer = only(text, Asked::No);
        assert_eq!(answer.event, event);
        assert_eq!(answer.message.as_ref().map(Text::as_str), Some(SENT_IN));
        assert_eq!(answer.ids.transaction.as_ref().map(Text::as_str), Some("pay01JC7Z0S9Q6H2M4K8VN3T5R7W"));
        assert!(answer.ids.uetr.is_some());
    }
    for text in [sample!("pacs.002-RJCT-AM05"), sample!("pacs.002-RJCT-AB03")] {
        let Event::Rejected(reason) = only(text, Asked::No).event else { panic!("a rejection") };
        assert!(reason.words.is_some() && reason.known().is_some());
    }
}

#[test]
fn an_answer_to_a_question_may_be_that_nothing_is_new_or_that_nothing_is_known() {
    for text in [sample!("pacs.002-ACTC"), sample!("pacs.002-PDNG")] {
        assert_eq!(only(text, Asked::Yes).event, Event::NotResolved);
    }
    assert_eq!(only(sample!("pacs.002-ACSC"), Asked::Yes).event, accepted(Accepted::Settled));
    let not_found = sample!("pacs.002-RJCT-AC03").replace("AC03", "AG09");
    assert_eq!(only(&not_found, Asked::Yes).event, Event::NotFound);
}

#[test]
fn an_acceptance_brings_the_amount_that_it_repeats() {
    let repeated = "<OrgnlTxRef><IntrBkSttlmAmt Ccy=\"USD\">5.05</IntrBkSttlmAmt></OrgnlTxRef></TxInfAndSts>";
    let text = sample!("pacs.002-ACSC").replace("</TxInfAndSts>", repeated);
    let Event::Accepted(acceptance) = only(&text, Asked::No).event else { panic!("an acceptance") };
    assert_eq!(acceptance.amount.map(|money| money.to_string()), Some("5.05 USD".into()));
}

#[test]
fn a_status_of_a_group_is_about_all_of_its_message() {
    let answer = only(sample!("pacs.002-ach-group-ACTC"), Asked::No);
    assert_eq!(
        (answer.event, answer.ids),
        (Event::TakenOver(Acknowledgement::InOrder), iso20022::TransferIds::default())
    );
    assert_eq!(answer.message.as_ref().map(Text::as_str), Some(SENT_IN));
}

#[test]
fn returns_bring_money_and_a_reason() {
    let code = "<Cd>AC03</Cd>";
    for (text, expected) in [
        (sample!("pacs.004-AC03").to_owned(), "AC03"),
        (sample!("pacs.004-FOCR").to_owned(), "FOCR"),
        // Codes of the ACH, known and not.
        (sample!("pacs.004-AC03").replace(code, "<Prtry>R02</Prtry>"), "AC04"),
        (sample!("pacs.004-AC03").replace(code, "<Prtry>R99</Prtry>"), "R99"),
        (sample!("pacs.004-AC03").replace(&format!("<Rsn>{code}</Rsn>"), ""), "MS03"),
    ] {
        let Event::Returned(returned) = only(&text, Asked::No).event else { panic!("a return") };
        assert_eq!((returned.amount.to_string().as_str(), returned.reason.code.as_str()), ("75.25 USD", expected));
    }
}

#[test]
fn answers_to_recalls_and_messages_about_messages_are_events_too() {
    for (text, recall) in [
        (sample!("camt.029-IPAY").to_owned(), Recall::Accepted),
        (sample!("camt.029-IPAY").replace("IPAY", "PECR"), Recall::Partly),
        (sample!("camt.029-RJCR").to_owned(), Recall::Refused),
        (sample!("camt.029-PDCR").to_owned(), Recall::Pending),
    ] {
        assert_eq!(only(&text, Asked::No).event, Event::RecallAnswered(recall));
    }
    let refused = only(sample!("admi.002"), Asked::No);
    assert_eq!((refused.event, refused.message.as_ref().map(Text::as_str)), (Event::NotUnderstood, Some(SENT_IN)));
}

#[test]
fn of_words_that_are_not_known_nothing_is_made() {
    for text in [
        sample!("pacs.002-ACSC").replace("<TxSts>ACSC</TxSts>", "<TxSts>ZZZZ</TxSts>"),
        sample!("pacs.002-ACSC").replace("<TxSts>ACSC</TxSts>", ""),
        sample!("camt.029-IPAY").replace("IPAY", "ZZZZ"),
        sample!("pacs.008-instant").to_owned(),
        sample!("camt.053-rail-statement").to_owned(),
    ] {
        assert_eq!(answers(&document(&text), Asked::No), []);
    }
}
