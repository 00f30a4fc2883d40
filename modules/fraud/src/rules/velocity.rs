//! F02 to F04: more payments, or more money, than there used to be in such a time.

use crate::profile::DAY;
use crate::rule::{Parameter, Question, Skip, Verdict, band};

pub(super) const F02: &[Parameter] = &[
    Parameter::new("low", 3, 2, 10),
    Parameter::points("lowPoints", 15),
    Parameter::new("middle", 5, 2, 10),
    Parameter::points("middlePoints", 35),
    Parameter::new("high", 10, 2, 10),
    Parameter::points("highPoints", 60),
];

/// Bounds in hundredths of the daily mean.
pub(super) const F03: &[Parameter] = &[
    Parameter::new("leastDays", 14, 1, 365),
    Parameter::new("leastPayments", 8, 1, 10_000),
    Parameter::new("low", 300, 100, 100_000),
    Parameter::points("lowPoints", 15),
    Parameter::new("high", 600, 100, 100_000),
    Parameter::points("highPoints", 30),
];

/// Bounds in hundredths of the daily mean.
pub(super) const F04: &[Parameter] = &[
    Parameter::new("leastPayments", 20, 1, 10_000),
    Parameter::new("leastUnits", 500, 0, 1_000_000_000),
    Parameter::new("low", 600, 100, 100_000),
    Parameter::points("lowPoints", 15),
    Parameter::new("high", 1_200, 100, 100_000),
    Parameter::points("highPoints", 30),
];

/// No ratio is said to be more, in hundredths.
const RATIO_MAX: i64 = 1_000_000;

pub(super) fn in_an_hour(question: Question<'_>) -> Verdict {
    let value = question.profile.payments_in_hour(question.facts.payment.at) + 1;
    band(value, &question.parameters[..6])
}

pub(super) fn count_of_day(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let Some(days) = days_known(question, parameters[0]) else { return Verdict::Skipped(Skip::TooEarly) };
    let now = facts.payment.at;
    let count = profile.last_24_hours(now).0 + 1;
    let value = ratio(count, profile.days_before(now, 30).0, days);
    if count < parameters[1] {
        return Verdict::NotFired { value, threshold: parameters[2] };
    }
    band(value, &parameters[2..6])
}

pub(super) fn sum_of_day(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let days = days_known(question, 1).filter(|_| i64::from(profile.payments()) >= parameters[0]);
    let Some(days) = days else { return Verdict::Skipped(Skip::TooEarly) };
    let now = facts.payment.at;
    let sum = profile.last_24_hours(now).1.saturating_add(facts.minor());
    let value = ratio(sum, profile.days_before(now, 30).1, days);
    if sum < facts.units(parameters[1]) {
        return Verdict::NotFired { value, threshold: parameters[2] };
    }
    band(value, &parameters[2..6])
}

/// Of how many days before today something is known, at most 30, if it is enough.
fn days_known(question: Question<'_>, least: i64) -> Option<i64> {
    let Question { facts, profile, .. } = question;
    let known = facts.account_age.min(profile.watched_for(facts.payment.at)) / DAY;
    (known >= least).then_some(known.clamp(1, 30))
}

/// What there is against the mean of a day, in hundredths.
fn ratio(value: i64, before: i64, days: i64) -> i64 {
    let ratio = i128::from(value) * i128::from(days) * 100 / i128::from(before.max(1));
    i64::try_from(ratio).unwrap_or(RATIO_MAX).min(RATIO_MAX)
}
