//! A refresh token of a grant, and what it leads to when it is presented.

pub(super) mod store;

use super::Grant;
use db::WallTime;
use identity::REFRESH_RETRY_SECONDS;

/// A refresh token that somebody presented, as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct PresentedRefreshToken {
    pub(crate) grant: Grant,
    pub(crate) used_at: Option<WallTime>,
    /// What took its place, if it was used.
    pub(crate) successor: Option<Successor>,
}

/// What took the place of a refresh token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Successor {
    pub(crate) hash: [u8; 32],
    /// Whether somebody has used it since.
    pub(crate) is_used: bool,
}

/// What a presented refresh token leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refresh {
    /// It is used up, and a new one takes its place.
    Rotate,
    /// Its reply may have been lost: its successor, with this hash, is given again.
    Repeat([u8; 32]),
    /// Two hold it, so the grant ends for both.
    Revoke,
}

impl PresentedRefreshToken {
    pub(super) fn refresh(&self, now: WallTime) -> Refresh {
        match (self.used_at, self.successor) {
            (None, _) => Refresh::Rotate,
            (Some(used_at), Some(Successor { hash, is_used: false }))
                if now < used_at.plus_seconds(REFRESH_RETRY_SECONDS) =>
            {
                Refresh::Repeat(hash)
            }
            (Some(_), _) => Refresh::Revoke,
        }
    }
}
