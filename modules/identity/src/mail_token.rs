//! Tokens that go out by mail: each proves once, for a while, and until another of its kind is used, that its holder reads
//! the address. What one opens is in `verification.rs` and `forgotten_password.rs`.

pub(crate) mod store;

use crate::{Identity, IdentityError, Result, SecretHash, User, user};
use db::{Tx, WallTime};
use ids::UserId;
use outbox::{Act, Actor, Means};

/// So many ways back in live side by side. More are not mailed, and need not be: whoever asked for those that are there,
/// each of them is good. So nobody can keep a person out by asking in their name.
const RESETS_MAX: i64 = 3;

/// So many verifications are mailed to one person in an hour, and to one address.
const VERIFICATIONS_MAX: i64 = 5;
/// So many of them go to one address in an hour if each is the first of its person: whoever writes another's address into
/// accounts of theirs neither floods it nor keeps its owner from verifying it.
const FIRST_VERIFICATIONS_MAX: i64 = 20;
const HOUR_SECONDS: i64 = 60 * 60;

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Shows that the address is read by its owner.
    VerifyEmail,
    /// Lets its holder choose a new password.
    ResetPassword,
}

/// A token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailToken {
    pub(crate) user_id: UserId,
    pub(crate) purpose: Purpose,
    /// Where it was sent, in lower case.
    pub(crate) email: String,
    pub(crate) expires_at: WallTime,
    /// It was used, or another of its kind was.
    pub(crate) ended_at: Option<WallTime>,
}

/// How many tokens of a purpose went out lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mailed {
    /// To the person, wherever.
    pub(crate) to_person: i64,
    /// To the address, on behalf of anybody.
    pub(crate) to_address: i64,
}

impl Identity {
    /// Makes a token for the person's address, beside those that are there. Nothing when there are enough. Whoever calls
    /// holds the person's row, and mails the token.
    pub(crate) async fn issue_mail_token_in_tx(
        &self,
        tx: &Tx,
        user: &User,
        purpose: Purpose,
        now: WallTime,
    ) -> Result<Option<String>> {
        let email = user.email.as_ref().ok_or(IdentityError::NoEmail)?.lookup();
        let is_enough = match purpose {
            Purpose::ResetPassword => store::count_living(tx, user.id, purpose, now).await? >= RESETS_MAX,
            Purpose::VerifyEmail => {
                let since = now.plus_seconds(-HOUR_SECONDS);
                let mailed = store::count_mailed(tx, user.id, &email, purpose, since).await?;
                mailed.are_enough_verifications()
            }
        };
        if is_enough {
            return Ok(None);
        }
        let token = crate::random_token();
        let expires_at = now.plus_seconds(purpose.lifetime_seconds());
        let stored = MailToken { user_id: user.id, purpose, email, expires_at, ended_at: None };
        store::insert_in_tx(tx, &SecretHash::of(&token), &stored, now).await?;
        Ok(Some(token))
    }

    /// Uses up a token; gives whose it was, with their row held.
    pub(crate) async fn use_mail_token_in_tx(
        &self,
        tx: &Tx,
        token: &str,
        purpose: Purpose,
        now: WallTime,
    ) -> Result<User> {
        let token_hash = hash_of_copied(token);
        let found = store::find(tx, &token_hash).await?.ok_or(IdentityError::InvalidMailToken)?;
        // The person before the token, in the order of everybody else.
        let user = user::store::lock_in_tx(tx, found.user_id).await?.ok_or(IdentityError::InvalidMailToken)?;
        let token = store::lock_in_tx(tx, &token_hash).await?.ok_or(IdentityError::InvalidMailToken)?;
        if !token.opens(purpose, &user, now) {
            return Err(IdentityError::InvalidMailToken);
        }
        store::end_all_in_tx(tx, user.id, purpose, now).await?;
        Ok(user)
    }
}

/// Of a token as people copy it out of a mail, with spaces and ends of lines around it or in it.
pub(crate) fn hash_of_copied(token: &str) -> SecretHash {
    SecretHash::of(&token.split_whitespace().collect::<String>())
}

impl Purpose {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::VerifyEmail => "VERIFY_EMAIL",
            Self::ResetPassword => "RESET_PASSWORD",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::VerifyEmail, Self::ResetPassword].into_iter().find(|purpose| purpose.word() == word)
    }

    /// A way back in is dangerous in the wrong hands; a verification may wait for the evening.
    pub(crate) const fn lifetime_seconds(self) -> i64 {
        match self {
            Self::VerifyEmail => 24 * 60 * 60,
            Self::ResetPassword => 30 * 60,
        }
    }
}

/// What somebody does with a token that was mailed to them.
pub(crate) const fn by_mail(user: &User, now: WallTime) -> Act {
    Actor::person(user.id, Means::MailToken).does(now)
}

impl Mailed {
    const fn are_enough_verifications(self) -> bool {
        let is_first = self.to_person == 0 && self.to_address < FIRST_VERIFICATIONS_MAX;
        !is_first && (self.to_person >= VERIFICATIONS_MAX || self.to_address >= VERIFICATIONS_MAX)
    }
}

impl MailToken {
    /// Whether it is good for this, now, for this person with the address that they have now.
    pub(crate) fn opens(&self, purpose: Purpose, user: &User, now: WallTime) -> bool {
        self.purpose == purpose
            && self.ended_at.is_none()
            && now < self.expires_at
            && self.user_id == user.id
            && user.require_active().is_ok()
            && user.email.as_ref().is_some_and(|email| email.lookup() == self.email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Email, Role, UserStatus, Username};

    const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    fn token_of_john() -> (MailToken, User) {
        let john = User::new(Username::parse("john_doe").unwrap(), Role::Customer, START);
        let john = User { email: Some(Email::parse("John@example.com").unwrap()), ..john };
        let token = MailToken {
            user_id: john.id,
            purpose: Purpose::ResetPassword,
            email: "john@example.com".to_owned(),
            expires_at: START.plus_seconds(1800),
            ended_at: None,
        };
        (token, john)
    }

    #[test]
    fn everybody_gets_a_first_verification_and_an_address_only_so_many() {
        for (to_person, to_address, is_enough) in
            [(0, 0, false), (4, 4, false), (5, 5, true), (1, 5, true), (0, 5, false), (0, 19, false), (0, 20, true)]
        {
            let mailed = Mailed { to_person, to_address };
            assert_eq!(mailed.are_enough_verifications(), is_enough, "{mailed:?}");
        }
    }

    #[test]
    fn a_token_opens_what_it_is_for_until_its_time_is_over() {
        let (token, john) = token_of_john();
        assert!(token.opens(Purpose::ResetPassword, &john, START));
        assert!(token.opens(Purpose::ResetPassword, &john, START.plus_seconds(1799)));
        assert!(!token.opens(Purpose::ResetPassword, &john, START.plus_seconds(1800)));
        assert!(!token.opens(Purpose::VerifyEmail, &john, START));
    }

    #[test]
    fn a_token_opens_nothing_once_it_is_used_or_the_person_is_another_or_disabled_or_moved() {
        let (token, john) = token_of_john();
        let opens = |token: &MailToken, user: &User| token.opens(Purpose::ResetPassword, user, START);
        assert!(!opens(&MailToken { ended_at: Some(START), ..token.clone() }, &john));
        assert!(!opens(&MailToken { user_id: UserId::generate(), ..token.clone() }, &john));
        assert!(!opens(&token, &User { status: UserStatus::Disabled, ..john.clone() }));
        assert!(!opens(&token, &User { email: Some(Email::parse("new@example.com").unwrap()), ..john.clone() }));
        assert!(!opens(&token, &User { email: None, ..john }));
    }
}
