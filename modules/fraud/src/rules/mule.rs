//! F07: an account through which money only passes. What came in within two days, and is far more than usual, leaves at once.

use crate::rule::{Parameter, Question, Verdict};

pub(super) const F07: &[Parameter] = &[
    // Eight credits of the least that profiles remember.
    Parameter::new("leastUnits", 500, crate::profile::CREDIT_UNITS * 8, 1_000_000_000),
    Parameter::new("percent", 80, 10, 100),
    Parameter::new("timesHabit", 3, 1, 1_000),
    Parameter::points("points", 45),
    Parameter::points("newPayeePoints", 20),
];

/// The value is how much of it leaves, in hundredths; 0 where too little came in to ask.
pub(super) fn leaves_at_once(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let (now, threshold) = (facts.payment.at, parameters[1]);
    let credits = profile.credits_of_two_days(now);
    let habit = profile.credit_habit(now).saturating_mul(parameters[2]);
    if credits < facts.units(parameters[0]) || credits <= habit {
        return Verdict::NotFired { value: 0, threshold };
    }
    let leaving = profile.last_24_hours(now).1.saturating_add(facts.minor());
    let value = i64::try_from(i128::from(leaving) * 100 / i128::from(credits.max(1))).unwrap_or(i64::MAX);
    if value < threshold {
        return Verdict::NotFired { value, threshold };
    }
    let is_new = facts.payment.payee.is_some_and(|payee| !profile.knows(payee));
    let points = parameters[3] + if is_new { parameters[4] } else { 0 };
    Verdict::Fired { value, threshold, points: u32::try_from(points).unwrap_or_default() }
}
