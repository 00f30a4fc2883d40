//! Many payments of several accounts over a bad rail, with workers that stall: at the end our books are the rail's. And the
//! same with planted mistakes, each of which has to be noticed.

use std::collections::BTreeMap;

use db::BankTime;
use rails::*;

use crate::rail_model::{Name, RailModel, Random};
use crate::world::{World, after, payment_in};

const PAYMENTS: usize = 50;
const ACCOUNTS: usize = 7;
/// Two days: the rail is asked for one.
const END_SECONDS: i64 = 2 * 86_400;

/// A planted mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    None,
    /// After the deadline it has failed: a guess.
    Guesses,
    /// Workers whose time is over are believed.
    BelievesStale,
    /// What was not found is sent again under a new name.
    Renames,
}

/// What comes due.
enum Due {
    Look { account: usize },
    Hear { payment: usize, event: Event },
    Arrive { payment: usize, name: Name },
    Enquire { payment: usize },
}

struct Story {
    mistake: Mistake,
    random: Random,
    rail: RailModel,
    worlds: Vec<World>,
    names: Vec<Name>,
    next_name: Name,
    due: BTreeMap<(BankTime, u64), Due>,
    sequence: u64,
    now: BankTime,
    first_taken: Vec<usize>,
    /// Accounts that somebody looks at soon.
    looked_at: [bool; ACCOUNTS],
    /// Until when the worker of a payment may still be sending it, if it has not said how that went.
    at_work: Vec<Option<BankTime>>,
    overlapped: bool,
}

impl Story {
    fn new(seed: u64, mistake: Mistake) -> Self {
        let mut story = Self {
            mistake,
            random: Random::new(seed),
            rail: RailModel::default(),
            worlds: (0..PAYMENTS).map(|_| World::of(payment_in(Phase::Queued, Rail::Instant))).collect(),
            names: vec![0; PAYMENTS],
            next_name: 0,
            due: BTreeMap::new(),
            sequence: 0,
            now: after(0),
            first_taken: Vec::new(),
            looked_at: [false; ACCOUNTS],
            at_work: vec![None; PAYMENTS],
            overlapped: false,
        };
        (0..ACCOUNTS).for_each(|account| story.wakes(account));
        for payment in 0..PAYMENTS {
            // Some owners change their mind, and some rails are away.
            for event in [Event::CancelAsked, Event::RailAway] {
                if story.random.is_one_in(6) {
                    let seconds = story.random.seconds(400);
                    story.plans(seconds, Due::Hear { payment, event });
                }
            }
        }
        story
    }

    fn plans(&mut self, seconds: i64, due: Due) {
        self.sequence += 1;
        self.due.insert((self.now.plus_seconds(seconds), self.sequence), due);
    }

    /// Something has changed on an account: a worker looks at it soon.
    fn wakes(&mut self, account: usize) {
        if !std::mem::replace(&mut self.looked_at[account], true) {
            let seconds = 1 + self.random.seconds(3);
            self.plans(seconds, Due::Look { account });
        }
    }

    fn runs(&mut self) {
        while let Some(((at, _), due)) = self.due.pop_first() {
            if at > after(END_SECONDS) {
                break;
            }
            self.now = at;
            match due {
                Due::Look { account } => self.looks(account),
                Due::Hear { payment, event } => self.hears(payment, &event),
                Due::Arrive { payment, name } => self.arrives(payment, name),
                Due::Enquire { payment } => self.enquires(payment),
            }
        }
        // The statement of the day says what enquiries did not.
        for payment in 0..PAYMENTS {
            if let Some(outcome) = self.rail.outcome(self.names[payment]) {
                self.hears(payment, &outcome);
            }
        }
    }

    /// A worker looks whether the first payment of an account can be taken, and sends it.
    fn looks(&mut self, account: usize) {
        self.looked_at[account] = false;
        let of_account = (account..PAYMENTS).step_by(ACCOUNTS);
        let head = of_account.into_iter().find(|payment| self.worlds[*payment].payment.phase.blocks_account());
        let Some(payment) = head.filter(|head| self.worlds[*head].payment.phase == Phase::Queued) else { return };
        self.hears(payment, &Event::Taken(Gate { is_head: true, is_open: true, is_let_through: true, settles: None }));
        if self.worlds[payment].payment.phase != Phase::Sending {
            return;
        }
        if !self.first_taken.contains(&payment) {
            self.first_taken.push(payment);
        }
        self.overlapped |= self.at_work[payment].is_some_and(|ends| ends > self.now);
        self.at_work[payment] = Some(self.now.plus_seconds(30));
        self.plans(30, Due::Hear { payment, event: Event::LeaseOver });
        let attempt = self.worlds[payment].payment.sending.attempt;
        let name = self.names[payment];
        // A worker may stall, longer than its lease.
        let stalls = if self.random.is_one_in(6) { self.random.seconds(90) } else { 0 };
        let hear = |event| Due::Hear { payment, event };
        match self.random.below(8) {
            0 => {
                // It may say so twice: it does not know that it was heard.
                self.plans(stalls, hear(Event::NotSent { attempt }));
                self.plans(stalls + 6, hear(Event::NotSent { attempt }));
            }
            1 => self.plans(stalls + 5, hear(Event::PerhapsSent { attempt })),
            2 => {
                // On its way for longer than anybody waits.
                let seconds = stalls + self.random.seconds(120);
                self.plans(seconds, Due::Arrive { payment, name });
                self.plans(stalls + 5, hear(Event::PerhapsSent { attempt }));
            }
            _ => {
                self.plans(stalls, Due::Arrive { payment, name });
                self.plans(stalls, hear(Event::TakenOver(Acknowledgement::Delivered)));
            }
        }
    }

    fn arrives(&mut self, payment: usize, name: Name) {
        for later in self.rail.receives(name, payment, &mut self.random) {
            self.plans(later.seconds, Due::Hear { payment, event: later.event });
        }
    }

    fn enquires(&mut self, payment: usize) {
        if self.worlds[payment].payment.phase != Phase::Unknown {
            return;
        }
        let answer = match self.rail.outcome(self.names[payment]) {
            _ if self.random.is_one_in(4) => Event::NotResolved,
            Some(outcome) => outcome,
            None => Event::NotFound,
        };
        self.hears(payment, &answer);
    }

    fn hears(&mut self, payment: usize, event: &Event) {
        let world = &mut self.worlds[payment];
        let current = world.payment.sending.attempt;
        let is_report = match event {
            Event::NotSent { attempt } | Event::PerhapsSent { attempt } => *attempt == current,
            Event::TakenOver(Acknowledgement::Delivered) => true,
            _ => false,
        };
        if is_report {
            self.at_work[payment] = None;
        }
        let event = match (self.mistake, event) {
            (Mistake::BelievesStale, Event::NotSent { .. }) => &Event::NotSent { attempt: current },
            (_, event) => event,
        };
        let decision = match self.mistake {
            Mistake::None => world.hears(event, self.now),
            _ => decide(&world.payment, event, self.now),
        };
        let Decision::Step(mut step) = decision else { return };
        if self.mistake != Mistake::None {
            if self.mistake == Mistake::Guesses && step.row == "T14" {
                step.payment.phase = Phase::Failed;
                step.effects = vec![Effect::ReleaseHold];
            }
            world.takes(&step);
        }
        self.wakes(payment % ACCOUNTS);
        let is_renamed = self.mistake == Mistake::Renames && step.row == "T17";
        for effect in &step.effects {
            match effect {
                Effect::StoreMessage => {
                    self.next_name += 1;
                    self.names[payment] = self.next_name;
                }
                Effect::AwaitUntil(at) => {
                    self.sequence += 1;
                    self.due.insert((*at, self.sequence), Due::Hear { payment, event: Event::DeadlineOver });
                }
                Effect::EnquireAt(at) => {
                    self.sequence += 1;
                    self.due.insert((*at, self.sequence), Due::Enquire { payment });
                }
                _ => {}
            }
        }
        if is_renamed {
            self.next_name += 1;
            self.names[payment] = self.next_name;
        }
    }

    /// What is wrong at the end.
    fn wrong(&self) -> Option<String> {
        for (payment, world) in self.worlds.iter().enumerate() {
            let settled = self.rail.times_settled(payment);
            let case = || format!("payment {payment}: {:?} {:?}, settled {settled} times", world.payment, world.books);
            let is_settled = world.payment.phase == Phase::Settled;
            if settled > 1 || (settled == 1) != is_settled {
                return Some(format!("our settled are not the rail's, {}", case()));
            }
            if world.books.suspense != 0 || world.payment.attention == Some(Attention::Contradiction) {
                return Some(format!("something contradicts, {}", case()));
            }
            if (world.books.held != 0) == world.payment.phase.is_final() {
                return Some(format!("held is not what is open, {}", case()));
            }
        }
        if self.overlapped {
            return Some("two workers had one payment at once".to_owned());
        }
        let of = |account: usize| self.first_taken.iter().filter(move |payment| *payment % ACCOUNTS == account);
        let in_order = (0..ACCOUNTS).all(|account| of(account).is_sorted());
        (!in_order).then(|| "an account's order was not kept".to_owned())
    }
}

fn end_of(seed: u64, mistake: Mistake) -> Option<String> {
    let mut story = Story::new(seed, mistake);
    story.runs();
    story.wrong()
}

#[test]
fn our_books_are_the_rails_after_every_schedule() {
    let count = std::env::var("FLORIN_RAIL_SCHEDULES").map_or(150, |text| text.parse().expect("a number"));
    for seed in 0..count {
        if let Some(wrong) = end_of(seed, Mistake::None) {
            panic!("seed {seed}: {wrong}");
        }
    }
}

#[test]
fn planted_mistakes_are_noticed() {
    for mistake in [Mistake::Guesses, Mistake::BelievesStale, Mistake::Renames] {
        let noticed = (0..1_000).find(|seed| end_of(*seed, mistake).is_some());
        assert!(noticed.is_some(), "{mistake:?} was not noticed in a thousand schedules");
    }
}
