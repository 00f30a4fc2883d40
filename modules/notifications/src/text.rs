//! A text to a telephone, in the same bounded queue as mails and in a line of its own.

use crate::way::Way;
use crate::{Language, Mail, Result, mail};
use db::{Tx, WallTime};
use ids::{MailId, UserId};
use secrets::Secrets;

/// Longer texts are cut into several messages, each of which is paid for.
const CHARACTERS_MAX: usize = 300;

/// A text to one person.
#[derive(Clone)]
pub struct Text {
    /// Whom it is about.
    pub user_id: UserId,
    /// What it is for, in one word of letters and underscores.
    pub kind: &'static str,
    /// The number that it goes to, by ITU-T E.164, with its plus sign.
    pub number: String,
    /// The language that it is written in.
    pub language: Language,
    /// What it says.
    pub text: String,
    /// After this nobody wants it any more, and nobody gets it.
    pub useful_until: WallTime,
}

/// Queues a text in the caller's transaction: it is sent if that commits, at least once. What it says is sealed first.
///
/// # Errors
/// `QueueFull`, or the database failed.
pub async fn enqueue_text_in_tx(tx: &Tx, secrets: &Secrets, text: Text, now: WallTime) -> Result<MailId> {
    let Text { user_id, kind, number, language, text, useful_until } = text;
    let body = text.chars().take(CHARACTERS_MAX).collect();
    let mail = Mail { user_id, kind, recipient: number, language, subject: String::new(), body, useful_until };
    mail::enqueue_by_in_tx(tx, secrets, Way::Text, mail, now).await
}

impl std::fmt::Debug for Text {
    /// Without the number and what it says.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Text").field("user_id", &self.user_id).field("kind", &self.kind).finish_non_exhaustive()
    }
}
