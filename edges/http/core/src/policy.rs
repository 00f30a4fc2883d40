//! Whether a caller may pass: what the row of a route asks, compared with what is known of who calls it.
//! Whose an account or a transaction is, is asked later, by the handlers.

use crate::problem::{Outcome, Problem};
use crate::route::{Needs, Who};
use crate::{ErrorCode, MfaPolicy};
use db::WallTime;
use identity::{Caller, Credential, Proof};

/// Refuses a caller whom the route is not for.
pub fn require(caller: &Caller, who: Who, needs: Needs, now: WallTime) -> Outcome<()> {
    if !who.roles().contains(&caller.role) {
        return Err(Problem::new(ErrorCode::Forbidden, "Your role may not do this").with("roles", words(who)));
    }
    let is_session = matches!(caller.credential, Credential::Session(_));
    match needs {
        Needs::Nothing => Ok(()),
        Needs::Scope(scope) if caller.has_scope(scope) => Ok(()),
        Needs::Scope(scope) => {
            Err(Problem::new(ErrorCode::InsufficientScope, "The credential does not reach this far")
                .with("scope", scope.word()))
        }
        Needs::Session | Needs::FreshSession if !is_session => {
            Err(Problem::new(ErrorCode::SessionRequired, "Only the person themselves may do this, logged in"))
        }
        Needs::FreshSession if !caller.is_freshly_proved(now) => Err(step_up_required()),
        Needs::Session | Needs::FreshSession => Ok(()),
    }
}

/// The caller whom the trusted issuer names, with what is asked of them here: where everybody needs a second factor, and
/// of those who work for the bank, one is asked for whether or not they have set it up with us.
pub const fn from_issuer(caller: Caller, policy: MfaPolicy) -> Caller {
    let is_needed = matches!(policy, MfaPolicy::Required) || caller.role.is_staff();
    Caller { has_second_factor: caller.has_second_factor || is_needed, ..caller }
}

/// Where everybody needs a second factor, refuses a session that knows none, except on the way to one; and a token of the
/// trusted issuer that does not say that there was one. Its holder gets a better one there (RFC 9470).
pub fn require_second_factor(caller: &Caller, who: Who, policy: MfaPolicy) -> Outcome<()> {
    if caller.credential == Credential::External {
        return match caller.has_second_factor && !caller.proof.factors.is_multi_factor() {
            true => Err(step_up_required().with("reason", "SECOND_FACTOR")),
            false => Ok(()),
        };
    }
    let is_open = caller.has_second_factor
        || caller.session_id().is_none()
        || who == Who::Enrolling
        || policy == MfaPolicy::Optional;
    if is_open {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::MfaEnrolmentRequired, "Set up a second factor first, under /api/auth/mfa"))
}

/// The answer to a session whose proof is too old, or too weak, for what it wants.
pub fn step_up_required() -> Problem {
    let message = "Prove again who you are: this is sensitive, and the last time was a while ago";
    Problem::new(ErrorCode::StepUpRequired, message).with("maxAgeSeconds", Proof::fresh_seconds())
}

fn words(who: Who) -> Vec<&'static str> {
    who.roles().iter().map(|role| role.word()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use identity::{Factors, Role, Scope, Scopes};
    use ids::{ApiKeyId, SessionId, UserId};

    const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    fn session(role: Role, proved_at: WallTime) -> Caller {
        let proof = Proof { at: proved_at, factors: Factors::PASSWORD };
        Caller::of_session(UserId::generate(), role, SessionId::generate(), proof)
    }

    fn key(scopes: &str) -> Caller {
        let credential = Credential::ApiKey(ApiKeyId::generate());
        Caller { credential, scopes: Scopes::parse(scopes).unwrap(), ..session(Role::Customer, NOW) }
    }

    fn outcome(caller: &Caller, who: Who, needs: Needs) -> Result<(), ErrorCode> {
        require(caller, who, needs, NOW).map_err(|problem| problem.code())
    }

    #[test]
    fn only_the_roles_of_a_route_may_call_it() {
        let reading = Needs::Scope(Scope::AccountsRead);
        let people = [Who::Everyone, Who::Enrolling, Who::Movers, Who::Staff, Who::Tellers];
        for who in people.into_iter().chain([Who::Auditors, Who::Analysts, Who::Admins]) {
            for role in Role::ALL {
                let expected = if who.roles().contains(&role) { Ok(()) } else { Err(ErrorCode::Forbidden) };
                assert_eq!(outcome(&session(role, NOW), who, reading), expected, "{who:?} {role:?}");
            }
        }
    }

    #[test]
    fn a_key_reaches_its_scopes_and_never_what_needs_a_session() {
        let key = key("accounts:read");
        assert_eq!(outcome(&key, Who::Everyone, Needs::Scope(Scope::AccountsRead)), Ok(()));
        let writing = Needs::Scope(Scope::AccountsWrite);
        assert_eq!(outcome(&key, Who::Everyone, writing), Err(ErrorCode::InsufficientScope));
        for needs in [Needs::Session, Needs::FreshSession] {
            assert_eq!(outcome(&key, Who::Everyone, needs), Err(ErrorCode::SessionRequired));
        }
    }

    #[test]
    fn of_whom_the_issuer_names_a_second_factor_is_asked_where_one_is_needed() {
        let outcome = |role, factors, has_second_factor, mfa| {
            let caller = Caller { credential: Credential::External, has_second_factor, ..session(role, NOW) };
            let caller = from_issuer(Caller { proof: Proof { factors, ..caller.proof }, ..caller }, mfa);
            require_second_factor(&caller, Who::Everyone, mfa).map_err(|problem| problem.code())
        };
        let (weak, strong) = (Factors::default(), Factors::of(identity::Factor::Elsewhere));
        let refused = Err(ErrorCode::StepUpRequired);
        assert_eq!(outcome(Role::Customer, weak, false, MfaPolicy::Optional), Ok(()));
        assert_eq!(outcome(Role::Customer, weak, true, MfaPolicy::Optional), refused);
        assert_eq!(outcome(Role::Customer, weak, false, MfaPolicy::Required), refused);
        for role in Role::ALL.into_iter().filter(|role| role.is_staff()) {
            assert_eq!(outcome(role, weak, false, MfaPolicy::Optional), refused);
            assert_eq!(outcome(role, strong, false, MfaPolicy::Optional), Ok(()));
        }
        assert_eq!(outcome(Role::Customer, strong, true, MfaPolicy::Required), Ok(()));
    }

    #[test]
    fn an_old_proof_opens_nothing_sensitive() {
        let old = session(Role::Customer, NOW.plus_seconds(-Proof::fresh_seconds()));
        assert_eq!(outcome(&old, Who::Everyone, Needs::Session), Ok(()));
        assert_eq!(outcome(&old, Who::Everyone, Needs::FreshSession), Err(ErrorCode::StepUpRequired));
        assert_eq!(outcome(&session(Role::Customer, NOW), Who::Everyone, Needs::FreshSession), Ok(()));
    }
}
