//! Whatever is written is valid against the schemas of the standard: xmllint says so, when it and they are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use iso20022::{Limits, Message};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::{count, generate, say, schemas_folder};

/// Newer or older versions of which Florin's messages are members too.
const RELATED: [[&str; 2]; 4] = [
    ["pacs.008.001.08", "pacs.008.001.10"],
    ["pacs.008.001.08", "pacs.008.001.12"],
    ["pacs.002.001.10", "pacs.002.001.12"],
    ["pacs.004.001.10", "pacs.004.001.09"],
];

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Texts by the schema that they have to fit.
type Texts = BTreeMap<String, Vec<String>>;

fn schemas() -> Option<PathBuf> {
    let has_xmllint = Command::new("xmllint").arg("--version").output().is_ok();
    match (schemas_folder(), has_xmllint) {
        (Some(folder), true) => Some(folder),
        (None, _) => {
            say("no schemas at FLORIN_ISO20022_XSD: messages were not checked against them");
            None
        }
        (_, false) => {
            say("xmllint is not installed: messages were not checked against the schemas");
            None
        }
    }
}

/// The bytes of one element of what was written.
fn cut<'a>(text: &'a str, name: &str) -> &'a str {
    let begins = text.find(&format!("<{name} xmlns")).expect("it begins");
    let end = format!("</{name}>");
    let ends = text.rfind(&end).expect("it ends") + end.len();
    &text[begins..ends]
}

/// The files of these texts that do not fit.
fn misfits(schemas: &Path, name: &str, texts: &Texts) -> Vec<String> {
    let folder = Folder(std::env::temp_dir().join(format!("florin-iso20022-{}-{name}", std::process::id())));
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let mut misfits = Vec::new();
    for (definition, texts) in texts {
        let schema = schemas.join(format!("{definition}.xsd"));
        if !schema.exists() {
            say(&format!("no schema of {definition}: {} messages were not checked", texts.len()));
            continue;
        }
        for (batch, texts) in texts.chunks(500).enumerate() {
            let write = |(index, text): (usize, &String)| {
                let file = folder.0.join(format!("{definition}-{batch}-{index}.xml"));
                std::fs::write(&file, text).expect("a file");
                file
            };
            let files: Vec<PathBuf> = texts.iter().enumerate().map(write).collect();
            let mut xmllint = Command::new("xmllint");
            let output =
                xmllint.args(["--noout", "--nonet", "--schema"]).arg(&schema).args(&files).output().expect("xmllint");
            let said = String::from_utf8_lossy(&output.stderr);
            let valid = said.lines().filter(|line| line.ends_with(" validates")).count();
            let wrong = said.lines().filter(|line| !line.ends_with(" validates"));
            misfits.extend(wrong.map(str::to_owned));
            assert!(valid + misfits.len() >= files.len(), "xmllint looked at all of them: {said}");
            assert_eq!(output.status.success(), valid == files.len(), "{said}");
        }
    }
    misfits
}

fn generated(count: u32) -> Vec<Message> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"messages that are all the same 1");
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = generate::message();
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("a message").current()).collect()
}

#[test]
fn generated_messages_are_valid_against_the_schemas() {
    let Some(schemas) = schemas() else { return };
    let messages = generated(count("FLORIN_ISO20022_MESSAGES", 300));
    let mut texts = Texts::new();
    for message in &messages {
        let text = message.write();
        let header = cut(&text, "AppHdr").to_owned();
        let document = cut(&text, "Document");
        let definition = message.document.definition();
        for [_, related] in RELATED.iter().filter(|[ours, _]| *ours == definition) {
            let renamed = text.replacen(&format!("xsd:{definition}\""), &format!("xsd:{related}\""), 1);
            let renamed = renamed.replacen(&format!("<MsgDefIdr>{definition}"), &format!("<MsgDefIdr>{related}"), 1);
            let read = Message::read(renamed.as_bytes(), Limits::MESSAGE);
            assert_eq!(read.as_ref(), Ok(message), "{renamed}");
            texts.entry((*related).to_owned()).or_default().push(cut(&renamed, "Document").to_owned());
        }
        texts.entry("head.001.001.02".to_owned()).or_default().push(header);
        texts.entry(definition.to_owned()).or_default().push(document.to_owned());
    }
    let misfits = misfits(&schemas, "generated", &texts);
    assert!(misfits.is_empty(), "{} misfits, first: {}", misfits.len(), misfits[0]);
    let documents: usize =
        texts.iter().filter(|(name, _)| !name.starts_with("head")).map(|(_, texts)| texts.len()).sum();
    say(&format!("{} messages, {documents} documents with their other versions, fit the schemas", messages.len()));
}

#[test]
fn what_does_not_fit_is_noticed() {
    let Some(schemas) = schemas() else { return };
    let sample = include_str!("../samples/pacs.008-instant.xml");
    let document = cut(sample, "Document");
    for (what, from, to) in [
        ("an unknown currency", "Ccy=\"USD\"", "Ccy=\"usd\""),
        ("an amount of six decimals", ">1250.00<", ">1250.000001<"),
        ("a missing element", "<ChrgBr>SLEV</ChrgBr>", ""),
        ("elements in another order", "<Dbtr><Nm>Ann Tour</Nm></Dbtr>", ""),
    ] {
        let texts = Texts::from([("pacs.008.001.08".to_owned(), vec![document.replacen(from, to, 1)])]);
        assert!(!misfits(&schemas, "planted", &texts).is_empty(), "{what}");
    }
}
