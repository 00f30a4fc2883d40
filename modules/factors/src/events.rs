//! What second factors leave in the outbox. The subject is the user.

use crate::MfaMethod;
use ids::{PasskeyId, UserId};
use outbox::{Act, Event, events};

events! {
    /// What happens to second factors.
    pub(crate) enum FactorEvent about User for Owner {
        /// The first second factor is there.
        MfaEnabled = "auth.mfa_enabled" {},
        /// The person removed the last one.
        MfaDisabled = "auth.mfa_disabled" {},
        /// The bank removed all of them.
        MfaReset = "auth.mfa_reset" {},
        /// The password was right and the second factor wrong: `totp`, `passkey` or `recovery`.
        MfaFailed = "auth.mfa_failed" { method: &'static str },
        /// An authenticator app was added.
        TotpAdded = "auth.totp_added" {},
        /// An authenticator app was removed.
        TotpRemoved = "auth.totp_removed" {},
        /// There are new recovery codes; the old ones hold no more.
        RecoveryCodesReplaced = "auth.recovery_codes_replaced" {},
        /// A recovery code was used; so many are left.
        RecoveryCodeUsed = "auth.recovery_code_used" { left: i64 },
        /// A passkey was added.
        PasskeyAdded = "auth.passkey_added" { passkey_id: PasskeyId },
        /// A passkey was removed.
        PasskeyRemoved = "auth.passkey_removed" { passkey_id: PasskeyId },
        /// A passkey's counter went backwards, so there are probably two of it.
        PasskeyCloned = "auth.passkey_cloned" { passkey_id: PasskeyId },
    }
}

impl FactorEvent {
    /// That it happened to the person.
    pub(crate) fn of(self, user_id: UserId, act: Act) -> Event {
        Event::of(user_id.uuid(), &self, act)
    }
}

pub(crate) fn mfa_failed(user_id: UserId, method: MfaMethod, act: Act) -> Event {
    FactorEvent::MfaFailed { method: method.word() }.of(user_id, act)
}
