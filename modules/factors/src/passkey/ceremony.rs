//! A question to authenticators that is still to be answered: once, within five minutes, by whom it was put to.

pub(super) mod store;

use db::WallTime;
use ids::{CeremonyId, UserId};

const LIFETIME_SECONDS: i64 = 300;

/// What an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A new passkey.
    Register,
    /// A proof with one that is known.
    Prove,
}

/// A question that was put.
#[derive(Clone)]
pub(super) struct Ceremony {
    pub(super) id: CeremonyId,
    pub(super) kind: Kind,
    pub(super) user_id: Option<UserId>,
    pub(super) state: String,
    pub(super) expires_at: WallTime,
}

impl Ceremony {
    pub(super) fn new(kind: Kind, user_id: Option<UserId>, state: String, now: WallTime) -> Self {
        Self { id: CeremonyId::generate(), kind, user_id, state, expires_at: now.plus_seconds(LIFETIME_SECONDS) }
    }

    pub(super) fn is_open_for(&self, kind: Kind, user_id: Option<UserId>, now: WallTime) -> bool {
        self.kind == kind && self.user_id == user_id && now < self.expires_at
    }
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Register => "REGISTER",
            Self::Prove => "PROVE",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Register, Self::Prove].into_iter().find(|kind| kind.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    #[test]
    fn an_answer_counts_soon_and_for_what_and_of_whom_it_was_asked() {
        let (ann, eve) = (Some(UserId::generate()), Some(UserId::generate()));
        let ceremony = Ceremony::new(Kind::Prove, ann, String::new(), START);
        assert!(ceremony.is_open_for(Kind::Prove, ann, START.plus_seconds(299)));
        assert!(!ceremony.is_open_for(Kind::Prove, ann, START.plus_seconds(300)));
        assert!(!ceremony.is_open_for(Kind::Register, ann, START));
        assert!(!ceremony.is_open_for(Kind::Prove, eve, START));
        assert!(!ceremony.is_open_for(Kind::Prove, None, START));
    }
}
