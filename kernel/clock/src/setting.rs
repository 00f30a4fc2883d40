//! How bank time runs, and what may be done about it: plain functions over plain values. Bank time never goes back.

use crate::ClockError;
use db::{BankTime, WallTime};

/// The furthest that one advance goes.
pub const ADVANCE_DAYS_MAX: i64 = 62;
/// The fastest that bank time runs: a year in less than an hour.
pub const RATE_MAX: i64 = 10_000;
/// Bank time stands still when it comes here: 2200-01-01. Whatever is counted in years has room behind it.
const LAST: BankTime = BankTime::from_unix_micros(7_258_118_400_000_000);

/// How bank time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// With wall time, `rate` times as fast.
    Running,
    /// As before, for those who do not know better; nobody books in it. It ends at once: see [`Setting::settled`].
    Stopping,
    /// Not at all.
    Frozen,
    /// From one thing that falls due to the next, to where an advance goes.
    Advancing,
}

/// What an advance has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    /// Where it began.
    pub from: BankTime,
    /// Where it ends.
    pub to: BankTime,
    /// How many things that fell due on the way were done. What was done just before a crash is not counted.
    pub done: i64,
}

/// How bank time runs, since when, and what it was then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) version: i64,
    pub(crate) state: State,
    pub(crate) base: BankTime,
    pub(crate) anchor: WallTime,
    pub(crate) rate: i64,
    pub(crate) next_rate: Option<i64>,
    pub(crate) advance: Option<Advance>,
    pub(crate) apart_seconds: i64,
}

/// What an administrator can do to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockCommand {
    /// Let bank time stand still; an advance that is under way ends where it is.
    Freeze,
    /// Let it run on from where it stands.
    Resume,
    /// Let it run so many times as fast as wall time.
    Rate(i64),
    /// Take a frozen clock forward to an instant, doing on the way what falls due.
    AdvanceTo(BankTime),
    /// The same, by so many seconds.
    AdvanceBy(i64),
}

impl State {
    const ALL: [Self; 4] = [Self::Running, Self::Stopping, Self::Frozen, Self::Advancing];

    /// The word that is stored.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Stopping => "STOPPING",
            Self::Frozen => "FROZEN",
            Self::Advancing => "ADVANCING",
        }
    }

    /// Reads the word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl Setting {
    /// Bank time that equals wall time.
    pub(crate) const fn untouched(now: WallTime) -> Self {
        Self {
            version: 0,
            state: State::Running,
            base: BankTime::equal_to(now),
            anchor: now,
            rate: 1,
            next_rate: None,
            advance: None,
            apart_seconds: 0,
        }
    }

    /// Bank time at an instant of wall time. A machine whose clock is behind the one that wrote the anchor waits for it.
    pub(crate) fn at(&self, wall: WallTime) -> BankTime {
        let passed = match self.state {
            State::Running | State::Stopping => (wall.unix_micros() - self.anchor.unix_micros()).max(0),
            State::Frozen | State::Advancing => 0,
        };
        let micros = self.base.unix_micros().saturating_add(passed.saturating_mul(self.rate));
        BankTime::from_unix_micros(micros.min(LAST.unix_micros().max(self.base.unix_micros())))
    }

    /// The most that the two times were ever apart, until now.
    pub(crate) fn apart_at(&self, wall: WallTime) -> i64 {
        self.apart_seconds.max((self.at(wall).unix_seconds() - wall.unix_seconds()).abs())
    }

    /// What the command makes of it.
    pub(crate) fn commanded(self, command: ClockCommand, wall: WallTime) -> Result<Self, ClockError> {
        match command {
            ClockCommand::Freeze => Ok(self.stopped(None, wall)),
            ClockCommand::Resume => match self.state {
                State::Running | State::Stopping => Ok(self),
                State::Frozen => Ok(self.changed(Self { state: State::Running, anchor: wall, ..self }, wall)),
                State::Advancing => Err(ClockError::Advancing),
            },
            ClockCommand::Rate(rate) if !(1..=RATE_MAX).contains(&rate) => Err(ClockError::RateOutOfRange),
            ClockCommand::Rate(rate) => match self.state {
                State::Running | State::Stopping if rate == self.rate => Ok(self),
                State::Running | State::Stopping => Ok(self.stopped(Some(rate), wall)),
                State::Frozen => Ok(self.changed(Self { rate, ..self }, wall)),
                State::Advancing => Err(ClockError::Advancing),
            },
            ClockCommand::AdvanceBy(seconds) => self.advancing(self.base.plus_seconds(seconds), wall),
            ClockCommand::AdvanceTo(to) => self.advancing(to, wall),
        }
    }

    /// Slowing down takes two commits. Until the first, somebody may have taken a time of the old pace; nobody books in
    /// between; so what [`Self::settled`] reads from the clock after the first is later than all that was booked.
    fn stopped(self, next_rate: Option<i64>, wall: WallTime) -> Self {
        match self.state {
            State::Running => self.changed(Self { state: State::Stopping, next_rate, ..self }, wall),
            State::Advancing => self.changed(Self { state: State::Frozen, anchor: wall, ..self }, wall),
            State::Stopping | State::Frozen => self,
        }
    }

    /// The second half of slowing down.
    pub(crate) fn settled(self, wall: WallTime) -> Self {
        if self.state != State::Stopping {
            return self;
        }
        let standing = Self { base: self.at(wall), anchor: wall.max(self.anchor), next_rate: None, ..self };
        let after = match self.next_rate {
            Some(rate) => Self { state: State::Running, rate, ..standing },
            None => Self { state: State::Frozen, ..standing },
        };
        self.changed(after, wall)
    }

    fn advancing(self, to: BankTime, wall: WallTime) -> Result<Self, ClockError> {
        match self.state {
            State::Frozen => {}
            State::Running | State::Stopping => return Err(ClockError::NotFrozen),
            State::Advancing => return Err(ClockError::Advancing),
        }
        if to <= self.base {
            return Err(ClockError::OnlyForward { bank_time: self.base });
        }
        if to > self.base.plus_seconds(ADVANCE_DAYS_MAX * 86_400) || to > LAST {
            return Err(ClockError::TooFar { bank_time: self.base });
        }
        let advance = Some(Advance { from: self.base, to, done: 0 });
        Ok(self.changed(Self { state: State::Advancing, advance, ..self }, wall))
    }

    /// One step of an advance: what was due until `base` is done, and this is due next.
    pub(crate) fn stepped(self, next_due: Option<BankTime>, done: i64, wall: WallTime) -> Self {
        let Some(advance) = self.advance.filter(|_| self.state == State::Advancing) else { return self };
        let advance = Advance { done: advance.done.saturating_add(done), ..advance };
        let after = match next_due {
            Some(due) if due <= advance.to => Self { base: due.max(self.base), ..self },
            _ => Self { state: State::Frozen, base: advance.to.max(self.base), ..self },
        };
        self.changed(Self { advance: Some(advance), ..after }, wall)
    }

    /// Every change has a version of its own and remembers how far the times were apart.
    fn changed(self, after: Self, wall: WallTime) -> Self {
        let apart_seconds = self.apart_at(wall).max(after.apart_at(wall));
        Self { version: self.version + 1, apart_seconds, ..after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wall(seconds: i64) -> WallTime {
        WallTime::from_unix_micros(1_767_225_600_000_000).plus_seconds(seconds)
    }

    fn bank(text: &str) -> BankTime {
        BankTime::parse(text).unwrap()
    }

    fn frozen_at(text: &str) -> Setting {
        Setting { state: State::Frozen, base: bank(text), ..Setting::untouched(wall(0)) }
    }

    #[test]
    fn untouched_it_equals_wall_time() {
        let setting = Setting::untouched(wall(0));
        assert_eq!(setting.at(wall(86_400)).unix_micros(), wall(86_400).unix_micros());
        assert_eq!(setting.apart_at(wall(86_400)), 0);
    }

    #[test]
    fn frozen_it_stands_still_and_resumed_it_goes_on_from_there() {
        let stopping = Setting::untouched(wall(0)).commanded(ClockCommand::Freeze, wall(10)).unwrap();
        let frozen = stopping.settled(wall(11));
        assert_eq!((frozen.state, frozen.at(wall(999))), (State::Frozen, BankTime::equal_to(wall(11))));
        let running = frozen.commanded(ClockCommand::Resume, wall(1_000)).unwrap();
        assert_eq!(running.at(wall(1_005)), BankTime::equal_to(wall(16)));
    }

    #[test]
    fn a_thousand_times_as_fast_a_day_takes_a_minute_and_a_half() {
        let fast = Setting::untouched(wall(0)).commanded(ClockCommand::Rate(1_000), wall(0)).unwrap().settled(wall(0));
        assert_eq!(fast.at(wall(90)), BankTime::equal_to(wall(90_000)));
        assert_eq!(fast.commanded(ClockCommand::Rate(RATE_MAX + 1), wall(0)), Err(ClockError::RateOutOfRange));
        assert_eq!(fast.at(wall(100_000_000)), LAST);
    }

    #[test]
    fn an_advance_goes_from_one_due_thing_to_the_next_over_the_end_of_february() {
        let end = bank("2028-03-01T00:00:00Z");
        let setting = frozen_at("2028-02-28T12:00:00Z").commanded(ClockCommand::AdvanceTo(end), wall(0)).unwrap();
        let leap_day = bank("2028-02-29T08:00:00Z");
        let there = setting.stepped(Some(leap_day), 0, wall(0));
        assert_eq!(
            (there.state, there.at(wall(60)), there.at(wall(60)).date().to_string().as_str()),
            (State::Advancing, leap_day, "2028-02-29")
        );
        let done = there.stepped(Some(bank("2028-03-01T00:00:01Z")), 3, wall(0));
        assert_eq!((done.state, done.base, done.advance.unwrap().done), (State::Frozen, end, 3));
    }

    #[test]
    fn an_advance_is_bounded_goes_forward_only_and_needs_a_frozen_clock() {
        let frozen = frozen_at("2026-12-31T23:59:59Z");
        let to = |text| frozen.commanded(ClockCommand::AdvanceTo(bank(text)), wall(0));
        assert!(matches!(to("2026-12-31T23:59:59Z"), Err(ClockError::OnlyForward { .. })));
        assert!(matches!(to("2027-03-04T00:00:00Z"), Err(ClockError::TooFar { .. })));
        assert!(to("2027-03-03T23:59:59Z").is_ok());
        let by = |seconds| frozen.commanded(ClockCommand::AdvanceBy(seconds), wall(0));
        assert!(by(1).is_ok() && by(0).is_err() && by(-1).is_err() && by(i64::MAX).is_err() && by(i64::MIN).is_err());
        let running = Setting::untouched(wall(0));
        assert_eq!(running.commanded(ClockCommand::AdvanceBy(60), wall(0)), Err(ClockError::NotFrozen));
    }

    proptest! {
        /// Whatever is done to it: who takes a time before a change is committed never has a later one than who takes it
        /// after, and nothing takes it back.
        #[test]
        fn bank_time_never_goes_back(steps in prop::collection::vec((0..6_u8, 0..5_000_i64, 1..4_000_000_i64), 1..40)) {
            let (mut now, mut setting) = (0, Setting::untouched(wall(0)));
            let mut latest = setting.at(wall(0));
            for (what, later, number) in steps {
                now += later;
                latest = latest.max(setting.at(wall(now)));
                let command = match what {
                    0 => Some(ClockCommand::Freeze),
                    1 => Some(ClockCommand::Resume),
                    2 => Some(ClockCommand::Rate(number % RATE_MAX + 1)),
                    3 => Some(ClockCommand::AdvanceBy(number)),
                    _ => None,
                };
                let before = setting;
                setting = match command {
                    Some(command) => setting.commanded(command, wall(now)).unwrap_or(setting),
                    None => setting.stepped(Some(setting.base.plus_seconds(number)), 1, wall(now)),
                };
                // The old pace is seen until the first commit at the latest, which takes its time.
                latest = latest.max(before.at(wall(now)));
                if setting.state == State::Stopping {
                    now += 3;
                    latest = latest.max(before.at(wall(now - 1)));
                    setting = setting.settled(wall(now));
                }
                prop_assert!(setting.at(wall(now)) >= latest, "{before:?} became {setting:?}");
                prop_assert!(setting.version >= before.version);
                latest = setting.at(wall(now));
            }
        }
    }
}
