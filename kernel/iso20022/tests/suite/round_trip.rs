//! What was written is read as it was.

use iso20022::{Envelope, Limits, Message};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::{count, generate};

#[test]
fn messages_are_read_as_they_were_written() {
    let cases = count("FLORIN_ISO20022_MESSAGES", 300);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&generate::message(), |message| {
        let text = message.write();
        let read = Message::read(text.as_bytes(), Limits::MESSAGE);
        prop_assert_eq!(read.as_ref(), Ok(&message), "{}", text);
        let bare = Message { envelope: Envelope::Bare, header: None, document: message.document };
        prop_assert_eq!(Message::read(bare.write().as_bytes(), Limits::MESSAGE), Ok(bare));
        Ok(())
    });
    outcome.unwrap();
}
