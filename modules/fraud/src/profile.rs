//! What is remembered of an account's own payments, and of what it was paid: a bounded profile, in whole numbers. Rules look at
//! it, and what is done is added to it. It is written with the money, so its clock is bank time.

mod encoding;
pub mod store;

pub use encoding::{BYTES_MAX, DamagedProfile};
pub use store::StoredProfile;

use crate::number::{Packed, ln_micros};
use ids::AccountId;
use money::{Currency, Money};

pub(crate) const HOURS: usize = 24;
pub(crate) const DAYS: usize = 32;
/// So many of the newest are remembered, if that fits.
pub(crate) const PAYEES_MAX: usize = 64;
pub(crate) const CREDITS_MAX: usize = 8;
const LARGE_MAX: usize = 4;
const RECENT_MAX: usize = 10;
/// Payments of so many whole units are remembered one by one: what is cut up to stay below a limit.
pub(crate) const LARGE_UNITS: i64 = 4_000;
/// What an account is paid is remembered from so many whole units on: eight of less than that are too little to look at.
pub const CREDIT_UNITS: i64 = 50;
/// The first payments count in full for the habit, later ones a sixteenth.
const HABIT_LENGTH: u32 = 16;

/// Payments of an hour or a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) count: u16,
    pub(crate) sum: Packed,
}

/// A large payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Large {
    minute: u32,
    amount: Packed,
}

/// What an account was paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credit {
    minute: u32,
    amount: Packed,
    payer: PartyHash,
}

/// An account on the other side, in three bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PartyHash(u32);

impl PartyHash {
    /// Of an account.
    pub fn of(account: AccountId) -> Self {
        // The identifier's lower half is random, its upper half a time: both are mixed by a multiplication.
        let mixed =
            (account.uuid().as_u128() ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd120_2b11_c1f5_9d4d_36b5_a6d5_5bd1_e995);
        Self(u32::try_from(mixed >> 104).unwrap_or_default())
    }

    /// Of somebody of whom only a name is known: the other side of an imported history.
    pub fn named(name: &str) -> Self {
        // FNV-1a, of which 24 bits are kept.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(u32::try_from(hash >> 40).unwrap_or_default())
    }

    const fn to_bytes(self) -> [u8; 3] {
        let [_, a, b, c] = self.0.to_be_bytes();
        [a, b, c]
    }

    const fn from_bytes([a, b, c]: [u8; 3]) -> Self {
        Self(u32::from_be_bytes([0, a, b, c]))
    }
}

/// A payment that an account makes, or is about to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// When, in seconds of bank time since 1970.
    pub at: i64,
    /// How much.
    pub money: Money,
    /// To whom; nobody where it is cash.
    pub payee: Option<PartyHash>,
    /// Whether it goes to another account of the same owner: such payments count for limits only.
    pub is_between_own: bool,
}

/// What is remembered of an account.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Profile {
    /// Since when, in minutes since 1970; 0: nothing has happened yet.
    since: u32,
    /// Payments to others so far.
    payments: u32,
    /// The hour of the newest bucket, since 1970.
    hour: u32,
    hours: [Bucket; HOURS],
    days: [Bucket; DAYS],
    /// ln(amount), in millionths: its slow mean, and the slow mean of how far payments are from it.
    ln_mean: u32,
    ln_deviation: u32,
    /// The last payments, the newest first: how many seconds after 1970.
    recent: Vec<u32>,
    /// The day of the last payment at night; 0: none.
    night: u32,
    /// For limits: everything in the hour and on the day of the last payment.
    limit_hour: u32,
    limit_count: u16,
    limit_day: u32,
    limit_sum: i64,
    large: Vec<Large>,
    credits: Vec<Credit>,
    /// The slow mean of single credits that are forgotten.
    credit_habit: Packed,
    /// The newest first.
    payees: Vec<PartyHash>,
}

/// Seconds in an hour.
pub(crate) const HOUR: i64 = 3_600;
/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

fn small(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

/// Whole units of a currency in minor units.
pub(crate) fn units(units: i64, currency: Currency) -> i64 {
    units.saturating_mul(10_i64.saturating_pow(u32::from(currency.exponent())))
}

impl Profile {
    /// Adds a payment that the account has made.
    pub fn pay(&mut self, payment: &Payment) {
        let Payment { at, money, payee, is_between_own } = *payment;
        self.begin(at);
        self.count_for_limits(at, money.minor());
        if is_between_own {
            return;
        }
        self.go_on_to(at);
        let minor = money.minor();
        self.count(minor);
        self.learn_amount(minor);
        // Nobody asks how many there were longer ago, only when the last one was.
        self.recent.retain(|second| i64::from(*second) > at - HOUR && i64::from(*second) <= at);
        self.recent.insert(0, small(at));
        self.recent.truncate(RECENT_MAX);
        if is_night(at) {
            self.night = small(at / DAY);
        }
        if minor >= units(LARGE_UNITS, money.currency()) {
            self.large.insert(0, Large { minute: small(at / 60), amount: Packed::of(minor) });
            self.large.truncate(LARGE_MAX);
        }
        self.payments = self.payments.saturating_add(1);
        if let Some(payee) = payee {
            self.know(payee);
        }
        self.fit();
    }

    /// Somebody was paid, or somebody of the bank has let them be paid: they are new no more.
    pub fn know(&mut self, payee: PartyHash) {
        self.payees.retain(|known| *known != payee);
        self.payees.insert(0, payee);
        self.fit();
    }

    /// Adds what the account was paid by somebody else, if it is worth it; says whether it was.
    pub fn be_paid(&mut self, at: i64, money: Money, payer: PartyHash) -> bool {
        if !is_credit_worth_it(money) {
            return false;
        }
        self.begin(at);
        if self.credits.len() == CREDITS_MAX
            && let Some(forgotten) = self.credits.pop()
        {
            let (habit, minor) = (self.credit_habit.minor(), forgotten.amount.minor());
            self.credit_habit = Packed::of(if habit == 0 { minor } else { habit + (minor - habit) / 8 });
        }
        self.credits.insert(0, Credit { minute: small(at / 60), amount: Packed::of(money.minor()), payer });
        self.fit();
        true
    }

    /// Payments to others so far.
    pub const fn payments(&self) -> u32 {
        self.payments
    }

    /// For how long the account has been watched, in seconds.
    pub(crate) fn watched_for(&self, now: i64) -> i64 {
        if self.since == 0 { 0 } else { (now - i64::from(self.since) * 60).max(0) }
    }

    /// Payments of the last hour.
    pub(crate) fn payments_in_hour(&self, now: i64) -> i64 {
        let since = now - HOUR;
        let recent = self.recent.iter().filter(|second| i64::from(**second) > since);
        i64::try_from(recent.count()).unwrap_or(i64::MAX)
    }

    /// When the account paid last.
    pub(crate) fn last_payment(&self) -> Option<i64> {
        self.recent.first().map(|second| i64::from(*second))
    }

    /// Count and sum of the last 24 hours, by whole hours.
    pub(crate) fn last_24_hours(&self, now: i64) -> (i64, i64) {
        let hour = small(now / HOUR);
        let first = hour.saturating_sub(23);
        sum((first..=hour.min(self.hour))
            .filter(|hour| *hour + 24 > self.hour)
            .map(|hour| self.hours[hour as usize % HOURS]))
    }

    /// Count and sum of the given number of days before today.
    pub(crate) fn days_before(&self, now: i64, days: u32) -> (i64, i64) {
        let (today, newest) = (small(now / DAY), self.hour / 24);
        let first = today.saturating_sub(days.min(30));
        sum((first..today.min(newest + 1)).filter(|day| *day + 32 > newest).map(|day| self.days[day as usize % DAYS]))
    }

    /// How many standard deviations above its habit an amount is, in thousandths. From the mean of absolute deviations, of which a
    /// normal distribution has four fifths of its standard deviation; never less than a quarter.
    pub(crate) fn deviations_above_habit(&self, minor: i64) -> i64 {
        let above = i64::from(ln_micros(minor)) - i64::from(self.ln_mean);
        let deviation = (i64::from(self.ln_deviation) * 5 / 4).max(250_000);
        above * 1_000 / deviation
    }

    /// How many payments the limits count in the hour.
    pub(crate) fn limit_count(&self, now: i64) -> i64 {
        if self.limit_hour == small(now / HOUR) { i64::from(self.limit_count) } else { 0 }
    }

    /// How much the limits count on the day, exactly.
    pub(crate) fn limit_sum(&self, now: i64) -> i64 {
        if self.limit_day == small(now / DAY) { self.limit_sum } else { 0 }
    }

    pub(crate) fn knows(&self, payee: PartyHash) -> bool {
        self.payees.contains(&payee)
    }

    /// The day of the last payment at night.
    pub(crate) const fn last_night(&self) -> Option<u32> {
        if self.night == 0 { None } else { Some(self.night) }
    }

    /// Large payments of the last 48 hours, from a lower bound up to an upper one: how many, and their sum.
    pub(crate) fn large_within(&self, now: i64, lower: i64, upper: i64) -> (i64, i64) {
        let since = now - 2 * DAY;
        let large = self.large.iter().filter(|large| i64::from(large.minute) * 60 > since);
        let amounts = large.map(|large| large.amount.minor()).filter(|minor| *minor >= lower && *minor < upper);
        amounts.fold((0, 0), |(count, sum), minor| (count + 1, sum.saturating_add(minor)))
    }

    /// What the account was paid in the last 48 hours without its wages: those of who paid it before, 25 days ago or more.
    pub(crate) fn credits_of_two_days(&self, now: i64) -> i64 {
        let since = now - 2 * DAY;
        let is_wage = |credit: &Credit| {
            self.credits.iter().any(|other| other.payer == credit.payer && other.minute + 25 * 1_440 <= credit.minute)
        };
        let recent = self.credits.iter().filter(|credit| i64::from(credit.minute) * 60 > since && !is_wage(credit));
        recent.fold(0, |sum, credit| sum.saturating_add(credit.amount.minor()))
    }

    /// How much the account is paid at once, of what was paid before the last 48 hours; 0: nothing was.
    pub(crate) fn credit_habit(&self, now: i64) -> i64 {
        let since = now - 2 * DAY;
        let older = self.credits.iter().filter(|credit| i64::from(credit.minute) * 60 <= since);
        let known =
            older.map(|credit| credit.amount.minor()).chain(Some(self.credit_habit.minor()).filter(|habit| *habit > 0));
        let (count, sum) = known.fold((0, 0_i64), |(count, sum), minor| (count + 1, sum.saturating_add(minor)));
        if count == 0 { 0 } else { sum / count }
    }

    fn begin(&mut self, at: i64) {
        if self.since == 0 {
            self.since = small(at / 60).max(1);
        }
    }

    fn count_for_limits(&mut self, at: i64, minor: i64) {
        let (hour, day) = (small(at / HOUR), small(at / DAY));
        self.limit_sum = self.limit_sum(at).saturating_add(minor);
        self.limit_count = if self.limit_hour == hour { self.limit_count.saturating_add(1) } else { 1 };
        (self.limit_hour, self.limit_day) = (hour, day);
    }

    /// Empties the buckets between the newest and the hour that it is.
    fn go_on_to(&mut self, at: i64) {
        let hour = small(at / HOUR);
        if hour <= self.hour {
            return;
        }
        for empty in (self.hour + 1..=hour).rev().take(HOURS) {
            self.hours[empty as usize % HOURS] = Bucket::default();
        }
        for empty in (self.hour / 24 + 1..=hour / 24).rev().take(DAYS) {
            self.days[empty as usize % DAYS] = Bucket::default();
        }
        self.hour = hour;
    }

    /// What is booked a moment late counts for the newest buckets.
    fn count(&mut self, minor: i64) {
        let (hour, day) = (self.hour as usize % HOURS, self.hour as usize / 24 % DAYS);
        for bucket in [&mut self.hours[hour], &mut self.days[day]] {
            bucket.count = bucket.count.saturating_add(1);
            bucket.sum = bucket.sum.plus(minor);
        }
    }

    fn learn_amount(&mut self, minor: i64) {
        let (ln, mean) = (i64::from(ln_micros(minor)), i64::from(self.ln_mean));
        if self.payments == 0 {
            (self.ln_mean, self.ln_deviation) = (small(ln), 0);
            return;
        }
        let weight = i64::from((self.payments + 1).min(HABIT_LENGTH));
        let away = (ln - mean).abs();
        self.ln_mean = small(mean + (ln - mean) / weight);
        self.ln_deviation = small(i64::from(self.ln_deviation) + (away - i64::from(self.ln_deviation)) / weight);
    }

    /// Forgets the oldest payees for whom there is no room.
    fn fit(&mut self) {
        let room = (BYTES_MAX - self.bytes_without_payees()) / PartyHash::default().to_bytes().len();
        self.payees.truncate(room.min(PAYEES_MAX));
    }
}

/// Whether what somebody is paid is remembered at all.
pub fn is_credit_worth_it(money: Money) -> bool {
    money.minor() >= units(CREDIT_UNITS, money.currency())
}

/// From midnight to five, in Coordinated Universal Time: where a customer lives nobody has told the bank.
pub(crate) const fn is_night(at: i64) -> bool {
    at.rem_euclid(DAY) < 5 * HOUR
}

fn sum(buckets: impl Iterator<Item = Bucket>) -> (i64, i64) {
    buckets
        .fold((0, 0), |(count, sum), bucket| (count + i64::from(bucket.count), sum.saturating_add(bucket.sum.minor())))
}

#[cfg(test)]
mod tests;
