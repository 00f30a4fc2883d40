//! What is kept of an answer under its key. Whoever asked packs it, and gets it back to the byte: what its label and its
//! body mean is theirs alone, and nothing is decided by them here. Those inside the bank pack the plain receipt below.

use crate::Outcome;
use db::{DbError, Result};

/// What whoever asked wants to be given again under the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// A small number of theirs.
    pub label: u16,
    /// The bytes of theirs.
    pub body: Vec<u8>,
}

/// Makes the receipt of what became of the commands of a request. It is called in the middle of the poster's work on a
/// batch, because it is committed with it, and must be quick.
pub type Pack = Box<dyn Fn(&[Outcome]) -> Receipt + Send + Sync>;

/// The labels of plain receipts that say "done" and "refused", as databases have had them from the start.
const PLAIN_LABELS: [u16; 2] = [200, 422];

impl Receipt {
    /// The receipt of those inside the bank: empty where everything was done, else the first reason in words.
    pub fn plain(outcomes: &[Outcome]) -> Self {
        let [done, refused] = PLAIN_LABELS;
        match outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
            None => Self { label: done, body: Vec::new() },
            Some(refusal) => Self { label: refused, body: refusal.to_string().into_bytes() },
        }
    }

    /// What a plain receipt says: the reason in words; `None`: everything was done.
    ///
    /// # Errors
    /// It is no plain receipt.
    pub fn into_reason(self) -> Result<Option<String>> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let text = String::from_utf8(self.body);
        text.map(Some).map_err(|_| DbError::Internal("a receipt that should be plain text is not".to_owned()))
    }
}
