//! Each rule fires for what it is there for, and every decision has its reasons.

use super::*;
use crate::profile::{PartyHash, Payment};
use crate::reason::{Language, sentence};
use money::{Currency, Money};
use proptest::prelude::*;

const DAY: i64 = 86_400;
/// Noon.
const START: i64 = 1_700_000_000 / DAY * DAY + DAY / 2;

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn party(number: u128) -> PartyHash {
    PartyHash::of(ids::AccountId::from_uuid(uuid::Uuid::from_u128(number)))
}

fn payment(at: i64, minor: i64, payee: u128) -> Payment {
    Payment { at, money: Money::new(minor, usd()), payee: Some(party(payee)), is_between_own: false }
}

fn facts(payment: Payment) -> Facts {
    let (is_by_program, account_age, payee_suspicions, is_profile_damaged) = (false, 400 * DAY, 0, false);
    Facts { payment, is_by_program, account_age, payee_suspicions, is_profile_damaged }
}

fn active() -> RuleSet {
    RuleSet::built_in(RuleMode::Active)
}

fn decided(profile: &Profile, payment: Payment) -> Decision {
    decide(&active(), &facts(payment), profile, Snoozed::default())
}

fn fired(decision: &Decision) -> Vec<(RuleId, u32)> {
    let speaking = decision.reasons();
    speaking.map(|finding| (finding.rule, finding.verdict.points())).collect()
}

/// Somebody who pays about 40.00 to one of three shops once a day, for the given number of days.
fn habit(days: i64) -> Profile {
    let mut profile = Profile::default();
    for day in 0..days {
        profile.pay(&payment(START + day * DAY, 3_500 + day % 7 * 200, u128::try_from(day % 3).unwrap()));
    }
    profile
}

#[test]
fn an_everyday_payment_is_approved_and_each_rule_says_why() {
    let decision = decided(&habit(40), payment(START + 40 * DAY, 4_200, 1));
    assert_eq!((decision.conclusion, decision.points, decision.limit), (Conclusion::Approve, 0, None));
    assert_eq!(decision.findings().len(), 16);
    let skipped = decision.findings().iter().filter(|finding| matches!(finding.verdict, Verdict::Skipped(_)));
    // Places, credentials and merchants nobody tells; the account is not watched for 90 days.
    assert_eq!(
        skipped.map(|finding| finding.rule).collect::<Vec<_>>(),
        [RuleId::F08, RuleId::F09, RuleId::F10, RuleId::F12]
    );
}

#[test]
fn each_rule_fires_for_what_it_is_there_for() {
    let now = START + 40 * DAY;
    // Far above the habit, and to somebody new.
    assert_eq!(
        fired(&decided(&habit(40), payment(now, 300_000, 9))),
        [(RuleId::F01, 45), (RuleId::F04, 30), (RuleId::F05, 30)]
    );
    // Many in an hour.
    let mut busy = habit(40);
    for second in 0..4 {
        busy.pay(&payment(now + second, 4_000, 1));
    }
    assert_eq!(fired(&decided(&busy, payment(now + 5, 4_000, 1))), [(RuleId::F02, 35)]);
    for second in 5..10 {
        busy.pay(&payment(now + second, 4_000, 1));
    }
    assert_eq!(fired(&decided(&busy, payment(now + 10, 4_000, 1))), [(RuleId::F02, 60), (RuleId::F03, 30)]);
    // Cut up to stay below 10,000.
    let mut cut = Profile::default();
    for hour in 0..2 {
        cut.pay(&payment(now + hour * 7_200, 900_000, 1));
    }
    assert_eq!(fired(&decided(&cut, payment(now + 14_400, 900_000, 1))), [(RuleId::F06, 60)]);
    // Asleep for long.
    assert_eq!(
        fired(&decided(&habit(100), payment(START + 200 * DAY, 25_000, 1))),
        [(RuleId::F01, 45), (RuleId::F09, 30)]
    );
    // At night.
    assert_eq!(fired(&decided(&habit(70), payment(START + 70 * DAY + DAY / 2 + 60, 4_000, 1))), [(RuleId::F11, 10)]);
    // Suspected by others.
    let suspected = Facts { payee_suspicions: 2, ..facts(payment(now, 4_000, 1)) };
    assert_eq!(fired(&decide(&active(), &suspected, &habit(40), Snoozed::default())), [(RuleId::F13, 60)]);
}

#[test]
fn what_comes_in_and_leaves_at_once_is_looked_at_and_wages_are_not() {
    let now = START + 40 * DAY;
    let mut mule = habit(40);
    mule.be_paid(now, Money::new(90_000, usd()), party(50));
    let decision = decided(&mule, payment(now + 60, 80_000, 77));
    assert_eq!(decision.conclusion, Conclusion::Decline);
    assert!(fired(&decision).contains(&(RuleId::F07, 65)));
    let mut paid = habit(40);
    for month in 0..3 {
        paid.be_paid(now - 60 * DAY + month * 30 * DAY, Money::new(300_000, usd()), party(50));
    }
    assert!(!fired(&decided(&paid, payment(now + 60, 280_000, 1))).iter().any(|(rule, _)| *rule == RuleId::F07));
}

#[test]
fn limits_decline_also_between_own_accounts_and_count_programs_apart() {
    let now = START;
    let own = |minor| Payment { is_between_own: true, ..payment(now, minor, 1) };
    let mut profile = Profile::default();
    assert_eq!(decided(&profile, own(10_000_001)).limit, Some(RuleId::L01));
    profile.pay(&own(10_000_000));
    profile.pay(&own(10_000_000));
    assert_eq!(decided(&profile, own(5_000_000)).limit, None);
    let decision = decided(&profile, own(5_000_001));
    assert_eq!((decision.limit, decision.conclusion), (Some(RuleId::L02), Conclusion::Decline));
    let mut often = Profile::default();
    for _ in 0..60 {
        often.pay(&own(1));
    }
    let program = Facts { is_by_program: true, ..facts(own(1)) };
    assert_eq!(decided(&often, own(1)).limit, Some(RuleId::L03));
    assert_eq!(decide(&active(), &program, &often, Snoozed::default()).limit, None);
    assert_eq!(decided(&often, Payment { at: now + DAY, ..own(1) }).limit, None);
}

#[test]
fn what_is_only_watched_or_snoozed_does_not_count() {
    let (profile, bad) = (habit(40), facts(payment(START + 40 * DAY, 300_000, 9)));
    let shadow = decide(&RuleSet::built_in(RuleMode::Shadow), &bad, &profile, Snoozed::default());
    assert_eq!((shadow.conclusion, shadow.points, shadow.in_shadow), (Conclusion::Approve, 0, Conclusion::Decline));
    let off = decide(&RuleSet::built_in(RuleMode::Off), &bad, &profile, Snoozed::default());
    assert_eq!(off.in_shadow, Conclusion::Approve);
    let snoozed = decide(&active(), &bad, &profile, Snoozed::default().with(RuleId::F05).with(RuleId::F04));
    assert_eq!((snoozed.conclusion, snoozed.points), (Conclusion::Approve, 45));
}

#[test]
fn a_profile_that_cannot_be_read_brings_a_payment_to_somebody_who_looks_and_never_declines_it() {
    let damaged = Facts { is_profile_damaged: true, ..facts(payment(START, 1, 1)) };
    let decision = decide(&active(), &damaged, &Profile::default(), Snoozed::default());
    assert_eq!((decision.conclusion, decision.points), (Conclusion::Review, 75));
}

proptest! {
    /// Whatever is looked at or declined has reasons, and their points are the decision's.
    #[test]
    fn no_review_and_no_decline_without_a_reason_with_its_numbers(
        days in 0..60_i64,
        paid in prop::collection::vec((0..4_000_i64, 1..3_000_000_i64, 0..6_u128), 0..20),
        minor in 1..30_000_000_i64,
        payee in 0..8_u128,
    ) {
        let (mut profile, mut now) = (habit(days), START + 60 * DAY);
        for (after, minor, payee) in paid {
            now += after;
            profile.pay(&payment(now, minor, payee));
        }
        let decision = decided(&profile, payment(now + 1, minor, payee));
        prop_assert_eq!(decided(&profile, payment(now + 1, minor, payee)), decision);
        prop_assert_eq!(decision.reasons().map(|reason| reason.verdict.points()).sum::<u32>(), decision.points);
        prop_assert!(decision.conclusion == Conclusion::Approve || decision.reasons().count() > 0);
        for finding in decision.findings() {
            if let Verdict::Fired { value, threshold, .. } = finding.verdict {
                prop_assert!(value >= threshold);
                for language in Language::ALL {
                    let text = sentence(finding, usd(), *language).unwrap();
                    let is_filled = !text.contains('{') && text.chars().any(|letter| letter.is_ascii_digit());
                    prop_assert!(is_filled, "{}", text);
                }
            }
        }
        // More money is never less suspicious.
        let more = decided(&profile, payment(now + 1, minor * 2, payee));
        prop_assert!(more.points >= decision.points || decision.reasons().any(|reason| reason.rule == RuleId::F06));
    }
}
