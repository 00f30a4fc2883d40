//! A rule: one question about a payment, and its answer with the numbers that it rests on. The questions are in `rules/`.

use crate::profile::{Payment, Profile};
use money::Currency;

db::words! {
    /// The rules. L: limits, which decline; F: what is like fraud, which gives points.
    RuleId {
        /// The amount of one payment.
        L01 = "L01",
        /// The sum of a day.
        L02 = "L02",
        /// The count of an hour.
        L03 = "L03",
        /// The amount against the account's own habit.
        F01 = "F01",
        /// Payments in an hour.
        F02 = "F02",
        /// Payments in 24 hours against 30 days.
        F03 = "F03",
        /// The sum of 24 hours against 30 days.
        F04 = "F04",
        /// Somebody who was not paid from this account before.
        F05 = "F05",
        /// One sum cut up to stay below a limit.
        F06 = "F06",
        /// What came in leaves at once.
        F07 = "F07",
        /// Two places too far from each other.
        F08 = "F08",
        /// An account that was asleep.
        F09 = "F09",
        /// Credentials that have just changed.
        F10 = "F10",
        /// At night.
        F11 = "F11",
        /// Purchases that are given back again and again.
        F12 = "F12",
        /// Somebody who is suspected by other customers' payments.
        F13 = "F13",
    }
}

db::words! {
    /// What a rule is for in a set.
    RuleMode {
        /// It counts.
        Active = "ACTIVE",
        /// It is evaluated and written down, and does not count.
        Shadow = "SHADOW",
        /// It is not evaluated.
        Off = "OFF",
    }
}

db::words! {
    /// Why a rule was not evaluated.
    Skip {
        /// The set or the customer's snooze says so.
        Off = "OFF",
        /// Somebody has told it to rest for this customer.
        Snoozed = "SNOOZED",
        /// Between accounts of one owner limits count only.
        BetweenOwn = "BETWEEN_OWN_ACCOUNTS",
        /// Too few payments so far, or the account is not watched for long enough.
        TooEarly = "TOO_EARLY",
        /// Cash has no payee.
        NoPayee = "NO_PAYEE",
        /// Nobody tells the bank where people are.
        NoPlaces = "NO_PLACES",
        /// Changes of credentials are not told to payments yet.
        NoCredentials = "NO_CREDENTIALS",
        /// The bank does not know yet who is a merchant.
        NoMerchants = "NO_MERCHANTS",
        /// It could not be evaluated: something is broken.
        Error = "ERROR",
    }
}

/// So many points an error gives: errors never approve silently.
pub const ERROR_POINTS: u32 = 25;

/// What a rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The value reached the threshold.
    Fired {
        /// What was found.
        value: i64,
        /// What it was compared with.
        threshold: i64,
        /// What it counts.
        points: u32,
    },
    /// The value is below all thresholds.
    NotFired {
        /// What was found.
        value: i64,
        /// The lowest threshold.
        threshold: i64,
    },
    /// It was not evaluated.
    Skipped(Skip),
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fired { .. } => "FIRED",
            Self::NotFired { .. } => "NOT_FIRED",
            Self::Skipped(_) => "SKIPPED",
        }
    }

    /// What it counts.
    pub const fn points(self) -> u32 {
        match self {
            Self::Fired { points, .. } => points,
            Self::Skipped(Skip::Error) => ERROR_POINTS,
            Self::NotFired { .. } | Self::Skipped(_) => 0,
        }
    }
}

/// A number that a set may change.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in the set.
    pub name: &'static str,
    /// Where a set does not say.
    pub default: i64,
    /// The least that it may be.
    pub min: i64,
    /// The most.
    pub max: i64,
}

impl Parameter {
    pub(crate) const fn new(name: &'static str, default: i64, min: i64, max: i64) -> Self {
        Self { name, default, min, max }
    }

    pub(crate) const fn points(name: &'static str, default: i64) -> Self {
        Self::new(name, default, 0, 100)
    }
}

/// No rule has more parameters.
pub(crate) const PARAMETERS_MAX: usize = 8;

/// What is asked about a payment, beside the payment itself.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The payment as it would be made.
    pub payment: Payment,
    /// Whether a program gives the order.
    pub is_by_program: bool,
    /// For how long the account has been open, in seconds.
    pub account_age: i64,
    /// How many other customers' payments to this payee were looked at or declined lately.
    pub payee_suspicions: u32,
    /// Whether the profile could be read.
    pub is_profile_damaged: bool,
}

impl Facts {
    pub(crate) fn minor(&self) -> i64 {
        self.payment.money.minor()
    }

    pub(crate) fn currency(&self) -> Currency {
        self.payment.money.currency()
    }

    pub(crate) fn units(&self, units: i64) -> i64 {
        crate::profile::units(units, self.currency())
    }
}

/// What a rule is asked with.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) profile: &'a Profile,
    pub(crate) parameters: &'a [i64; PARAMETERS_MAX],
}

/// Bands `lower ≤ value`, the highest of which counts. Points of the parameters, which are pairs of bound and points from the
/// given position on.
pub(crate) fn band(value: i64, bands: &[i64]) -> Verdict {
    let lowest = bands.first().copied().unwrap_or(i64::MAX);
    let reached = bands.chunks_exact(2).rev().find(|band| value >= band[0]);
    match reached {
        Some(band) if band[1] > 0 => {
            Verdict::Fired { value, threshold: band[0], points: u32::try_from(band[1]).unwrap_or_default() }
        }
        _ => Verdict::NotFired { value, threshold: lowest },
    }
}

impl RuleId {
    /// Whether it declines, whatever the points are.
    pub const fn is_limit(self) -> bool {
        matches!(self, Self::L01 | Self::L02 | Self::L03)
    }

    /// Its place among the rules.
    pub const fn index(self) -> usize {
        self as usize
    }
}
