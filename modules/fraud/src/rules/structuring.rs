//! F06: one sum cut up into payments that each stay just below an amount that would be reported.

use crate::profile::LARGE_UNITS;
use crate::rule::{Parameter, Question, Verdict};

/// From four fifths of the limit on. Profiles remember payments of 4,000 units, so the limit is at least 5,000.
pub(super) const F06: &[Parameter] = &[
    Parameter::new("limitUnits", 10_000, LARGE_UNITS * 5 / 4, 1_000_000_000),
    Parameter::new("payments", 3, 2, 5),
    Parameter::points("points", 60),
];

pub(super) fn below_a_limit(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let (limit, threshold) = (facts.units(parameters[0]), parameters[1]);
    let lower = limit / 5 * 4;
    if facts.minor() < lower || facts.minor() >= limit {
        return Verdict::NotFired { value: 0, threshold };
    }
    let (count, sum) = profile.large_within(facts.payment.at, lower, limit);
    let (value, sum) = (count + 1, sum.saturating_add(facts.minor()));
    if value < threshold || sum <= limit {
        return Verdict::NotFired { value, threshold };
    }
    Verdict::Fired { value, threshold, points: u32::try_from(parameters[2]).unwrap_or_default() }
}
