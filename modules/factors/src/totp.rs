//! Codes of authenticator apps (RFC 6238): SHA-1, six digits, 30 seconds, as every app knows them. A code is good once.

pub(super) mod store;

use crate::events::FactorEvent;
use crate::{Enabled, FactorError, Factors, Result, as_typed, change, throttle};
use db::{Executor, Tx, WallTime};
use identity::{Caller, Factor, HeldSession, Occasion};
use ids::UserId;
use secrets::Secrets;
use totp_rs::{Algorithm, Builder, Totp};

const SECRET_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;
const DIGITS: u8 = 6;
/// Clocks may differ by one step, earlier or later (RFC 6238, section 5.2).
const SKEW_STEPS: u16 = 1;
const ISSUER: &str = "Florin";
/// Who scanned the picture also types the first code soon.
const CONFIRM_WITHIN_SECONDS: i64 = 15 * 60;

/// So many secrets are tried to find out whether a key is theirs.
const SEALED_TRIED: u32 = 20;

/// What an authenticator app has to be told, once.
pub struct TotpEnrolment {
    /// The secret in base 32, to type.
    pub secret: String,
    /// The same as `otpauth://…`, to show as a picture.
    pub uri: String,
}

/// A stored authenticator app.
pub(super) struct Enrolled {
    pub(super) sealed_secret: Vec<u8>,
    pub(super) enrolled_at: WallTime,
    pub(super) confirmed_at: Option<WallTime>,
    pub(super) failures: i64,
    pub(super) failed_at: Option<WallTime>,
}

impl Factors {
    /// Makes a secret for an authenticator app. It counts for nothing until a first code confirms it; asking again
    /// before that replaces it, and so does asking for one in place of an app that nobody can check any more.
    ///
    /// # Errors
    /// `AlreadyEnrolled`, or the database failed.
    pub async fn enrol_totp(&self, caller: &Caller, now: WallTime) -> Result<TotpEnrolment> {
        let HeldSession { tx, user, .. } = self.identity.hold_session(caller, now).await?;
        let stored = store::find_in_tx(&tx, user.id).await?;
        if stored.is_some_and(|app| app.confirmed_at.is_some() && self.opened(&app.sealed_secret, user.id).is_some()) {
            return Err(FactorError::AlreadyEnrolled);
        }
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret).expect("the operating system gives random bytes");
        let sealed = self.identity.secrets().seal_in_tx(&tx, &secret, user.id.uuid().as_bytes()).await?;
        store::put_in_tx(&tx, user.id, sealed, now).await?;
        tx.commit().await?;
        let totp = app(&secret, user.username.as_str());
        Ok(TotpEnrolment { secret: totp.secret().to_base32(), uri: uri(&totp) })
    }

    /// Confirms the authenticator app with its first code.
    ///
    /// # Errors
    /// `NotEnrolled`, `AlreadyEnrolled`, `Wrong`, `TooManyAttempts`, or the database failed.
    pub async fn confirm_totp(&self, caller: &Caller, code: &str, occasion: impl Into<Occasion>) -> Result<Enabled> {
        let occasion = occasion.into();
        let now = occasion.now;
        let held = self.identity.hold_session(caller, now).await?;
        let pending = store::find_in_tx(&held.tx, held.user.id).await?.ok_or(FactorError::NotEnrolled)?;
        if pending.confirmed_at.is_some() {
            return Err(FactorError::AlreadyEnrolled);
        }
        if pending.enrolled_at.plus_seconds(CONFIRM_WITHIN_SECONDS) <= now {
            return Err(FactorError::NotEnrolled);
        }
        let secret = self.opened(&pending.sealed_secret, held.user.id).ok_or(FactorError::NotEnrolled)?;
        let step = pending.step_of(code, &secret, now)?;
        if let Err(refused) = accept_in_tx(&held.tx, held.user.id, step, now).await? {
            held.tx.commit().await?;
            return Err(refused);
        }
        store::confirm_in_tx(&held.tx, held.user.id, now).await?;
        outbox::append_in_tx(&held.tx, vec![FactorEvent::TotpAdded {}.of(held.user.id, caller.does(now))]).await?;
        self.identity.mail_change_in_tx(&held.tx, &held.user, change::app_added(), now).await?;
        self.finish_enrolment(held, caller, Factor::OneTimeCode, &occasion).await
    }

    /// Checks a code of the person whose row is held, and uses it up.
    pub(super) async fn check_code_in_tx(
        &self,
        tx: &Tx,
        user_id: UserId,
        code: &str,
        now: WallTime,
    ) -> Result<std::result::Result<(), FactorError>> {
        let enrolled = store::find_in_tx(tx, user_id).await?.filter(|enrolled| enrolled.confirmed_at.is_some());
        let Some(enrolled) = enrolled else { return Ok(Err(FactorError::Wrong)) };
        let Some(secret) = self.opened(&enrolled.sealed_secret, user_id) else { return Ok(Err(FactorError::Wrong)) };
        accept_in_tx(tx, user_id, enrolled.step_of(code, &secret, now)?, now).await
    }

    /// Takes the caller's authenticator app away.
    ///
    /// # Errors
    /// `NotEnrolled`, or the database failed.
    pub async fn remove_totp(&self, caller: &Caller, now: WallTime) -> Result<()> {
        let HeldSession { tx, user, .. } = self.identity.hold_session(caller, now).await?;
        if !store::remove_in_tx(&tx, user.id).await? {
            return Err(FactorError::NotEnrolled);
        }
        outbox::append_in_tx(&tx, vec![FactorEvent::TotpRemoved {}.of(user.id, caller.does(now))]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::app_removed(), now).await?;
        self.finish_removal(tx, &user, caller.does(now)).await
    }
}

/// Whether the key opens secrets of authenticator apps; `None` when nobody has one.
///
/// # Errors
/// The database failed.
pub async fn opens_apps(on: &impl Executor, secrets: &Secrets) -> Result<Option<bool>> {
    let sealed = store::newest(on, SEALED_TRIED).await?;
    let opened = sealed.iter().any(|(user_id, secret)| secrets.open(secret, user_id.uuid().as_bytes()).is_some());
    Ok((!sealed.is_empty()).then_some(opened))
}

/// Of two who present one code at once, the second finds its step taken.
async fn accept_in_tx(
    tx: &Tx,
    user_id: UserId,
    step: Option<i64>,
    now: WallTime,
) -> Result<std::result::Result<(), FactorError>> {
    let accepted = match step {
        Some(step) => store::take_step_in_tx(tx, user_id, step).await?,
        None => false,
    };
    if accepted {
        return Ok(Ok(()));
    }
    store::count_failure_in_tx(tx, user_id, now).await?;
    Ok(Err(FactorError::Wrong))
}

impl Enrolled {
    /// The time step that a code of the person's app belongs to; `None`: it is wrong. After too many wrong ones it is not
    /// looked at, and so not counted either.
    fn step_of(&self, code: &str, secret: &[u8], now: WallTime) -> Result<Option<i64>> {
        if let Some(retry_after_seconds) = self.wait_seconds(now) {
            return Err(FactorError::TooManyAttempts { retry_after_seconds });
        }
        Ok(matching_step(secret, code, now))
    }

    /// How long the next code has to wait, if at all.
    fn wait_seconds(&self, now: WallTime) -> Option<u32> {
        let until = throttle::next_attempt_at(self.failures, self.failed_at?);
        let seconds = until.unix_seconds() - now.unix_seconds();
        (until > now).then(|| u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
    }
}

/// The time step that the code belongs to, if it is one of those around `now`.
fn matching_step(secret: &[u8], code: &str, now: WallTime) -> Option<i64> {
    let digits: String = as_typed(code).take(16).collect();
    if digits.len() != usize::from(DIGITS) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let step = app(secret, "").check(&digits, now.unix_seconds().max(0).unsigned_abs())?;
    i64::try_from(step).ok()
}

fn app(secret: &[u8], account: &str) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW_STEPS)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret.to_vec())
        .with_issuer(Some(ISSUER))
        .with_account_name(account)
        .build()
        .expect("160 bits, six digits, and a username, which has no colon")
}

fn uri(totp: &Totp) -> String {
    totp.to_url().expect("an app that was built has a name that fits into a URL")
}

impl std::fmt::Debug for TotpEnrolment {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TotpEnrolment").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    const SECRET: &[u8] = b"12345678901234567890";

    const fn at(seconds: i64) -> WallTime {
        WallTime::from_unix_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // The last six of the eight digits that the appendix lists.
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(matching_step(SECRET, code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn clocks_may_differ_by_one_step_and_no_more() {
        let code = "081804";
        let step = 1_111_111_109 / 30;
        for (seconds, expected) in
            [(step * 30 - 31, None), (step * 30 - 30, Some(step)), (step * 30 + 59, Some(step)), (step * 30 + 60, None)]
        {
            assert_eq!(matching_step(SECRET, code, at(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn what_is_not_six_digits_is_no_code() {
        assert_eq!(matching_step(SECRET, " 081 804 ", at(1_111_111_109)), Some(37_037_036));
        for code in ["", "81804", "0081804", "08180a", "٠٨١٨٠٤", "07081804", &"0".repeat(100_000)] {
            assert_eq!(matching_step(SECRET, code, at(1_111_111_109)), None);
        }
    }

    #[test]
    fn an_app_is_told_whose_and_which_bank_it_is() {
        let uri = uri(&app(SECRET, "john_doe"));
        assert!(uri.starts_with("otpauth://totp/Florin:john_doe?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{uri}");
        assert!(uri.contains("issuer=Florin"), "{uri}");
    }
}
