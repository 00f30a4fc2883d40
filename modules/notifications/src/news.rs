//! News by mail, for who asked for it: what happened to their accounts and payments, in their language. At most one mail a
//! minute; what comes meanwhile is summed up in the next one. Mails that protect a login are others' and always go out.

mod store;
mod words;

use crate::inbox::{self, Channel};
use crate::{Language, Mail, NotificationsError, Result, enqueue_in_tx};
use audience::{Known, Owners, Telling};
use db::{Db, DbError, Executor, Tx, WallTime};
use ids::{EventId, UserId};
use secrets::Secrets;
use std::collections::BTreeSet;
use stream::{Consumer, Consuming, Recorded, Start};

/// Between two mails to one person.
const QUIET_SECONDS: i64 = 60;
/// So many pieces of news stand in one mail; of more, how many there were.
const LINES_MAX: u32 = 20;
/// For so long news is worth a mail.
const USEFUL_SECONDS: i64 = 24 * 60 * 60;
const READERS_AT_ONCE: u32 = 50;
/// How mails of news are called where mails have their kind.
const KIND: &str = "news";

/// Something that somebody is to be mailed about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) event_id: EventId,
    pub(crate) kind: String,
    pub(crate) amount: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) happened_at: WallTime,
}

/// Gathers news from the stream, each event once for each person.
#[derive(Default)]
pub struct News {
    owners: Owners,
}

impl Consumer for News {
    fn name(&self) -> &'static str {
        "news"
    }

    /// Nobody asked for news before.
    fn start(&self) -> Start {
        Start::Next
    }

    fn consume<'a>(&'a self, tx: &'a Tx, events: &'a [Recorded]) -> Consuming<'a> {
        Box::pin(async move { Ok(self.gather_in_tx(tx, events).await?) })
    }
}

/// Whether a kind is mailed as news.
fn is_news(kind: &str) -> bool {
    inbox::is_kind(kind) && words::is_known(kind)
}

impl News {
    async fn gather_in_tx(&self, tx: &Tx, events: &[Recorded]) -> std::result::Result<(), DbError> {
        if !events.iter().any(|recorded| is_news(&recorded.event.kind)) {
            return Ok(());
        }
        let known = Known::of(tx, &self.owners, events).await?;
        let is_worth_it =
            |telling: &Telling<'_>| is_news(&telling.recorded.event.kind) && inbox::is_worth_a_look(telling);
        let tellings: Vec<Telling<'_>> = known.tellings(events).into_iter().filter(is_worth_it).collect();
        let people: BTreeSet<UserId> = tellings.iter().map(|telling| telling.user_id).collect();
        let wanted = inbox::preferred_in_tx(tx, Channel::Mail, people.into_iter().collect()).await?;
        let news =
            tellings.iter().filter(|telling| wanted.contains(&(telling.user_id, telling.recorded.event.kind.clone())));
        let news = news.map(|telling| {
            let (event, text) = (&telling.recorded.event, |member| telling.text(member));
            let piece = Piece {
                event_id: event.id,
                kind: event.kind.clone(),
                amount: text("amount"),
                currency: text("currency"),
                happened_at: event.happened_at,
            };
            (telling.user_id, piece)
        });
        store::insert_in_tx(tx, news.collect()).await
    }
}

/// In which language somebody is written to.
///
/// # Errors
/// The database failed.
pub async fn language(on: &impl Executor, user: UserId) -> Result<Language> {
    Ok(store::language(on, user).await?.unwrap_or_default())
}

/// Somebody wants to be written to in this language.
///
/// # Errors
/// The database failed.
pub async fn speak(db: &Db, user: UserId, language: Language) -> Result<()> {
    let tx = db.begin().await?;
    store::speak_in_tx(&tx, user, language).await?;
    Ok(tx.commit().await?)
}

/// Queues mails of news to those who had none within the last minute; gives how many. To be called every few seconds.
///
/// # Errors
/// `QueueFull`, or the database failed; the next call goes on.
pub async fn mail_due(db: &Db, secrets: &Secrets, now: WallTime) -> Result<usize> {
    let readers = store::due(db, now.plus_seconds(-QUIET_SECONDS), READERS_AT_ONCE).await?;
    let mut mailed = 0;
    for user in readers {
        mailed += usize::from(mail_one(db, secrets, user, now).await?);
    }
    Ok(mailed)
}

/// Whether there was somebody to mail to. Who has shown no address is mailed nothing.
async fn mail_one(db: &Db, secrets: &Secrets, user: UserId, now: WallTime) -> Result<bool> {
    let tx = db.begin().await?;
    let pieces = store::first_in_tx(&tx, user, LINES_MAX).await?;
    let reader = store::reader_in_tx(&tx, user).await?;
    // Of two processes the second one waits here, and finds nothing left to mail.
    let all = store::delete_in_tx(&tx, user).await?;
    let mail = reader.filter(|_| all > 0).map(|reader| {
        let language = reader.language.unwrap_or_default();
        let more = all.saturating_sub(pieces.len() as u64);
        let (subject, body) = language.written(&reader.username, &pieces, more);
        let useful_until = now.plus_seconds(USEFUL_SECONDS);
        (language, Mail { user_id: user, kind: KIND, recipient: reader.email, language, subject, body, useful_until })
    });
    let Some((language, mail)) = mail else {
        tx.commit().await?;
        return Ok(false);
    };
    match enqueue_in_tx(&tx, secrets, mail, now).await {
        Ok(_) => {}
        Err(NotificationsError::QueueFull) => {
            // It waits with what comes meanwhile.
            tx.rollback().await?;
            return Err(NotificationsError::QueueFull);
        }
        Err(error) => return Err(error),
    }
    store::mailed_in_tx(&tx, user, language, now).await?;
    tx.commit().await?;
    Ok(true)
}
