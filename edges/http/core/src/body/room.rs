//! The memory that bodies may take while they arrive in pieces: bounded for the process, for a user, and for an address of
//! which no user is known. What arrives in one piece is not counted: it lies in the buffer of its connection.

use crate::ErrorCode;
use crate::address::ClientAddress;
use crate::caller::Known;
use crate::problem::{Outcome, Problem};
use axum::http::Extensions;
use ids::UserId;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// For all bodies together.
pub(super) const BYTES_MAX: usize = 64 * 1024 * 1024;
/// A user gets this part of what is free, beside what they have: so many users never take all.
const USERS_PART: usize = 8;
/// And an address this part.
const ADDRESSES_PART: usize = 64;
/// A slow sender may be through by then.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Who holds how much.
#[derive(Debug)]
pub(crate) struct Rooms {
    held: Mutex<Held>,
    /// Whether somebody may have more than their part: in load tests.
    is_shared_out: bool,
}

#[derive(Debug, Default)]
struct Held {
    bytes: usize,
    by: HashMap<Holder, usize>,
}

/// Whose body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Holder {
    User(UserId),
    Address(IpAddr),
}

/// The room of one body; given back when dropped.
#[derive(Debug)]
pub(crate) struct Room {
    rooms: Arc<Rooms>,
    holder: Holder,
    bytes: usize,
}

impl Rooms {
    pub(crate) fn new(is_shared_out: bool) -> Self {
        Self { held: Mutex::default(), is_shared_out }
    }

    /// None yet, for the body of a request with these extensions.
    pub(super) fn open(self: &Arc<Self>, extensions: &Extensions) -> Room {
        let user = extensions.get::<Known>().map(|known| Holder::User(known.user_id));
        let address = || extensions.get::<ClientAddress>().copied().unwrap_or(ClientAddress::NONE);
        let holder = user.unwrap_or_else(|| Holder::Address(address().network()));
        Room { rooms: Arc::clone(self), holder, bytes: 0 }
    }

    /// All that is held.
    #[cfg(test)]
    pub(super) fn bytes_held(&self) -> usize {
        self.held().bytes
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        // The counts are right after every step.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// Takes so much more.
    pub(super) fn grow(&mut self, bytes: usize) -> Outcome<()> {
        let mut held = self.rooms.held();
        let free = BYTES_MAX - held.bytes;
        let own = held.by.get(&self.holder).copied().unwrap_or_default();
        let (part, whose) = match self.holder {
            Holder::User(_) => (USERS_PART, "body-bytes-user"),
            Holder::Address(_) => (ADDRESSES_PART, "body-bytes-address"),
        };
        if self.rooms.is_shared_out && own + bytes > (free + own) / part {
            let problem = Problem::new(ErrorCode::RateLimited, "Too many bodies are on their way at once; try again");
            return Err(problem.with("limit", whose).retry_after(RETRY_AFTER_SECONDS));
        }
        if bytes > free {
            return Err(Problem::unavailable("bodies take all the memory that they may"));
        }
        held.bytes += bytes;
        *held.by.entry(self.holder).or_default() += bytes;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut held = self.rooms.held();
        held.bytes -= self.bytes;
        if let Some(own) = held.by.get_mut(&self.holder) {
            *own -= self.bytes;
            if *own == 0 {
                held.by.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const MEBIBYTE: usize = 1024 * 1024;

    fn room(rooms: &Arc<Rooms>, holder: Holder) -> Room {
        Room { rooms: Arc::clone(rooms), holder, bytes: 0 }
    }

    fn address(number: u32) -> Holder {
        Holder::Address(Ipv4Addr::from_bits(number).into())
    }

    fn code(outcome: Outcome<()>) -> Option<ErrorCode> {
        outcome.err().map(|problem| problem.code())
    }

    #[test]
    fn nobody_has_more_than_their_part_and_all_of_it_comes_back() {
        let rooms = Arc::new(Rooms::new(true));
        let user = Holder::User(UserId::generate());
        let mut mine: Vec<Room> = (0..8).map(|_| room(&rooms, user)).collect();
        mine.iter_mut().for_each(|room| room.grow(MEBIBYTE).unwrap());
        assert_eq!(code(room(&rooms, user).grow(1)), Some(ErrorCode::RateLimited));
        let mut others = room(&rooms, Holder::User(UserId::generate()));
        others.grow(6 * MEBIBYTE).unwrap();
        let mut stranger = room(&rooms, address(1));
        stranger.grow(512 * 1024).unwrap();
        assert_eq!(code(stranger.grow(MEBIBYTE)), Some(ErrorCode::RateLimited));
        mine.pop();
        room(&rooms, user).grow(64 * 1024).unwrap();
        drop((mine, others, stranger));
        let held = rooms.held();
        assert_eq!((held.bytes, held.by.len()), (0, 0));
    }

    #[test]
    fn many_never_take_all_and_without_parts_all_is_the_bound() {
        let rooms = Arc::new(Rooms::new(true));
        let mut all = Vec::new();
        for number in 0..2_000 {
            let mut room = room(&rooms, address(number));
            while room.grow(16 * 1024).is_ok() {}
            all.push(room);
        }
        assert!(rooms.held().bytes < BYTES_MAX);
        assert!(room(&rooms, Holder::User(UserId::generate())).grow(4 * 1024).is_ok(), "there is room for others");
        let rooms = Arc::new(Rooms::new(false));
        let mut greedy = room(&rooms, address(1));
        greedy.grow(BYTES_MAX).unwrap();
        assert_eq!(code(greedy.grow(1)), Some(ErrorCode::ServiceUnavailable));
    }
}
