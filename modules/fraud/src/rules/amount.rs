//! F01: an amount that is not the account's habit.

use crate::rule::{Parameter, Question, Skip, Verdict, band};

/// Bounds in thousandths of a standard deviation.
pub(super) const F01: &[Parameter] = &[
    Parameter::new("leastUnits", 100, 0, 1_000_000_000),
    Parameter::new("leastPayments", 10, 2, 10_000),
    Parameter::new("low", 3_000, 500, 1_000_000),
    Parameter::points("lowPoints", 15),
    Parameter::new("middle", 4_000, 500, 1_000_000),
    Parameter::points("middlePoints", 30),
    Parameter::new("high", 6_000, 500, 1_000_000),
    Parameter::points("highPoints", 45),
];

pub(super) fn against_habit(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    if i64::from(profile.payments()) < parameters[1] {
        return Verdict::Skipped(Skip::TooEarly);
    }
    let value = profile.deviations_above_habit(facts.minor());
    if facts.minor() < facts.units(parameters[0]) {
        return Verdict::NotFired { value, threshold: parameters[2] };
    }
    band(value, &parameters[2..8])
}
