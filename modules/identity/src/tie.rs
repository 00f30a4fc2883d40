//! Ties between people: somebody who had a hand in who another is here may be both of them, and four eyes are two people's.
//! A tie is written with each such deed; what of the command line was done ties nobody. Plain functions over loaded ties,
//! and the loading; who may then not decide what is the approvals' matter.

pub(crate) mod store;

use crate::{Identity, Result};
use approvals::Tied;
use db::{DbError, Tx, WallTime};
use ids::UserId;
use outbox::Act;
use std::collections::HashSet;

/// So many days a deed ties: time enough for the person to come, choose a password of their own and be known.
pub const TIE_DAYS: i64 = 30;

const TIE_SECONDS: i64 = TIE_DAYS * 86_400;

/// So many people at most stand behind one; a bank has fewer administrators.
const ORIGINS_MAX: usize = 1_000;

/// What one person did to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Deed {
    /// Made their login.
    Made,
    /// Let them in again.
    Enabled,
    /// Gave them another role.
    RoleChanged,
    /// Logged them out everywhere.
    SessionsEnded,
    /// Let a trusted issuer speak for them.
    IdentityLinked,
}

/// What one person did to another, and how much of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tie {
    /// To whom.
    pub(crate) person: UserId,
    /// Who did it.
    pub(crate) other: UserId,
    pub(crate) deed: Deed,
    /// When; of a password that the other knew: when it was changed.
    pub(crate) at: WallTime,
    /// Whether the password is still the one that the other chose, or was told.
    pub(crate) knows_password: bool,
}

/// Somebody, with the ties to whoever had a hand in them, and in whoever had a hand in those.
#[derive(Clone, Debug)]
pub(crate) struct Ancestry {
    person: UserId,
    ties: Vec<Tie>,
}

impl Identity {
    /// Ties somebody to those who let an issuer elsewhere speak for them: who did it, and who asked for it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tie_to_linkers_in_tx(&self, tx: &Tx, person: UserId, asked_by: UserId, act: Act) -> Result<()> {
        tie_in_tx(tx, person, Some(asked_by), Deed::IdentityLinked, act).await
    }
}

/// Whether two people may be one: one had a hand in the other, or somebody had a hand in both. The caller holds the rows of
/// both, so that no deed is done to them meanwhile. Where a password that was handed out still counts, it ends once that has
/// been changed for [`TIE_DAYS`].
pub(crate) async fn tied_in_tx(tx: &Tx, one: UserId, other: UserId, now: WallTime) -> db::Result<Option<Tied>> {
    let (one, other) = (ancestry_in_tx(tx, one, now).await?, ancestry_in_tx(tx, other, now).await?);
    Ok(between(&one, &other, now))
}

/// Whether of these people two may decide for each other. The caller holds the rows of all of them.
pub(crate) async fn has_untied_pair_in_tx(tx: &Tx, people: &[UserId], now: WallTime) -> db::Result<bool> {
    let mut seen: Vec<Ancestry> = Vec::with_capacity(people.len());
    for person in people {
        let ancestry = ancestry_in_tx(tx, *person, now).await?;
        if seen.iter().any(|other| between(&ancestry, other, now).is_none()) {
            return Ok(true);
        }
        seen.push(ancestry);
    }
    Ok(false)
}

/// Ties the person to who did it and to who asked for it, if it took two; nobody to themselves.
pub(crate) async fn tie_in_tx(tx: &Tx, person: UserId, asked_by: Option<UserId>, deed: Deed, act: Act) -> Result<()> {
    for other in act.user().into_iter().chain(asked_by).filter(|other| *other != person) {
        // Who makes a login knows the password that it begins with.
        store::put_in_tx(tx, &Tie { person, other, deed, at: act.at, knows_password: deed == Deed::Made }).await?;
    }
    Ok(())
}

async fn ancestry_in_tx(tx: &Tx, person: UserId, now: WallTime) -> db::Result<Ancestry> {
    let mut ancestry = Ancestry { person, ties: Vec::new() };
    let mut asked = HashSet::new();
    loop {
        let next: Vec<UserId> = ancestry.origins(now).into_iter().filter(|origin| asked.insert(*origin)).collect();
        if next.is_empty() {
            return Ok(ancestry);
        }
        if asked.len() > ORIGINS_MAX {
            return Err(DbError::Internal(format!("more people stand behind {person} than a bank has")));
        }
        ancestry.ties.extend(store::counting_in_tx(tx, &next, now.plus_seconds(-TIE_SECONDS)).await?);
    }
}

/// The tie between two people, with the first instant at which there is none, were nothing done from now on.
fn between(one: &Ancestry, other: &Ancestry, now: WallTime) -> Option<Tied> {
    let is_tied = |at| one.is_beside(other, at) || other.is_beside(one, at) || one.shares_origin_with(other, at);
    if !is_tied(now) {
        return None;
    }
    let mut ends: Vec<WallTime> = one.ties.iter().chain(&other.ties).filter_map(Tie::end).collect();
    ends.sort_unstable();
    Some(Tied { until: ends.into_iter().find(|end| *end > now && !is_tied(*end)) })
}

impl Ancestry {
    /// Whether the other did anything to this one.
    fn is_beside(&self, other: &Self, at: WallTime) -> bool {
        self.ties.iter().any(|tie| tie.person == self.person && tie.other == other.person && tie.counts(at))
    }

    /// Whether somebody stands behind both: each may be a hat of the same head.
    fn shares_origin_with(&self, other: &Self, at: WallTime) -> bool {
        !self.origins(at).is_disjoint(&other.origins(at))
    }

    /// The person, who made them what they are, who made those what they are, and so on.
    fn origins(&self, at: WallTime) -> HashSet<UserId> {
        let mut origins = HashSet::from([self.person]);
        loop {
            let before = origins.len();
            for tie in self.ties.iter().filter(|tie| tie.deed.makes() && tie.counts(at)) {
                if origins.contains(&tie.person) {
                    origins.insert(tie.other);
                }
            }
            if origins.len() == before {
                return origins;
            }
        }
    }
}

impl Tie {
    /// When it says nothing any more; `None`: not as long as the password is not changed.
    fn end(&self) -> Option<WallTime> {
        (!self.knows_password).then(|| self.at.plus_seconds(TIE_SECONDS))
    }

    fn counts(&self, at: WallTime) -> bool {
        self.end().is_none_or(|end| at < end)
    }
}

impl Deed {
    const ALL: [Self; 5] = [Self::Made, Self::Enabled, Self::RoleChanged, Self::SessionsEnded, Self::IdentityLinked];

    /// Whether it may put a hat on somebody's own head. What one administrator does to anybody alone does not: else whoever
    /// logs everybody out would tie everybody to everybody.
    const fn makes(self) -> bool {
        matches!(self, Self::Made | Self::Enabled | Self::RoleChanged)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Made => "MADE",
            Self::Enabled => "ENABLED",
            Self::RoleChanged => "ROLE_CHANGED",
            Self::SessionsEnded => "SESSIONS_ENDED",
            Self::IdentityLinked => "IDENTITY_LINKED",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    const fn id(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn deed(other: u128, person: u128, deed: Deed) -> Tie {
        Tie { person: id(person), other: id(other), deed, at: NOW, knows_password: false }
    }

    fn tied(ties: &[Tie], one: u128, other: u128, at: WallTime) -> Option<Tied> {
        let ancestry = |number| Ancestry { person: id(number), ties: ties.to_vec() };
        between(&ancestry(one), &ancestry(other), at)
    }

    #[test]
    fn a_deed_ties_both_ways_for_thirty_days() {
        for done in Deed::ALL {
            let ties = [deed(1, 2, done)];
            let end = NOW.plus_seconds(TIE_SECONDS);
            for (one, other) in [(1, 2), (2, 1)] {
                assert_eq!(tied(&ties, one, other, NOW), Some(Tied { until: Some(end) }));
                assert!(tied(&ties, one, other, end.plus_seconds(-1)).is_some());
                assert_eq!(tied(&ties, one, other, end), None);
            }
            assert_eq!(tied(&ties, 1, 3, NOW), None);
        }
    }

    #[test]
    fn a_password_that_was_handed_out_ties_for_as_long_as_it_is_used() {
        let ties = [Tie { knows_password: true, ..deed(1, 2, Deed::Made) }];
        assert_eq!(tied(&ties, 1, 2, NOW.plus_seconds(TIE_SECONDS * 100)), Some(Tied { until: None }));
    }

    #[test]
    fn two_hats_of_one_maker_are_tied_and_so_are_hats_of_hats() {
        let ties = [deed(1, 2, Deed::Made), deed(1, 3, Deed::RoleChanged), deed(2, 4, Deed::Enabled)];
        for (one, other) in [(2, 3), (1, 4), (3, 4)] {
            assert!(tied(&ties, one, other, NOW).is_some(), "{one} {other}");
        }
        assert_eq!(tied(&ties, 3, 5, NOW), None);
    }

    #[test]
    fn those_whom_two_people_made_together_do_not_tie_the_two() {
        let ties = [deed(1, 3, Deed::Made), deed(2, 3, Deed::Enabled)];
        assert_eq!(tied(&ties, 1, 2, NOW), None);
    }

    #[test]
    fn whoever_logs_everybody_out_is_tied_to_all_and_ties_no_others() {
        let ties = [deed(1, 2, Deed::SessionsEnded), deed(1, 3, Deed::SessionsEnded)];
        assert!(tied(&ties, 1, 2, NOW).is_some() && tied(&ties, 3, 1, NOW).is_some());
        assert_eq!(tied(&ties, 2, 3, NOW), None);
    }

    fn some_ties() -> impl Strategy<Value = Vec<Tie>> {
        let tie = (
            1_u128..6,
            1_u128..6,
            prop::sample::select(Deed::ALL.to_vec()),
            0_i64..TIE_SECONDS,
            prop::bool::weighted(0.1),
        );
        let tie = tie.prop_map(|(other, person, done, age, knows_password)| Tie {
            at: NOW.plus_seconds(-age),
            knows_password,
            ..deed(other, person, done)
        });
        prop::collection::vec(tie, 0..8)
    }

    proptest! {
        #[test]
        fn ties_are_mutual_grow_with_deeds_and_end_when_they_say(
            ties in some_ties(), more in some_ties(), one in 1_u128..6, other in 1_u128..6
        ) {
            let found = tied(&ties, one, other, NOW);
            prop_assert_eq!(found, tied(&ties, other, one, NOW));
            let all = [ties.clone(), more].concat();
            prop_assert!(found.is_none() || tied(&all, one, other, NOW).is_some());
            if let Some(Tied { until: Some(until) }) = found {
                prop_assert!(until > NOW && tied(&ties, one, other, until).is_none());
                prop_assert!(tied(&ties, one, other, until.plus_seconds(-1)).is_some());
            }
            // Every direct deed counts.
            let is_direct = ties.iter().any(|tie| (tie.person, tie.other) == (id(one), id(other)));
            prop_assert!(!is_direct || found.is_some());
        }
    }
}
