//! A rail that loses, repeats, delays and reorders, and never says anything false. It knows a message by its name and settles
//! each name at most once.

use std::collections::BTreeMap;

use rails::{Acceptance, Accepted, Acknowledgement, Event, Reason};

/// A small generator: the same seed gives the same story.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn is_one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn seconds(&mut self, bound: i64) -> i64 {
        i64::try_from(self.below(bound.unsigned_abs())).expect("it is below the bound")
    }
}

/// A name of a message.
pub(crate) type Name = u64;

/// What the rail knows.
#[derive(Default)]
pub(crate) struct RailModel {
    /// Of each name for which payment it was, and whether it settled.
    known: BTreeMap<Name, (usize, bool)>,
}

/// Something that reaches the bank after so many seconds.
pub(crate) struct Later {
    pub(crate) seconds: i64,
    pub(crate) event: Event,
}

impl RailModel {
    /// A message arrives. The outcome is decided at once; whether and when anybody hears of it is another matter.
    pub(crate) fn receives(&mut self, name: Name, payment: usize, random: &mut Random) -> Vec<Later> {
        let settles = !random.is_one_in(5);
        self.known.entry(name).or_insert((payment, settles));
        let mut answers = Vec::new();
        if random.is_one_in(3) {
            let event = Event::TakenOver(Acknowledgement::InOrder);
            answers.push(Later { seconds: random.seconds(30), event });
        }
        for event in self.outcome(name).into_iter().chain(self.outcome(name).filter(|_| random.is_one_in(8))) {
            // Mostly at once, sometimes when nobody waits any more, sometimes never.
            let seconds = if random.is_one_in(6) { 20 + random.seconds(4_000) } else { random.seconds(10) };
            if !random.is_one_in(8) {
                answers.push(Later { seconds, event });
            }
        }
        answers
    }

    /// What it says when it is asked.
    pub(crate) fn outcome(&self, name: Name) -> Option<Event> {
        self.known.get(&name).map(|(_, settled)| match settled {
            true => Event::Accepted(Acceptance { how: Accepted::Settled, amount: None }),
            false => Event::Rejected(Reason::of("AC03")),
        })
    }

    /// How often a payment settled.
    pub(crate) fn times_settled(&self, payment: usize) -> usize {
        self.known.values().filter(|(of, settled)| *of == payment && *settled).count()
    }
}
