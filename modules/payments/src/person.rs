//! With which hat somebody acts on accounts and payments, by what they are in the bank and what they call with.

use accounts::Hat;
use db::WallTime;
use identity::{Caller, Role};

/// The hat; `None` for those who work for the bank and look, but move no money and change no account.
pub fn hat_of(caller: &Caller, now: WallTime) -> Option<Hat> {
    let (user, is_fresh) = (caller.user_id, caller.is_freshly_proved(now));
    match caller.role {
        Role::Analyst | Role::Auditor => None,
        Role::Teller if caller.is_staff_themselves() => Some(Hat::Teller { user, is_fresh }),
        Role::Admin if caller.is_staff_themselves() => Some(Hat::Admin { user, is_fresh }),
        Role::Customer | Role::Teller | Role::Admin => Some(Hat::Customer(user)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use identity::{Credential, Factors, Proof};
    use ids::{ApiKeyId, SessionId, UserId};

    #[test]
    fn staff_power_is_for_tellers_and_administrators_themselves_and_who_only_looks_has_no_hat() {
        let now = WallTime::from_unix_micros(1_767_225_600_000_000);
        let user = UserId::generate();
        let proof = Proof { at: now, factors: Factors::PASSWORD };
        let session = |role| Caller::of_session(user, role, SessionId::generate(), proof);
        let program = |role| Caller { credential: Credential::ApiKey(ApiKeyId::generate()), ..session(role) };
        let hats = |role| [hat_of(&session(role), now), hat_of(&program(role), now)];
        let customer = Some(Hat::Customer(user));
        assert_eq!(hats(Role::Customer), [customer, customer]);
        assert_eq!(hats(Role::Teller), [Some(Hat::Teller { user, is_fresh: true }), customer]);
        assert_eq!(hats(Role::Admin), [Some(Hat::Admin { user, is_fresh: true }), customer]);
        assert_eq!(hats(Role::Analyst), [None, None]);
        assert_eq!(hats(Role::Auditor), [None, None]);
        let later = hat_of(&session(Role::Teller), now.plus_seconds(Proof::fresh_seconds()));
        assert_eq!(later, Some(Hat::Teller { user, is_fresh: false }));
    }
}
