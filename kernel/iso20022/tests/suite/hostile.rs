//! What somebody sends who means harm, or who cannot write XML: refused, with bounded work, and never misread.

use std::time::{Duration, Instant};

use iso20022::{Document, Limits, Message, ReadError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::count;

const INSTANT: &str = include_str!("../samples/pacs.008-instant.xml");
const BATCH: &str = include_str!("../samples/pacs.008-ach-batch.xml");
const REJECTED: &str = include_str!("../samples/pacs.002-RJCT-AC03.xml");
const RETURNED: &str = include_str!("../samples/pacs.004-AC03.xml");
const STATEMENT: &str = include_str!("../samples/camt.053-rail-statement.xml");

fn read(text: &str) -> Result<Message, ReadError> {
    Message::read(text.as_bytes(), Limits::MESSAGE)
}

/// The sample with one piece of it exchanged.
fn with(sample: &str, from: &str, to: &str) -> String {
    assert!(sample.contains(from), "{from} is in the sample");
    sample.replacen(from, to, 1)
}

fn refusal(text: &str) -> ReadError {
    match read(text) {
        Err(error) => error,
        Ok(message) => panic!("was read as {message:?}: {}", &text[..text.len().min(300)]),
    }
}

#[test]
fn document_types_and_entities_are_refused() {
    let dtd = |dtd: &str| with(INSTANT, "<RailMessage", &format!("{dtd}<RailMessage"));
    let laughs = "<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let inside = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>";
    for text in [
        dtd("<!DOCTYPE a>"),
        dtd("<!doctype a>"),
        with(&dtd(laughs), "Ann Tour", "&c;"),
        with(&dtd(inside), "Ann Tour", "&b;"),
        dtd("<!DOCTYPE a SYSTEM \"http://127.0.0.1/a.dtd\">"),
    ] {
        assert_eq!(refusal(&text), ReadError::Forbidden("a document type"));
    }
    assert_eq!(refusal(&with(INSTANT, "Ann Tour", "&b;")), ReadError::Forbidden("an entity"));
    assert_eq!(refusal(&with(INSTANT, "Ann Tour", "&nbsp;")), ReadError::Forbidden("an entity"));
    let instruction = with(INSTANT, "<RailMessage", "<?xml-stylesheet href=\"a.xsl\"?><RailMessage");
    assert_eq!(refusal(&instruction), ReadError::Forbidden("a processing instruction"));
    let latin = with(INSTANT, "UTF-8", "ISO-8859-1");
    assert_eq!(refusal(&latin), ReadError::Forbidden("an encoding that is not UTF-8"));
}

#[test]
fn the_five_references_and_characters_by_number_are_read() {
    let text = with(INSTANT, "Ann Tour", "&#65;nn &amp; T&#xf6;r <![CDATA[<b>]]>&lt;&gt;&apos;&quot;");
    let Document::CreditTransfer(document) = read(&text).unwrap().document else { panic!("a credit transfer") };
    let name = document.transfers[0].debtor.name.as_ref().expect("a name");
    assert_eq!(name.as_str(), "Ann & Tör <b><>'\"");
    for wrong in ["&#0;", "&#xD800;", "&#x110000;", "&#xFFFE;", "&#;", "&#x;", "&#-5;", "&#x+41;", "& ", "&amp", "&;"] {
        refusal(&with(INSTANT, "Ann Tour", wrong));
    }
}

#[test]
fn what_is_too_large_deep_or_many_is_refused() {
    let huge = with(INSTANT, "Ann Tour", &"a".repeat(1 << 20));
    assert_eq!(refusal(&huge), ReadError::TooLarge { limit: 1 << 20 });
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    assert_eq!(refusal(&deep(33)), ReadError::TooDeep { limit: 32 });
    assert_eq!(refusal(&deep(32)), ReadError::NoMessage("there is no document in it"));
    assert_eq!(refusal(&"<a>".repeat(300_000)), ReadError::TooDeep { limit: 32 });
    let many = format!("<a>{}</a>", "<b/>".repeat(200_000));
    assert_eq!(refusal(&many), ReadError::TooManyElements { limit: 50_000 });
    let long = with(INSTANT, "Ann Tour", &"a".repeat(900_000));
    assert!(matches!(refusal(&long), ReadError::Invalid { element: "Nm", .. }));
}

#[test]
fn attributes_and_namespaces_are_few() {
    let attributes: String = (0..60_000).map(|number| format!(" a{number}=\"\"")).collect();
    assert_eq!(refusal(&format!("<a{attributes}/>")), ReadError::Forbidden("more attributes than any element has"));
    let spaces: String = (0..10).map(|number| format!(" xmlns:a{number}=\"b\"")).collect();
    let nested = format!("{}{}", format!("<a{spaces}>").repeat(8), "</a>".repeat(8));
    assert_eq!(refusal(&nested), ReadError::Forbidden("more namespaces than any message has"));
    // They end with their element.
    let siblings = format!("<a>{}</a>", format!("<b{spaces}/>").repeat(1_000));
    assert_eq!(refusal(&siblings), ReadError::NoMessage("there is no document in it"));
}

#[test]
fn work_grows_with_the_size_and_with_nothing_else() {
    let size = 400_000;
    let fill = |piece: &str| piece.repeat(size / piece.len());
    let long_name = "a".repeat(size / 2);
    let started = Instant::now();
    for text in [
        fill("<a/>"),
        fill("<a>"),
        fill("<"),
        fill("&"),
        fill("&amp;"),
        fill("]]>"),
        fill("<!--"),
        fill("<!-- -->"),
        fill("<![CDATA["),
        fill("<?a?>"),
        format!("<a>{}</a>", fill("&#65;")),
        format!("<a>{}</a>", fill("<![CDATA[a]]>")),
        format!("<a>{}</a>", fill("<!-- -->a")),
        format!("<{long_name}></{long_name}>"),
        format!("<a {}/>", fill("b=\"\" ")),
        format!("<a b=\"{}\"/>", fill("c")),
        format!("<a>{}</a>", fill("\r")),
        with(INSTANT, "<Dbtr><Nm>Ann Tour</Nm></Dbtr>", &"<Dbtr><Nm>A</Nm></Dbtr>".repeat(10_000)),
        with(
            REJECTED,
            "</TxInfAndSts>",
            &format!("{}</TxInfAndSts>", fill("<StsRsnInf/>")[..390_000].trim_end_matches(|c| c != '>')),
        ),
    ] {
        let _ = read(&text);
    }
    // Some seconds without optimisation and beside others; one of them in quadratic time takes hours.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for (from, to) in [
        ("</RailMessage>", ""),
        ("</RailMessage>", "</RailMessage><a/>"),
        ("</RailMessage>", "</RailMessage>a"),
        ("</RailMessage>", "</Railmessage>"),
        ("</RailMessage>", "</RailMessage></RailMessage>"),
        ("<?xml", " <?xml"),
        ("Ann Tour", "<b>Ann</Nm><Nm>Tour</b>"),
        ("Ann Tour", "Ann ]]> Tour"),
        ("Ann Tour", "Ann \u{1} Tour"),
        ("Ann Tour", "Ann \u{ffff} Tour"),
        ("Ann Tour", "Ann <!-- a -- b --> Tour"),
        ("<Dbtr>", "<Dbtr a>"),
        ("<Dbtr>", "<Dbtr a=b>"),
        ("<Dbtr>", "<Dbtr a=\"<\">"),
        ("<Dbtr>", "<Dbtr a=\"1\" a=\"2\">"),
        ("<Dbtr>", "<Dbtr 1=\"2\">"),
        ("<Dbtr>", "<1></1><Dbtr>"),
        ("<Dbtr>", "<a:b></a:b><Dbtr>"),
        ("<Dbtr>", "<:b></:b><Dbtr>"),
    ] {
        let error = refusal(&with(INSTANT, from, to));
        assert!(matches!(error, ReadError::Malformed { .. }), "{from} as {to}: {error}");
    }
    assert!(matches!(Message::read(b"\xff\xfe<\0a\0/\0>\0", Limits::MESSAGE), Err(ReadError::Malformed { .. })));
    for text in ["", " ", "a", "<", "<a", "{}"] {
        assert!(matches!(refusal(text), ReadError::Malformed { .. }), "{text}");
    }
}

#[test]
fn nobody_says_two_things_in_one_message() {
    for (sample, from, to, element) in [
        (REJECTED, "<TxSts>RJCT</TxSts>", "<TxSts>RJCT</TxSts><TxSts>ACSC</TxSts>", "TxSts"),
        (REJECTED, "<TxSts>RJCT</TxSts>", "<TxSts>ACSC</TxSts><a/><TxSts>RJCT</TxSts>", "TxSts"),
        (INSTANT, "<ChrgBr>", "<IntrBkSttlmAmt Ccy=\"USD\">1.00</IntrBkSttlmAmt><ChrgBr>", "IntrBkSttlmAmt"),
        (INSTANT, "<BizMsgIdr>", "<BizMsgIdr>a</BizMsgIdr><BizMsgIdr>", "BizMsgIdr"),
    ] {
        assert_eq!(refusal(&with(sample, from, to)), ReadError::Repeated { element });
    }
    let document = &REJECTED[REJECTED.find("<Document").unwrap()..REJECTED.find("</RailMessage>").unwrap()];
    let header = &REJECTED[REJECTED.find("<AppHdr").unwrap()..REJECTED.find("<Document").unwrap()];
    let two = with(INSTANT, "</RailMessage>", &format!("{document}</RailMessage>"));
    assert_eq!(refusal(&two), ReadError::Repeated { element: "Document" });
    let apart = with(INSTANT, "</RailMessage>", &format!("<a>{document}</a></RailMessage>"));
    assert_eq!(refusal(&apart), ReadError::Repeated { element: "Document" });
    let headers = with(REJECTED, "<Document", &format!("{header}<Document"));
    assert_eq!(refusal(&headers), ReadError::Repeated { element: "AppHdr" });
    let other_kind = with(REJECTED, "<MsgDefIdr>pacs.002.001.10", "<MsgDefIdr>pacs.008.001.08");
    assert_eq!(refusal(&other_kind), ReadError::Contradicts { element: "MsgDefIdr" });
    let disguised = with(REJECTED, "urn:iso:std:iso:20022:tech:xsd:pacs", "urn:a:pacs");
    assert!(matches!(refusal(&disguised), ReadError::NoMessage(_)));
}

#[test]
fn elements_of_other_namespaces_say_nothing() {
    let foreign = with(REJECTED, "<TxSts>RJCT</TxSts>", "<TxSts xmlns=\"urn:a\">ACSC</TxSts><TxSts>RJCT</TxSts>");
    assert_eq!(read(&foreign), read(REJECTED));
    let only_foreign = with(REJECTED, "<TxSts>RJCT</TxSts>", "<TxSts xmlns=\"urn:a\">ACSC</TxSts>");
    let Document::StatusReport(report) = read(&only_foreign).unwrap().document else { panic!("a report") };
    assert_eq!(report.transfers[0].status, None);
    let prefixed = REJECTED.replace("<Document xmlns=", "<p:Document xmlns:p=").replace("</Document>", "</p:Document>");
    let (head, body) = prefixed.split_at(prefixed.find("<FIToFI").unwrap());
    let (body, tail) = body.split_at(body.find("</p:Document>").unwrap());
    let body = body.replace("</", "</p:").replace('<', "<p:").replace("<p:/p:", "</p:");
    assert_eq!(read(&format!("{head}{body}{tail}")), read(REJECTED));
}

#[test]
fn unknown_elements_and_comments_are_passed_over() {
    for (from, to) in [
        ("<Dbtr>", "<Dbtr><NewElement><Deep>1</Deep></NewElement>"),
        ("<Dbtr>", "<!-- a --><Dbtr a=\"b\">"),
        ("<GrpHdr>", "<GrpHdr>\n  <New/>\r\n\t"),
        ("USD", "USD\" b=\"c"),
        (">1250.00<", "><!-- a -->1250<!-- b -->.00<"),
        (">1250.00<", ">\n 1250.00\t<"),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "\u{feff}<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
        ),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", ""),
    ] {
        assert_eq!(read(&with(INSTANT, from, to)), read(INSTANT), "{from} as {to}");
    }
}

#[test]
fn amounts_are_exact_or_refused() {
    for wrong in [
        "",
        " ",
        "-1250.00",
        "1250.000",
        "1250.001",
        "1,250.00",
        "1250,00",
        "1.25e3",
        "NaN",
        "INF",
        "0x4E2",
        "1 250",
        "١٢٥٠",
        "1250.00USD",
        "99999999999999999.99",
        "<a>1250.00</a>",
    ] {
        let error = refusal(&with(INSTANT, ">1250.00<", &format!(">{wrong}<")));
        assert!(matches!(error, ReadError::Invalid { element: "IntrBkSttlmAmt", .. }), "{wrong}: {error}");
    }
    for (currency, amount) in
        [("JPY", "1250.0"), ("KWD", "1250.0001"), ("usd", "1250.00"), ("XXX", "1250.00"), ("", "1250.00")]
    {
        let text = with(&with(INSTANT, "USD", currency), ">1250.00<", &format!(">{amount}<"));
        refusal(&text);
    }
    assert_eq!(refusal(&with(INSTANT, " Ccy=\"USD\"", "")), ReadError::Missing { element: "Ccy" });
    assert_eq!(refusal(&with(INSTANT, " Ccy=\"USD\"", " ccy=\"USD\"")), ReadError::Missing { element: "Ccy" });
    assert!(read(&with(&with(INSTANT, "USD", "KWD"), ">1250.00<", ">1250.001<")).is_ok());
}

#[test]
fn what_a_message_says_about_itself_has_to_be_so() {
    for (sample, from, to, element) in [
        (BATCH, "<NbOfTxs>3", "<NbOfTxs>2", "NbOfTxs"),
        (BATCH, ">225.75<", ">225.76<", "TtlIntrBkSttlmAmt"),
        (BATCH, "<TtlIntrBkSttlmAmt Ccy=\"USD\"", "<TtlIntrBkSttlmAmt Ccy=\"EUR\"", "TtlIntrBkSttlmAmt"),
        (RETURNED, "<NbOfTxs>1", "<NbOfTxs>0", "NbOfTxs"),
    ] {
        assert_eq!(refusal(&with(sample, from, to)), ReadError::Contradicts { element });
    }
    for (from, to, element) in
        [("<EndToEndId>", "<a>", "EndToEndId"), ("<MsgId>", "<a>", "MsgId"), ("<Dbtr>", "<a>", "Dbtr")]
    {
        let closing = from.replace('<', "</");
        let text = with(&with(INSTANT, from, to), &closing, "</a>");
        assert_eq!(refusal(&text), ReadError::Missing { element });
    }
    assert_eq!(
        refusal(&with(INSTANT, "<EndToEndId>", "<EndToEndId>&#10;")).to_string(),
        "schema: EndToEndId has a character that cannot be written"
    );
}

#[test]
fn inputs_of_all_sorts_never_make_it_panic() {
    let samples = [INSTANT, BATCH, REJECTED, RETURNED, STATEMENT];
    let pieces = [
        "<",
        ">",
        "&",
        "\"",
        "]]>",
        "<a>",
        "</a>",
        "<!--",
        "-->",
        "&#0;",
        "\0",
        "é",
        "<![CDATA[",
        "/>",
        "<?",
        "?>",
        ":",
        "=",
    ];
    let edit = (any::<proptest::sample::Index>(), 0..40_usize, proptest::sample::select(pieces.to_vec()));
    let edits = (0..samples.len(), proptest::collection::vec(edit, 1..6));
    let cases = count("FLORIN_ISO20022_INPUTS", 1_000);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&edits, |(sample, edits)| {
        let mut bytes = samples[sample].as_bytes().to_vec();
        for (at, cut, piece) in edits {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, piece.bytes());
        }
        if let Ok(message) = Message::read(&bytes, Limits::MESSAGE) {
            let written = message.write();
            prop_assert_eq!(
                Message::read(written.as_bytes(), Limits::MESSAGE).map(|again| again.document),
                Ok(message.document)
            );
        }
        Ok(())
    });
    outcome.unwrap();
}
