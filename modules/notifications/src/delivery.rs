//! Delivery: mails and texts are taken out under a lease, tried again after a growing wait, and given up after a while. At least
//! once: a worker that dies after the server took one leaves it to be sent again.

mod store;

use crate::way::Way;
use crate::{Language, Result, events, mail};
use db::{Db, Tx, WallTime};
use ids::{MailId, UserId};
use secrets::Secrets;

/// Whoever takes out a mail has it for so long; longer than any delivery lasts.
const LEASE_SECONDS: i64 = 120;
/// How often a mail is tried.
const ATTEMPTS_MAX: i64 = 20;
/// The wait after the first failure; it doubles with each.
const WAIT_SECONDS_MIN: i64 = 5;
/// The longest wait.
const WAIT_SECONDS_MAX: i64 = 60 * 60;
/// So much of what a mail server says is kept.
const FAILURE_CHARACTERS_MAX: usize = 200;

/// A mail, or a text, that was taken out to be delivered.
#[derive(Clone)]
pub struct Delivery {
    /// Its identifier, by which a second delivery is recognised.
    pub id: MailId,
    /// The address or the number that it goes to.
    pub recipient: String,
    /// What stands in the list of mails.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// The language that it is written in; nothing: an earlier version queued it, in English.
    pub language: Option<Language>,
    pub(crate) user_id: UserId,
    pub(crate) way: Way,
    pub(crate) kind: String,
    pub(crate) attempt: i64,
    pub(crate) useful_until: WallTime,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server has taken it over.
    Sent,
    /// It did not get there; another attempt may.
    Failed(String),
    /// The mail server will never take it: no such mailbox, say.
    Refused(String),
}

/// What happens to a mail after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    Done,
    Retry { at: WallTime, failure: String },
    GiveUp { failure: String },
}

/// Takes out mails whose time has come, each for one worker. Those that nobody wants any more, or that were tried too
/// often, are given up instead. What was sealed with another key waits for a process that has it.
///
/// # Errors
/// The database failed.
pub async fn claim_mails(db: &Db, secrets: &Secrets, limit: u32, now: WallTime) -> Result<Vec<Delivery>> {
    claim(db, secrets, Way::Mail, limit, now).await
}

/// Takes out texts likewise.
///
/// # Errors
/// The database failed.
pub async fn claim_texts(db: &Db, secrets: &Secrets, limit: u32, now: WallTime) -> Result<Vec<Delivery>> {
    claim(db, secrets, Way::Text, limit, now).await
}

async fn claim(db: &Db, secrets: &Secrets, way: Way, limit: u32, now: WallTime) -> Result<Vec<Delivery>> {
    let tx = db.begin().await?;
    let due = store::lock_due_in_tx(&tx, way, now, limit).await?;
    let (wanted, unwanted): (Vec<_>, Vec<_>) = due.into_iter().partition(|stored| stored.mail.is_wanted(now));
    if !unwanted.is_empty() {
        tx.overwrite_deleted().await?;
    }
    for stored in &unwanted {
        give_up_in_tx(&tx, &stored.mail, "its time is over", now).await?;
    }
    store::lease_in_tx(&tx, wanted.iter().map(|stored| stored.mail.id), now.plus_seconds(LEASE_SECONDS)).await?;
    tx.commit().await?;
    let mut opened = Vec::with_capacity(wanted.len());
    for stored in wanted {
        let body = stored.open(secrets);
        let mail = Delivery { attempt: stored.mail.attempt + 1, ..stored.mail };
        if let Some(body) = body {
            opened.push(Delivery { body, ..mail });
        } else {
            tracing::error!(mail_id = %mail.id, "a message was sealed with another key: is this the right secrets file?");
            settle_message(db, &mail, Outcome::Failed("it was sealed with another key".to_owned()), now).await?;
        }
    }
    Ok(opened)
}

/// Records what came of an attempt. If the lease ran out and another worker has the mail, nothing changes.
///
/// # Errors
/// The database failed; the mail is tried again once its lease is over.
pub async fn settle_message(db: &Db, mail: &Delivery, outcome: Outcome, now: WallTime) -> Result<()> {
    let mut random = [0; 2];
    getrandom::fill(&mut random).expect("the operating system gives random bytes");
    let tx = db.begin().await?;
    let next = mail.next(outcome, u16::from_le_bytes(random), now);
    let outcome = next.word();
    match next {
        Next::Done => {
            tx.overwrite_deleted().await?;
            if store::end_in_tx(&tx, mail, "SENT", None, now).await? {
                outbox::append_in_tx(&tx, vec![events::sent(mail, now)]).await?;
            }
        }
        Next::Retry { at, failure } => store::delay_in_tx(&tx, mail, at, &failure).await?,
        Next::GiveUp { failure } => {
            tx.overwrite_deleted().await?;
            give_up_in_tx(&tx, mail, &failure, now).await?;
        }
    }
    tx.commit().await?;
    metrics::counter!(mail.way.tries_metric(), "outcome" => outcome).increment(1);
    Ok(())
}

impl Next {
    /// The word by which it is counted.
    const fn word(&self) -> &'static str {
        match self {
            Self::Done => "SENT",
            Self::Retry { .. } => "FAILED",
            Self::GiveUp { .. } => "GIVEN_UP",
        }
    }
}

async fn give_up_in_tx(tx: &Tx, mail: &Delivery, failure: &str, now: WallTime) -> Result<()> {
    if store::end_in_tx(tx, mail, "FAILED", Some(failure), now).await? {
        outbox::append_in_tx(tx, vec![events::given_up(mail, now)]).await?;
    }
    Ok(())
}

impl store::Stored {
    /// What it says, if this is the key that it was sealed with.
    fn open(&self, secrets: &Secrets) -> Option<String> {
        match &self.sealed_body {
            Some(sealed) => mail::open(secrets, self.mail.id, sealed),
            None => self.body.clone(),
        }
    }
}

impl Delivery {
    fn is_wanted(&self, now: WallTime) -> bool {
        now < self.useful_until && self.attempt < ATTEMPTS_MAX
    }

    /// Random numbers spread the attempts of many mails over the second half of their wait.
    fn next(&self, outcome: Outcome, random: u16, now: WallTime) -> Next {
        match outcome {
            Outcome::Sent => Next::Done,
            Outcome::Refused(failure) => Next::GiveUp { failure: shortened(&failure) },
            Outcome::Failed(failure) => {
                let (at, failure) = (now.plus_seconds(self.wait_seconds(random)), shortened(&failure));
                if at < self.useful_until && self.attempt < ATTEMPTS_MAX {
                    Next::Retry { at, failure }
                } else {
                    Next::GiveUp { failure }
                }
            }
        }
    }

    fn wait_seconds(&self, random: u16) -> i64 {
        let doublings = u32::try_from((self.attempt - 1).clamp(0, 16)).unwrap_or(16);
        let wait = (WAIT_SECONDS_MIN << doublings).min(WAIT_SECONDS_MAX);
        wait / 2 + (wait - wait / 2) * i64::from(random) / i64::from(u16::MAX)
    }
}

impl std::fmt::Debug for Delivery {
    /// Without what it says.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Delivery").field("id", &self.id).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

/// Without line breaks and control characters, and not at length.
fn shortened(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(FAILURE_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    fn mail(attempt: i64) -> Delivery {
        Delivery {
            id: MailId::generate(),
            recipient: "ann@example.com".to_owned(),
            subject: "Hello".to_owned(),
            body: "secret".to_owned(),
            language: None,
            user_id: UserId::generate(),
            way: Way::Mail,
            kind: "test".to_owned(),
            attempt,
            useful_until: START.plus_seconds(24 * 60 * 60),
        }
    }

    fn failed() -> Outcome {
        Outcome::Failed("connection\r\nrefused".to_owned())
    }

    #[test]
    fn the_wait_doubles_up_to_an_hour_and_chance_takes_at_most_half_of_it_away() {
        let longest: Vec<i64> = (1..=13).map(|attempt| mail(attempt).wait_seconds(u16::MAX)).collect();
        assert_eq!(longest[..5], [5, 10, 20, 40, 80]);
        assert_eq!(longest[10..], [3600, 3600, 3600]);
        for (attempt, longest) in (1..).zip(longest) {
            assert_eq!(mail(attempt).wait_seconds(0), longest / 2);
        }
    }

    #[test]
    fn a_failed_mail_is_tried_again_and_what_was_said_is_kept_without_its_line_breaks() {
        let retry = Next::Retry { at: START.plus_seconds(5), failure: "connectionrefused".to_owned() };
        assert_eq!(mail(1).next(failed(), u16::MAX, START), retry);
    }

    #[test]
    fn a_mail_is_given_up_when_refused_or_tried_too_often_or_no_longer_wanted() {
        let given_up = |next| matches!(next, Next::GiveUp { .. });
        assert!(given_up(mail(1).next(Outcome::Refused("no such mailbox".to_owned()), 0, START)));
        assert!(given_up(mail(ATTEMPTS_MAX).next(failed(), 0, START)));
        let late = Delivery { useful_until: START.plus_seconds(2), ..mail(1) };
        assert!(given_up(late.next(failed(), 0, START)));
        assert_eq!(late.next(Outcome::Sent, 0, START), Next::Done);
    }

    #[test]
    fn a_mail_is_wanted_until_its_time_is_over_or_it_was_tried_too_often() {
        assert!(mail(0).is_wanted(START) && mail(ATTEMPTS_MAX - 1).is_wanted(START));
        assert!(!mail(ATTEMPTS_MAX).is_wanted(START));
        assert!(!mail(0).is_wanted(START.plus_seconds(24 * 60 * 60)));
    }

    #[test]
    fn what_a_mail_says_is_not_shown_by_debug() {
        assert!(!format!("{:?}", mail(1)).contains("secret"));
    }
}
