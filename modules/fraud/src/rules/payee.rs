//! F05 and F13: whom the money goes to.

use crate::rule::{Parameter, Question, Skip, Verdict, band};

pub(super) const F05: &[Parameter] = &[
    Parameter::new("lowUnits", 100, 0, 1_000_000_000),
    Parameter::points("lowPoints", 15),
    Parameter::new("highUnits", 1_000, 0, 1_000_000_000),
    Parameter::points("highPoints", 30),
];

pub(super) const F13: &[Parameter] = &[Parameter::new("customers", 2, 1, 100), Parameter::points("points", 60)];

pub(super) fn is_new(question: Question<'_>) -> Verdict {
    let Question { facts, profile, parameters } = question;
    let Some(payee) = facts.payment.payee else { return Verdict::Skipped(Skip::NoPayee) };
    let (low, high) = (facts.units(parameters[0]), facts.units(parameters[2]));
    if profile.knows(payee) {
        return Verdict::NotFired { value: 0, threshold: low };
    }
    band(facts.minor(), &[low, parameters[1], high, parameters[3]])
}

pub(super) fn is_suspected(question: Question<'_>) -> Verdict {
    if question.facts.payment.payee.is_none() {
        return Verdict::Skipped(Skip::NoPayee);
    }
    band(i64::from(question.facts.payee_suspicions), &question.parameters[..2])
}
