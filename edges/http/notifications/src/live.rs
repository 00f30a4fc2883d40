//! What happens, as it happens: one reader of the stream in each process, and everybody who listens there. Each has a bounded
//! queue; who reads too slowly loses their place and comes back with the last identifier that they saw.

use audience::{Known, Owners, Telling};
use db::{Db, DbError};
use ids::UserId;
use notifications::inbox;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use stream::{Recorded, Stream};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, timeout};

const QUEUE_MAX: usize = 256;
const PER_USER_MAX: usize = 5;
const READ_AT_ONCE: u32 = 500;
const TICK: Duration = Duration::from_secs(15);
const IDLE: Duration = Duration::from_secs(1);

/// What somebody listens to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Topics {
    accounts: bool,
    payments: bool,
    inbox: bool,
}

/// What a listener gets.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// An event: its position, and how it is written.
    Told(i64, Arc<str>),
    /// Everything up to here was told.
    Tick(i64),
}

/// Why somebody cannot listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// They listen as often as one may.
    OfTheirs,
    /// Too many people listen here.
    OfAll,
}

/// Everybody who listens to this process. Cloning shares it.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    db: Db,
    stream: Stream,
    listeners_max: usize,
    seats: Mutex<Seats>,
    owners: Owners,
}

#[derive(Default)]
struct Seats {
    /// Up to here everything was told to those who sit.
    position: i64,
    of: HashMap<UserId, Vec<Seat>>,
    count: usize,
    last: u64,
    is_closed: bool,
}

struct Seat {
    number: u64,
    topics: Topics,
    queue: Sender<Item>,
}

/// A place among those who listen, until it is dropped.
pub(crate) struct Listener {
    live: Live,
    user_id: UserId,
    number: u64,
    pub(crate) topics: Topics,
    /// What comes after this position comes through the queue.
    pub(crate) since: i64,
    pub(crate) queue: Receiver<Item>,
}

impl Topics {
    /// Reads `accounts,payments,inbox`, in any order, each at most once.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut topics = Self::default();
        for word in text.split(',') {
            let topic = match word {
                "accounts" => &mut topics.accounts,
                "payments" => &mut topics.payments,
                "inbox" => &mut topics.inbox,
                _ => return None,
            };
            if std::mem::replace(topic, true) {
                return None;
            }
        }
        Some(topics)
    }

    fn have(self, telling: &Telling<'_>) -> bool {
        let kind = telling.recorded.event.kind.as_str();
        (self.accounts && kind.starts_with("accounts."))
            || (self.payments && kind.starts_with("payments."))
            || (self.inbox && inbox::is_worth_a_look(telling))
    }
}

impl Live {
    /// Begins to read for those who will listen, so many at once.
    pub fn start(db: &Db, stream: &Stream, listeners_max: usize) -> Self {
        let seats = Mutex::new(Seats { position: *stream.head().borrow(), ..Seats::default() });
        let live = Self(Arc::new(Shared {
            db: db.clone(),
            stream: stream.clone(),
            listeners_max,
            seats,
            owners: Owners::default(),
        }));
        tokio::spawn(live.clone().read_on());
        live
    }

    /// Nobody listens any more: the process ends.
    pub fn close(&self) {
        let mut seats = self.seats();
        seats.is_closed = true;
        seats.of.clear();
    }

    pub(crate) fn sit(&self, user_id: UserId, topics: Topics) -> Result<Listener, Full> {
        let mut seats = self.seats();
        if seats.count >= self.0.listeners_max || seats.is_closed {
            return Err(Full::OfAll);
        }
        if seats.of.get(&user_id).is_some_and(|theirs| theirs.len() >= PER_USER_MAX) {
            return Err(Full::OfTheirs);
        }
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        seats.last += 1;
        seats.count += 1;
        let (number, since) = (seats.last, seats.position);
        seats.of.entry(user_id).or_default().push(Seat { number, topics, queue: sender });
        metrics::gauge!("florin_listeners").increment(1.0); // float: a gauge
        Ok(Listener { live: self.clone(), user_id, number, topics, since, queue })
    }

    /// The events after a position and up to another one, so many of them, and how they are written for this listener.
    pub(crate) async fn missed(&self, by: &Listener, after: i64) -> Result<Missed, DbError> {
        let mut events = self.0.stream.read(after, READ_AT_ONCE).await?;
        events.retain(|recorded| recorded.position <= by.since);
        let known = Known::of(&self.0.db, &Owners::default(), &events).await?;
        let theirs = known.tellings(&events).into_iter().filter(|telling| telling.user_id == by.user_id);
        let text = theirs.filter(|telling| by.topics.have(telling)).map(|telling| written(&telling)).collect();
        Ok(Missed { until: events.last().map(|recorded| recorded.position), text })
    }

    /// The event at the position, if it is still there.
    pub(crate) async fn at(&self, position: i64) -> Result<Option<Recorded>, DbError> {
        Ok(self.0.stream.read(position - 1, 1).await?.pop())
    }

    /// The last position there is.
    pub(crate) async fn head(&self) -> Result<i64, DbError> {
        stream::head(&self.0.db).await
    }

    async fn read_on(self) {
        let (mut head, mut ticked) = (self.0.stream.head(), Instant::now());
        loop {
            head.mark_unchanged();
            match self.read_once().await {
                Ok(true) => continue,
                Ok(false) => drop(timeout(IDLE, head.changed()).await),
                Err(error) => {
                    tracing::warn!(%error, "those who listen wait for the database");
                    tokio::time::sleep(IDLE).await;
                }
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                self.seats().tell_all();
            }
        }
    }

    /// Whether there was anything to tell.
    async fn read_once(&self) -> Result<bool, DbError> {
        let after = {
            let mut seats = self.seats();
            if seats.of.is_empty() {
                // Nobody misses anything.
                seats.position = seats.position.max(*self.0.stream.head().borrow());
                return Ok(false);
            }
            seats.position
        };
        let events = self.0.stream.read(after, READ_AT_ONCE).await?;
        let Some(last) = events.last() else { return Ok(false) };
        let known = Known::of(&self.0.db, &self.0.owners, &events).await?;
        let tellings = known.tellings(&events);
        let mut seats = self.seats();
        for telling in &tellings {
            seats.tell(telling);
        }
        seats.position = last.position;
        Ok(true)
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.0.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What somebody missed.
pub(crate) struct Missed {
    /// Everything up to here is in it; nothing: there was no more.
    pub(crate) until: Option<i64>,
    pub(crate) text: String,
}

impl Seats {
    /// A queue that is full belongs to somebody who reads too slowly: they lose their place.
    fn tell(&mut self, telling: &Telling<'_>) {
        let Some(theirs) = self.of.get_mut(&telling.user_id) else { return };
        let mut text: Option<Arc<str>> = None;
        theirs.retain(|seat| {
            if !seat.topics.have(telling) {
                return true;
            }
            let text = text.get_or_insert_with(|| written(telling).into());
            seat.queue.try_send(Item::Told(telling.recorded.position, Arc::clone(text))).is_ok()
        });
        if theirs.is_empty() {
            self.of.remove(&telling.user_id);
        }
    }

    fn tell_all(&mut self) {
        let position = self.position;
        self.of.retain(|_, theirs| {
            theirs.retain(|seat| seat.queue.try_send(Item::Tick(position)).is_ok());
            !theirs.is_empty()
        });
    }
}

/// As it stands in an event stream of HTML.
fn written(telling: &Telling<'_>) -> String {
    let Recorded { position, event, .. } = telling.recorded;
    // An envelope is one line: JSON has no line breaks but those that are escaped.
    format!("id: {position}\nevent: {}\ndata: {}\n\n", event.kind, telling.to_json())
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut seats = self.live.seats();
        seats.count -= 1;
        if let Some(theirs) = seats.of.get_mut(&self.user_id) {
            theirs.retain(|seat| seat.number != self.number);
            if theirs.is_empty() {
                seats.of.remove(&self.user_id);
            }
        }
        metrics::gauge!("florin_listeners").decrement(1.0); // float: a gauge
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_a_list_of_known_words() {
        let all = Topics { accounts: true, payments: true, inbox: true };
        assert_eq!(Topics::parse("accounts,payments,inbox"), Some(all));
        assert_eq!(Topics::parse("inbox"), Some(Topics { inbox: true, ..Topics::default() }));
        for text in ["", ",", "accounts,", "accounts,accounts", "Accounts", "everything"] {
            assert_eq!(Topics::parse(text), None, "{text}");
        }
    }
}
