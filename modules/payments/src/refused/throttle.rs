//! How many refusals of one person are kept: enough to answer for every honest one, and no flood.

use db::WallTime;
use ids::UserId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Of one person, in one window, in one process.
const KEPT_MAX: u32 = 240;
const WINDOW_SECONDS: i64 = 60 * 60;
/// People who are counted at once; of more than these nothing is kept until the window is over.
const PEOPLE_MAX: usize = 50_000;

/// Counts what is kept.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    number: i64,
    kept: HashMap<UserId, u32>,
}

impl Throttle {
    /// Whether one more refusal of the person is kept.
    pub(crate) fn lets_through(&self, user: UserId, now: WallTime) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.unix_seconds().div_euclid(WINDOW_SECONDS);
        if window.number != number {
            *window = Window { number, kept: HashMap::new() };
        }
        if window.kept.len() >= PEOPLE_MAX && !window.kept.contains_key(&user) {
            return false;
        }
        let kept = window.kept.entry(user).or_default();
        let is_room = *kept < KEPT_MAX;
        *kept = kept.saturating_add(1);
        if *kept == KEPT_MAX + 1 {
            tracing::warn!(user_id = %user, "no more refusals are kept of this person within the hour");
        }
        is_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_person_is_kept_in_part_and_nobody_elses_suffers() {
        let now = WallTime::from_unix_micros(1_767_225_600_000_000);
        let (throttle, ann, bob) = (Throttle::default(), UserId::generate(), UserId::generate());
        let kept = (0..10 * KEPT_MAX).filter(|_| throttle.lets_through(ann, now)).count();
        assert_eq!(kept, KEPT_MAX as usize);
        assert!(throttle.lets_through(bob, now));
        assert!(!throttle.lets_through(ann, now.plus_seconds(WINDOW_SECONDS - 1)));
        assert!(throttle.lets_through(ann, now.plus_seconds(WINDOW_SECONDS)), "the next hour");
    }
}
