//! L01 to L03: limits of one payment, of a day and of an hour. They decline; they give no points.

use crate::rule::{Parameter, Question, Verdict};

const UNITS_MAX: i64 = 10_000_000_000_000;

pub(super) const L01: &[Parameter] = &[Parameter::new("units", 100_000, 1, UNITS_MAX)];
pub(super) const L02: &[Parameter] = &[Parameter::new("units", 250_000, 1, UNITS_MAX)];
pub(super) const L03: &[Parameter] =
    &[Parameter::new("people", 60, 1, 60_000), Parameter::new("programs", 3_600, 1, 60_000)];

pub(super) fn of_payment(question: Question<'_>) -> Verdict {
    above(question.facts.minor(), question.facts.units(question.parameters[0]))
}

pub(super) fn of_day(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let sum = profile.limit_sum(facts.payment.at).saturating_add(facts.minor());
    above(sum, facts.units(parameters[0]))
}

pub(super) fn of_count(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let most = if facts.is_by_program { parameters[1] } else { parameters[0] };
    above(profile.limit_count(facts.payment.at) + 1, most)
}

const fn above(value: i64, threshold: i64) -> Verdict {
    if value > threshold {
        Verdict::Fired { value, threshold, points: 0 }
    } else {
        Verdict::NotFired { value, threshold }
    }
}
