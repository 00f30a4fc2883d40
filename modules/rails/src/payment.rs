//! A payment that leaves, as far as its transitions need it.

use db::BankTime;
use money::Money;

use crate::phase::{Attention, Delivery, Phase, Recall};
use crate::rail::Rail;
use crate::reason::Reason;

/// A payment that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Where it stands.
    pub phase: Phase,
    /// Over which network.
    pub rail: Rail,
    /// How much.
    pub amount: Money,
    /// How much of it came back, in minor units.
    pub returned_minor: i64,
    /// Why it did not arrive, or came back.
    pub reason: Option<Reason>,
    /// What the payee's bank did with it.
    pub delivery: Option<Delivery>,
    /// What became of calling it back.
    pub recall: Option<Recall>,
    /// Why people have to look at it.
    pub attention: Option<Attention>,
    /// How it is being sent.
    pub sending: Sending,
    /// When it settled.
    pub settled: Option<BankTime>,
    /// How often its account had no money when it was due.
    pub due_without_funds: u8,
    /// Whether a contradiction put money into suspense: it went out although it had been given up.
    pub in_suspense: bool,
}

/// How a payment is being sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// How often a worker took it; writes of an earlier one are stale.
    pub attempt: u32,
    /// Until when the worker has it.
    pub lease_ends: Option<BankTime>,
    /// When it was taken for the last time.
    pub taken: Option<BankTime>,
    /// Whether the rail may have got it at some time.
    pub may_have_left: bool,
    /// Whether the rail said that it is in order, and nothing about its outcome.
    pub is_acknowledged: bool,
    /// When its batch has settled, unless it is rejected.
    pub settles: Option<BankTime>,
    /// Since when nobody knows what became of it.
    pub unknown_since: Option<BankTime>,
    /// How often the rail was asked since then.
    pub asked: u32,
    /// How often the rail did not find it.
    pub not_found: u32,
    /// How often it came after the rail had closed.
    pub late: u32,
    /// How often we ourselves could not send it.
    pub own_errors: u32,
    /// Whether it waits for people, and its account with it.
    pub is_parked: bool,
    /// Whether the message for it was made and stored: its bytes and identifiers stay the same.
    pub has_message: bool,
}

impl Payment {
    /// One that nothing has happened to.
    pub fn new(phase: Phase, rail: Rail, amount: Money) -> Self {
        Self {
            phase,
            rail,
            amount,
            returned_minor: 0,
            reason: None,
            delivery: None,
            recall: None,
            attention: None,
            sending: Sending::default(),
            settled: None,
            due_without_funds: 0,
            in_suspense: false,
        }
    }

    /// Whether its owner can call it off.
    pub fn is_cancellable(&self) -> bool {
        matches!(self.phase, Phase::Scheduled | Phase::InReview | Phase::Queued) && !self.sending.may_have_left
    }
}
