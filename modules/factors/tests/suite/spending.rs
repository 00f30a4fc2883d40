//! What is counted against the limit of payments without a fresh proof, and for how long.

use crate::common::{START, TestFactors, with_factors};
use db::WallTime;
use factors::{FactorError, ProofReason, Reservation, SecondFactor, Spending};
use identity::{Caller, Credential, Factor, Factors, Proof};
use ids::{ApiKeyId, SessionId};
use money::{Currency, Money};

const DAY_SECONDS: i64 = 24 * 60 * 60;

fn money(minor: i64, currency: &str) -> Money {
    Money::new(minor, Currency::parse(currency).unwrap())
}

/// Somebody with a second factor who proved it so long before the start.
async fn caller(test: &TestFactors, username: &str) -> Caller {
    let login = test.register(username).await;
    let proof = Proof { at: START.plus_seconds(-600), factors: Factors::PASSWORD.with(Factor::OneTimeCode) };
    let caller = Caller::of_session(login.user.id, login.user.role, SessionId::generate(), proof);
    Caller { has_second_factor: true, ..caller }
}

async fn reserve(
    test: &TestFactors,
    caller: &Caller,
    moneys: &[Money],
    now: WallTime,
) -> Result<Option<Reservation>, FactorError> {
    let spending = Spending { moneys, has_new_payee: false, limit_units: 10 };
    factors::reserve_spending(&test.db, caller, &spending, now).await
}

fn refused() -> Result<Option<Reservation>, FactorError> {
    Err(FactorError::ProofRequired(ProofReason::Amount))
}

#[test]
fn what_was_paid_counts_for_a_day_in_its_currency() {
    with_factors(async |test| {
        let ann = caller(&test, "ann").await;
        reserve(&test, &ann, &[money(700, "USD")], START).await.unwrap();
        reserve(&test, &ann, &[money(1_000, "EUR")], START).await.unwrap();
        assert_eq!(reserve(&test, &ann, &[money(301, "USD")], START).await, refused());
        let bob = caller(&test, "bob").await;
        reserve(&test, &bob, &[money(1_000, "USD")], START).await.expect("everybody is counted alone");
        let almost = START.plus_seconds(DAY_SECONDS - 1);
        reserve(&test, &ann, &[money(300, "USD")], almost).await.unwrap();
        assert_eq!(reserve(&test, &ann, &[money(1, "USD")], almost).await, refused());
        let over = START.plus_seconds(DAY_SECONDS);
        reserve(&test, &ann, &[money(1_000, "USD")], over).await.expect("a new day");
        assert_eq!(reserve(&test, &ann, &[money(1, "USD")], over).await, refused());
    });
}

#[test]
fn of_several_currencies_all_are_counted_or_none() {
    with_factors(async |test| {
        let ann = caller(&test, "ann").await;
        reserve(&test, &ann, &[money(900, "USD")], START).await.unwrap();
        let both = [money(101, "USD"), money(400, "EUR")];
        assert_eq!(reserve(&test, &ann, &both, START).await, refused());
        reserve(&test, &ann, &[money(1_000, "EUR")], START).await.expect("nothing was counted");
    });
}

#[test]
fn what_is_given_back_no_longer_counts_unless_the_count_began_anew() {
    with_factors(async |test| {
        let ann = caller(&test, "ann").await;
        let reserved = reserve(&test, &ann, &[money(1_000, "USD")], START).await.unwrap().unwrap();
        factors::give_back(&test.db, &reserved, &[money(400, "USD")]).await.unwrap();
        reserve(&test, &ann, &[money(400, "USD")], START).await.unwrap();
        assert_eq!(reserve(&test, &ann, &[money(1, "USD")], START).await, refused());
        let over = START.plus_seconds(DAY_SECONDS);
        reserve(&test, &ann, &[money(1_000, "USD")], over).await.unwrap();
        factors::give_back(&test.db, &reserved, &[money(600, "USD")]).await.unwrap();
        assert_eq!(reserve(&test, &ann, &[money(1, "USD")], over).await, refused());
    });
}

#[test]
fn many_at_once_share_one_limit() {
    with_factors(async |test| {
        let ann = caller(&test, "ann").await;
        let moneys = [money(300, "USD")];
        let spending = Spending { moneys: &moneys, has_new_payee: false, limit_units: 10 };
        let (one, two, three, four) = tokio::join!(
            factors::reserve_spending(&test.db, &ann, &spending, START),
            factors::reserve_spending(&test.db, &ann, &spending, START),
            factors::reserve_spending(&test.db, &ann, &spending, START),
            factors::reserve_spending(&test.db, &ann, &spending, START),
        );
        assert_eq!([one, two, three, four].iter().filter(|outcome| outcome.is_ok()).count(), 3);
    });
}

#[test]
fn fresh_proofs_programs_and_people_with_a_password_alone_are_not_counted() {
    with_factors(async |test| {
        let ann = caller(&test, "ann").await;
        let fresh = Caller { proof: Proof { at: START, ..ann.proof }, ..ann };
        let program = Caller { credential: Credential::ApiKey(ApiKeyId::generate()), ..ann };
        let alone = Caller { has_second_factor: false, ..ann };
        for caller in [fresh, program, alone] {
            assert_eq!(reserve(&test, &caller, &[money(9_999, "USD")], START).await, Ok(None));
        }
        let weak = Caller { proof: Proof { at: START, factors: Factors::PASSWORD }, ..ann };
        assert_eq!(reserve(&test, &weak, &[money(9_999, "USD")], START).await, refused());
    });
}

#[test]
fn a_login_with_the_second_factor_begins_the_count_anew() {
    with_factors(async |test| {
        let ann = caller(&test, "ann").await;
        let stepping = test.factors.login("ann", crate::common::password(), START).await.unwrap();
        let stepping = test.identity.authenticate(&stepping.access_token, START).unwrap();
        let secret = test.factors.enrol_totp(&stepping, START).await.unwrap().secret;
        let codes = test.factors.confirm_totp(&stepping, &outsiders::totp_code(&secret, START), START).await.unwrap();
        reserve(&test, &ann, &[money(1_000, "USD")], START).await.unwrap();
        let Err(FactorError::Required(challenge)) = test.factors.login("ann", crate::common::password(), START).await
        else {
            panic!("a second factor is needed")
        };
        assert_eq!(reserve(&test, &ann, &[money(1, "USD")], START).await, refused());
        let code = SecondFactor::RecoveryCode(codes.recovery_codes.unwrap()[0].clone());
        test.factors.finish_login(&challenge.token, &code, START).await.unwrap();
        reserve(&test, &ann, &[money(1_000, "USD")], START).await.expect("the count began anew");
    });
}
