//! The questions themselves, a file for each kind. All of them are plain functions over a payment and a profile.

mod absence;
mod amount;
mod limits;
mod mule;
mod payee;
mod structuring;
mod velocity;

use crate::rule::{Parameter, Question, RuleId, Skip, Verdict};

/// The numbers of a rule that a set may change, in the order in which the rule reads them.
pub fn parameters(rule: RuleId) -> &'static [Parameter] {
    match rule {
        RuleId::L01 => limits::L01,
        RuleId::L02 => limits::L02,
        RuleId::L03 => limits::L03,
        RuleId::F01 => amount::F01,
        RuleId::F02 => velocity::F02,
        RuleId::F03 => velocity::F03,
        RuleId::F04 => velocity::F04,
        RuleId::F05 => payee::F05,
        RuleId::F06 => structuring::F06,
        RuleId::F07 => mule::F07,
        RuleId::F08 | RuleId::F10 | RuleId::F12 => &[],
        RuleId::F09 => absence::F09,
        RuleId::F11 => absence::F11,
        RuleId::F13 => payee::F13,
    }
}

/// Asks one rule.
pub(crate) fn ask(rule: RuleId, question: Question<'_>) -> Verdict {
    if !rule.is_limit() && question.facts.payment.is_between_own {
        return Verdict::Skipped(Skip::BetweenOwn);
    }
    match rule {
        RuleId::L01 => limits::of_payment(question),
        // Without a profile nobody knows what was paid before: somebody has to look at it.
        _ if question.facts.is_profile_damaged => Verdict::Skipped(Skip::Error),
        RuleId::L02 => limits::of_day(question),
        RuleId::L03 => limits::of_count(question),
        RuleId::F01 => amount::against_habit(question),
        RuleId::F02 => velocity::in_an_hour(question),
        RuleId::F03 => velocity::count_of_day(question),
        RuleId::F04 => velocity::sum_of_day(question),
        RuleId::F05 => payee::is_new(question),
        RuleId::F06 => structuring::below_a_limit(question),
        RuleId::F07 => mule::leaves_at_once(question),
        RuleId::F08 => Verdict::Skipped(Skip::NoPlaces),
        RuleId::F09 => absence::was_asleep(question),
        RuleId::F10 => Verdict::Skipped(Skip::NoCredentials),
        RuleId::F11 => absence::at_night(question),
        RuleId::F12 => Verdict::Skipped(Skip::NoMerchants),
        RuleId::F13 => payee::is_suspected(question),
    }
}
