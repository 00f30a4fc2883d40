//! News by mail and by text, for who asked for it: what happened to their accounts and payments, in their language. At most one
//! mail and one text a minute; what comes meanwhile is summed up in the next one. A text only says that there is news: it is
//! read on the screens of locked telephones. Mails that protect a login are others' and always go out.

pub(crate) mod store;
mod words;

use crate::inbox::{self, Channel};
use crate::way::Way;
use crate::{Language, Mail, NotificationsError, Result, Text, enqueue_in_tx, enqueue_text_in_tx};
use audience::{Known, Owners, Telling};
use db::{Db, DbError, Executor, Tx, WallTime};
use ids::{EventId, UserId};
use secrets::Secrets;
use std::collections::BTreeSet;
use stream::{Consumer, Consuming, Recorded, Start};

/// Between two mails, and two texts, to one person.
const QUIET_SECONDS: i64 = 60;
/// So many pieces of news stand in one mail; of more, how many there were.
const LINES_MAX: u32 = 20;
/// For so long news is worth a mail, or a text.
const USEFUL_SECONDS: i64 = 24 * 60 * 60;
const READERS_AT_ONCE: u32 = 50;
/// How they are called where mails have their kind.
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

/// Gathers news from the stream, each event once for each person and way.
pub struct News {
    owners: Owners,
    ways: Vec<Way>,
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
    /// For the ways by which this bank sends news.
    pub fn new(ways: Vec<Way>) -> Self {
        Self { owners: Owners::default(), ways }
    }

    async fn gather_in_tx(&self, tx: &Tx, events: &[Recorded]) -> std::result::Result<(), DbError> {
        if !events.iter().any(|recorded| is_news(&recorded.event.kind)) {
            return Ok(());
        }
        let known = Known::of(tx, &self.owners, events).await?;
        let is_worth_it =
            |telling: &Telling<'_>| is_news(&telling.recorded.event.kind) && inbox::is_worth_a_look(telling);
        let tellings: Vec<Telling<'_>> = known.tellings(events).into_iter().filter(is_worth_it).collect();
        let people: BTreeSet<UserId> = tellings.iter().map(|telling| telling.user_id).collect();
        let people: Vec<UserId> = people.into_iter().collect();
        let mut news = Vec::new();
        for way in self.ways.iter().copied() {
            let channel = if way == Way::Mail { Channel::Mail } else { Channel::Text };
            let wanted = inbox::preferred_in_tx(tx, channel, people.clone()).await?;
            let is_wanted =
                |telling: &&Telling<'_>| wanted.contains(&(telling.user_id, telling.recorded.event.kind.clone()));
            news.extend(tellings.iter().filter(is_wanted).map(|telling| (telling.user_id, way, Piece::of(telling))));
        }
        store::insert_in_tx(tx, news).await
    }
}

impl Piece {
    fn of(telling: &Telling<'_>) -> Self {
        let (event, text) = (&telling.recorded.event, |member| telling.text(member));
        Self {
            event_id: event.id,
            kind: event.kind.clone(),
            amount: text("amount"),
            currency: text("currency"),
            happened_at: event.happened_at,
        }
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

/// Queues news, by this way, for those who got none within the last minute; gives how many. To be called every few seconds.
///
/// # Errors
/// `QueueFull`, or the database failed; the next call goes on.
pub async fn queue_due(db: &Db, secrets: &Secrets, way: Way, now: WallTime) -> Result<usize> {
    let readers = store::due(db, way, now.plus_seconds(-QUIET_SECONDS), READERS_AT_ONCE).await?;
    let mut queued = 0;
    for user in readers {
        queued += usize::from(queue_one(db, secrets, way, user, now).await?);
    }
    Ok(queued)
}

/// Whether there was somebody to tell. Who has shown no address, or no number, is told nothing.
async fn queue_one(db: &Db, secrets: &Secrets, way: Way, user: UserId, now: WallTime) -> Result<bool> {
    let tx = db.begin().await?;
    let pieces = store::first_in_tx(&tx, user, way, LINES_MAX).await?;
    let reader = store::reader_in_tx(&tx, user, way).await?;
    // Of two processes the second one waits here, and finds nothing left to tell.
    let all = store::delete_in_tx(&tx, user, way).await?;
    let Some(reader) = reader.filter(|_| all > 0) else {
        tx.commit().await?;
        return Ok(false);
    };
    let language = reader.language.unwrap_or_default();
    let useful_until = now.plus_seconds(USEFUL_SECONDS);
    let queued = match way {
        Way::Mail => {
            let (subject, body) = language.written(&reader.username, &pieces, all.saturating_sub(pieces.len() as u64));
            let recipient = reader.recipient;
            let mail = Mail { user_id: user, kind: KIND, recipient, language, subject, body, useful_until };
            enqueue_in_tx(&tx, secrets, mail, now).await
        }
        Way::Text => {
            let (number, text) = (reader.recipient, language.texted(all));
            let text = Text { user_id: user, kind: KIND, number, language, text, useful_until };
            enqueue_text_in_tx(&tx, secrets, text, now).await
        }
    };
    match queued {
        Ok(_) => {}
        Err(NotificationsError::QueueFull) => {
            // It waits with what comes meanwhile.
            tx.rollback().await?;
            return Err(NotificationsError::QueueFull);
        }
        Err(error) => return Err(error),
    }
    store::said_in_tx(&tx, user, way, language, now).await?;
    tx.commit().await?;
    Ok(true)
}
