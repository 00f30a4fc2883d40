//! The newest events, as this process has read them: once, for everybody here who follows the stream.

use crate::{Recorded, read};
use db::{Db, Result};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many events are kept, and so many bytes of what happened.
const EVENTS_MAX: usize = 20_000;
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The newest events, shared by who reads them.
#[derive(Default)]
pub(crate) struct Newest {
    window: Mutex<Window>,
    /// Of those who find nothing newer one reads for all.
    reading: tokio::sync::Mutex<()>,
}

/// Events without a gap.
#[derive(Default)]
struct Window {
    events: VecDeque<Recorded>,
    bytes: usize,
}

impl Newest {
    /// Keeps what was read, or was just put in its place.
    pub(crate) fn keep(&self, events: &[Recorded]) {
        self.window().keep(events);
    }

    /// The events after a position.
    pub(crate) async fn read(&self, db: &Db, after: i64, limit: u32) -> Result<Vec<Recorded>> {
        let found = self.window().after(after, limit);
        match found {
            Found::Here(events) => return Ok(events),
            // Whoever is far behind goes on alone.
            Found::Older => return read(db, after, limit).await,
            Found::Newer => {}
        }
        let one_at_a_time = self.reading.lock().await;
        if let Found::Here(events) = self.window().after(after, limit) {
            return Ok(events);
        }
        let events = read(db, after, limit).await?;
        self.keep(&events);
        drop(one_at_a_time);
        Ok(events)
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the next event after a position is.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Here(Vec<Recorded>),
    Older,
    Newer,
}

impl Window {
    fn keep(&mut self, events: &[Recorded]) {
        let last = self.events.back().map_or(0, |last| last.position);
        let mut new = events.iter().filter(|recorded| recorded.position > last).peekable();
        if new.peek().is_some_and(|next| next.position != last + 1) {
            self.events.clear();
            self.bytes = 0;
        }
        for recorded in new {
            self.bytes += recorded.event.payload.len();
            self.events.push_back(recorded.clone());
        }
        while self.events.len() > EVENTS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.event.payload.len();
        }
    }

    fn after(&self, position: i64, limit: u32) -> Found {
        let (Some(first), Some(last)) = (self.events.front(), self.events.back()) else { return Found::Newer };
        if position >= last.position {
            return Found::Newer;
        }
        let Ok(begin) = usize::try_from(position + 1 - first.position) else { return Found::Older };
        Found::Here(self.events.range(begin..).take(limit as usize).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::WallTime;
    use outbox::{Act, Event};
    use std::sync::Arc;
    use uuid::Uuid;

    fn events(positions: impl IntoIterator<Item = i64>, payload: usize) -> Vec<Recorded> {
        let act = Act { by: None, at: WallTime::from_unix_micros(0) };
        let event = Arc::new(Event::new(Uuid::nil(), "test.happened", "x".repeat(payload), act));
        positions.into_iter().map(|position| Recorded { position, sequence: 1, event: Arc::clone(&event) }).collect()
    }

    fn positions(found: Found) -> Vec<i64> {
        let Found::Here(events) = found else { panic!("{found:?}") };
        events.into_iter().map(|recorded| recorded.position).collect()
    }

    #[test]
    fn what_was_read_is_found_again_without_a_gap() {
        let mut window = Window::default();
        assert_eq!(window.after(0, 10), Found::Newer);
        window.keep(&events(5..=7, 1));
        window.keep(&events(6..=9, 1));
        window.keep(&events(2..=6, 1));
        assert_eq!(window.after(3, 10), Found::Older);
        assert_eq!(positions(window.after(4, 10)), [5, 6, 7, 8, 9]);
        assert_eq!(positions(window.after(6, 2)), [7, 8]);
        assert_eq!(window.after(9, 10), Found::Newer);
        // Somebody else put the tenth in its place.
        window.keep(&events(11..=12, 1));
        assert_eq!(window.after(9, 10), Found::Older);
        assert_eq!(positions(window.after(10, 10)), [11, 12]);
    }

    #[test]
    fn it_is_bounded_in_events_and_bytes() {
        let mut window = Window::default();
        window.keep(&events(1..=30_000, 1));
        assert_eq!((window.events.len(), window.bytes), (EVENTS_MAX, EVENTS_MAX));
        assert_eq!(window.after(10_000 - 1, 1), Found::Older);
        assert_eq!(positions(window.after(10_000, 1)), [10_001]);
        window.keep(&events(30_001..=30_010, BYTES_MAX / 4));
        assert_eq!(window.events.len(), 4);
        assert!(window.bytes <= BYTES_MAX);
    }
}
