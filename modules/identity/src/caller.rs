//! Who makes a request: the person, by which credential, how far it reaches, and what it was proved with.

use crate::{Role, Scope, Scopes};
use db::WallTime;
use ids::{ApiKeyId, ClientId, GrantId, SessionId, UserId};
use outbox::{Act, Actor, Means};

/// For so long a proof of who one is opens what is sensitive.
const FRESH_SECONDS: i64 = 5 * 60;

/// Who makes a request, as their credential proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user_id: UserId,
    /// What they are in the bank.
    pub role: Role,
    /// What they call with.
    pub credential: Credential,
    /// Which client acts for them, with a grant.
    pub client: Option<ClientId>,
    /// How far the credential reaches.
    pub scopes: Scopes,
    /// How and when the person last proved who they are.
    pub proof: Proof,
    /// Whether they have a second factor, and so have to use it for what is sensitive.
    pub has_second_factor: bool,
}

/// What somebody calls with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A login of the person themselves.
    Session(SessionId),
    /// A key that the person made for a program.
    ApiKey(ApiKeyId),
    /// What the person granted to a client of the authorization server.
    Grant(GrantId),
    /// An access token of the trusted issuer.
    External,
}

/// How and when somebody last proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// When: the claim `auth_time`.
    pub at: WallTime,
    /// With what: the claim `amr`.
    pub factors: Factors,
}

/// One way of proving who one is (RFC 8176).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Factor {
    /// Something known: `pwd`.
    Password,
    /// A code that is good once, of an authenticator app: `otp`.
    OneTimeCode,
    /// A key that never leaves its device, opened by its holder: `hwk`.
    Passkey,
    /// A code written down for the day on which the others are lost: `recovery`.
    RecoveryCode,
    /// More than one factor, as the trusted issuer says: `mfa`.
    Elsewhere,
}

/// A set of factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Factors(u8);

impl Caller {
    /// Somebody who has logged in, and so may do all that their role may.
    pub const fn of_session(user_id: UserId, role: Role, session_id: SessionId, proof: Proof) -> Self {
        let credential = Credential::Session(session_id);
        Self { user_id, role, credential, client: None, scopes: Scopes::ALL, proof, has_second_factor: false }
    }

    /// The login, if it is one.
    pub const fn session_id(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::ApiKey(_) | Credential::Grant(_) | Credential::External => None,
        }
    }

    /// Whether they work for the bank and are here themselves. Whatever else acts for somebody, an API key, a grant, a token
    /// of an issuer elsewhere, reaches what is theirs and nothing more.
    pub const fn is_staff_themselves(&self) -> bool {
        self.role.is_staff() && matches!(self.credential, Credential::Session(_))
    }

    /// Whom the outbox names for what they do.
    pub fn actor(&self) -> Actor {
        let means = match self.credential {
            Credential::Session(id) => Means::Session(id),
            Credential::ApiKey(id) => Means::ApiKey(id),
            Credential::Grant(id) => Means::Grant { id, client: self.client },
            Credential::External => Means::External,
        };
        Actor::person(self.user_id, means)
    }

    /// What they do now.
    pub fn does(&self, now: WallTime) -> Act {
        self.actor().does(now)
    }

    /// Whether what they proved lately opens what is sensitive: with a second factor, if they have one.
    pub fn is_freshly_proved(&self, now: WallTime) -> bool {
        self.proof.is_fresh(now) && (!self.has_second_factor || self.proof.factors.is_multi_factor())
    }

    /// Whether they are asked for fresh proofs of payments: a person, not a program, and one who has a second factor.
    pub const fn proves_payments(&self) -> bool {
        self.has_second_factor && matches!(self.credential, Credential::Session(_) | Credential::External)
    }

    /// Whether the credential reaches this part of the API.
    pub const fn has_scope(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }
}

impl Proof {
    /// Whether it is recent enough for what is sensitive.
    pub fn is_fresh(&self, now: WallTime) -> bool {
        now < self.at.plus_seconds(FRESH_SECONDS)
    }

    /// For how long a proof opens what is sensitive: the `max_age` of RFC 9470.
    pub const fn fresh_seconds() -> i64 {
        FRESH_SECONDS
    }
}

impl Factor {
    const ALL: [Self; 5] = [Self::Password, Self::OneTimeCode, Self::Passkey, Self::RecoveryCode, Self::Elsewhere];

    /// The word in the claim `amr`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::OneTimeCode => "otp",
            Self::Passkey => "hwk",
            Self::RecoveryCode => "recovery",
            Self::Elsewhere => "mfa",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.word() == word)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Factors {
    /// The password alone.
    pub const PASSWORD: Self = Self::of(Factor::Password);

    /// Just this one.
    pub const fn of(factor: Factor) -> Self {
        Self(factor.bit())
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, factor: Factor) -> Self {
        Self(self.0 | factor.bit())
    }

    /// Whether the factor is among them.
    pub const fn contains(self, factor: Factor) -> bool {
        self.0 & factor.bit() != 0
    }

    /// Whether somebody who knows the password, and no more, could not have given them.
    pub const fn is_multi_factor(self) -> bool {
        // A passkey is two factors: the device, and what unlocks it.
        self.contains(Factor::Passkey)
            || self.contains(Factor::Elsewhere)
            || self.contains(Factor::Password)
                && (self.contains(Factor::OneTimeCode) || self.contains(Factor::RecoveryCode))
    }

    /// The words, in a fixed order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Factor::ALL.into_iter().filter(move |factor| self.contains(*factor)).map(Factor::word)
    }

    /// Reads words; `None` when one of them is no factor.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        words.into_iter().try_fold(Self::default(), |factors, word| Some(factors.with(Factor::parse(word)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_fresh_for_five_minutes() {
        let at = WallTime::from_unix_micros(1_767_225_600_000_000);
        let proof = Proof { at, factors: Factors::PASSWORD };
        assert!(proof.is_fresh(at) && proof.is_fresh(at.plus_seconds(299)));
        assert!(!proof.is_fresh(at.plus_seconds(300)));
    }

    #[test]
    fn the_password_alone_is_one_factor_and_a_passkey_alone_is_two() {
        assert!(!Factors::PASSWORD.is_multi_factor());
        assert!(!Factors::of(Factor::OneTimeCode).is_multi_factor());
        assert!(Factors::PASSWORD.with(Factor::OneTimeCode).is_multi_factor());
        assert!(Factors::of(Factor::Passkey).is_multi_factor());
    }

    #[test]
    fn factors_come_back_from_their_words() {
        let factors = Factors::PASSWORD.with(Factor::RecoveryCode);
        assert_eq!(factors.words().collect::<Vec<_>>(), ["pwd", "recovery"]);
        assert_eq!(Factors::parse(factors.words()), Some(factors));
        assert_eq!(Factors::parse(["pwd", "sms"]), None);
    }
}
