//! A profile is small, comes back as it was, and counts what was paid.

use super::*;
use proptest::prelude::*;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn party(number: u128) -> PartyHash {
    PartyHash::of(AccountId::from_uuid(uuid::Uuid::from_u128(number)))
}

#[derive(Clone, Debug)]
enum Step {
    Pay { after: i64, minor: i64, payee: u128, is_between_own: bool },
    BePaid { after: i64, minor: i64, payer: u128 },
}

fn step() -> impl Strategy<Value = Step> {
    let after = prop_oneof![0..200_i64, 0..200_000_i64, Just(40 * DAY)];
    let minor = prop_oneof![1..100_000_i64, 1..10_000_000_000_000_i64];
    (after, minor, 0..100_u128, 0..6_u8).prop_map(|(after, minor, party, kind)| match kind {
        0 | 1 => Step::BePaid { after, minor, payer: party },
        _ => Step::Pay { after, minor, payee: party, is_between_own: kind == 2 },
    })
}

fn after(steps: &[Step]) -> (Profile, i64) {
    let (mut profile, mut now) = (Profile::default(), 1_700_000_000);
    for step in steps {
        match *step {
            Step::Pay { after, minor, payee, is_between_own } => {
                now += after;
                profile.pay(&Payment { at: now, money: usd(minor), payee: Some(party(payee)), is_between_own });
            }
            Step::BePaid { after, minor, payer } => {
                now += after;
                profile.be_paid(now, usd(minor), party(payer));
            }
        }
    }
    (profile, now)
}

proptest! {
    #[test]
    fn whatever_happens_a_profile_is_small_and_comes_back_as_it_was(steps in prop::collection::vec(step(), 0..300)) {
        let (profile, _) = after(&steps);
        let bytes = profile.encode();
        prop_assert!(bytes.len() <= BYTES_MAX);
        prop_assert_eq!(Profile::decode(&bytes), Ok(profile));
    }

    #[test]
    fn what_is_no_profile_is_refused_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(profile) = Profile::decode(&bytes) {
            let _ = (profile.last_24_hours(1_700_000_000), profile.days_before(0, 30), profile.encode());
        }
    }

    #[test]
    fn counts_and_sums_are_those_of_what_was_paid(steps in prop::collection::vec(step(), 1..40)) {
        let (profile, now) = after(&steps);
        let (mut at, mut paid) = (1_700_000_000, Vec::new());
        for step in &steps {
            match *step {
                Step::Pay { after, minor, is_between_own, .. } => {
                    at += after;
                    paid.push((at, minor, is_between_own));
                }
                Step::BePaid { after, .. } => at += after,
            }
        }
        let others = || paid.iter().filter(|(_, _, is_between_own)| !is_between_own);
        let in_hour = others().filter(|(at, ..)| *at > now - HOUR).count().min(RECENT_MAX);
        prop_assert_eq!(profile.payments_in_hour(now), i64::try_from(in_hour).unwrap());
        let on_day = paid.iter().filter(|(at, ..)| at / DAY == now / DAY).map(|(_, minor, _)| minor);
        prop_assert_eq!(profile.limit_sum(now), on_day.sum::<i64>());
        let in_24_hours = others().filter(|(at, ..)| at / HOUR + 24 > now / HOUR);
        let (count, sum) = in_24_hours.fold((0, 0), |(count, sum), (_, minor, _)| (count + 1, sum + minor));
        let (found, found_sum) = profile.last_24_hours(now);
        prop_assert_eq!(found, count);
        prop_assert!(found_sum <= sum && sum - found_sum <= sum / 2_000);
    }
}

#[test]
fn payees_are_known_and_the_oldest_forgotten() {
    let mut profile = Profile::default();
    for payee in 0..100 {
        let payment = Payment { at: 1_700_000_000, money: usd(100), payee: Some(party(payee)), is_between_own: false };
        profile.pay(&payment);
    }
    assert!(profile.knows(party(99)) && profile.knows(party(36)) && !profile.knows(party(35)));
    assert_eq!(profile.payments(), 100);
}

#[test]
fn wages_are_no_credits_to_look_at() {
    let (mut profile, start) = (Profile::default(), 1_700_000_000);
    for month in 0..3 {
        profile.be_paid(start + month * 30 * DAY, usd(300_000), party(1));
    }
    let now = start + 60 * DAY;
    assert_eq!((profile.credits_of_two_days(now), profile.credit_habit(now)), (0, 300_000));
    profile.be_paid(now, usd(90_000), party(2));
    assert!(!profile.be_paid(now, usd(4_999), party(3)));
    assert_eq!(profile.credits_of_two_days(now), 90_000);
}
