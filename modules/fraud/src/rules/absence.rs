//! F09 and F11: payments at a time at which this account pays nothing.

use crate::profile::{DAY, is_night};
use crate::rule::{Parameter, Question, Skip, Verdict};

pub(super) const F09: &[Parameter] = &[
    Parameter::new("days", 90, 7, 3_650),
    Parameter::new("leastUnits", 200, 0, 1_000_000_000),
    Parameter::points("points", 30),
];

pub(super) const F11: &[Parameter] = &[
    Parameter::new("leastPayments", 30, 1, 10_000),
    Parameter::new("days", 60, 1, 3_650),
    Parameter::points("points", 10),
];

/// The value is for how many days nothing was paid.
pub(super) fn was_asleep(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let (now, threshold) = (facts.payment.at, parameters[0]);
    let watched = facts.account_age.min(profile.watched_for(now)) / DAY;
    if watched < threshold {
        return Verdict::Skipped(Skip::TooEarly);
    }
    let value = profile.last_payment().map_or(watched, |last| (now - last) / DAY);
    if value < threshold || facts.minor() < facts.units(parameters[1]) {
        return Verdict::NotFired { value, threshold };
    }
    Verdict::Fired { value, threshold, points: u32::try_from(parameters[2]).unwrap_or_default() }
}

/// The value is for how many days nothing was paid at night.
pub(super) fn at_night(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let (now, threshold) = (facts.payment.at, parameters[1]);
    if i64::from(profile.payments()) < parameters[0] {
        return Verdict::Skipped(Skip::TooEarly);
    }
    let days = profile.last_night().map(|night| now / DAY - i64::from(night));
    let value = days.unwrap_or(profile.watched_for(now) / DAY).max(0);
    if !is_night(now) || value < threshold {
        return Verdict::NotFired { value, threshold };
    }
    Verdict::Fired { value, threshold, points: u32::try_from(parameters[2]).unwrap_or_default() }
}
