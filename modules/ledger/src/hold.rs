//! Holds: money set aside until it is captured, released or expired; exactly one of the three happens.

use crate::Refusal;
use db::BankTime;
use ids::{AccountId, HoldId};
use money::{Currency, Money};

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoldStatus {
    /// The money is set aside.
    Held,
    /// Taken, in whole or in part; the rest went back.
    Captured,
    /// Given back.
    Released,
    /// Given back because its time was over.
    Expired,
}

impl HoldStatus {
    const ALL: [Self; 4] = [Self::Held, Self::Captured, Self::Released, Self::Expired];

    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "HELD",
            Self::Captured => "CAPTURED",
            Self::Released => "RELEASED",
            Self::Expired => "EXPIRED",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// Money set aside on one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its identifier.
    pub id: HoldId,
    /// The account.
    pub account: AccountId,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// How much of it was taken, in minor units.
    pub captured_minor: i64,
    /// Where it stands.
    pub status: HoldStatus,
    /// When it was placed.
    pub placed_at: BankTime,
    /// From when on it can no longer be captured.
    pub expires_at: BankTime,
    /// When it was captured, released or expired.
    pub closed_at: Option<BankTime>,
}

impl Hold {
    /// Wide, because it is the sum of legs that nobody has checked yet.
    pub(crate) fn captured(self, amount_minor: i128, currency: Currency, now: BankTime) -> Result<Self, Refusal> {
        self.require_open()?;
        if now >= self.expires_at {
            return Err(Refusal::HoldClosed { hold: self.id, status: HoldStatus::Expired });
        }
        if amount_minor <= 0 {
            return Err(Refusal::NothingCaptured { hold: self.id });
        }
        let captured_minor = i64::try_from(amount_minor)
            .ok()
            .filter(|captured_minor| *captured_minor <= self.amount_minor)
            .ok_or(Refusal::MoreThanHeld {
                hold: self.id,
                held: Money::new(self.amount_minor, currency),
                requested_minor: i64::try_from(amount_minor).unwrap_or(i64::MAX),
            })?;
        Ok(Self { status: HoldStatus::Captured, captured_minor, closed_at: Some(now), ..self })
    }

    pub(crate) fn released(self, now: BankTime) -> Result<Self, Refusal> {
        self.require_open()?;
        Ok(Self { status: HoldStatus::Released, closed_at: Some(now), ..self })
    }

    pub(crate) fn expired(self, now: BankTime) -> Result<Self, Refusal> {
        self.require_open()?;
        if now < self.expires_at {
            return Err(Refusal::HoldNotExpired { hold: self.id });
        }
        Ok(Self { status: HoldStatus::Expired, closed_at: Some(now), ..self })
    }

    fn require_open(&self) -> Result<(), Refusal> {
        match self.status {
            HoldStatus::Held => Ok(()),
            status => Err(Refusal::HoldClosed { hold: self.id, status }),
        }
    }
}
