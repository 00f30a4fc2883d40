//! What can happen to a payment. The same list for the clock, people, workers, rails and statements: what of it means
//! something in which phase is said in one table.

use db::BankTime;
use money::Money;

use crate::phase::{Phase, Recall};
use crate::reason::Reason;

/// What happens to a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its day has come.
    Due(Verdict),
    /// People of the bank approve it.
    Approved(Eyes),
    /// They do not, or a rule does not.
    Declined,
    /// Nobody decided in time.
    ReviewOver,
    /// Its owner calls it off.
    CancelAsked,
    /// A worker takes it.
    Taken(Gate),
    /// It surely was not sent.
    NotSent {
        /// Of which attempt.
        attempt: u32,
    },
    /// The rail has it.
    TakenOver(Acknowledgement),
    /// It may have been sent.
    PerhapsSent {
        /// Of which attempt.
        attempt: u32,
    },
    /// The worker's time is over.
    LeaseOver,
    /// The rail's time is over.
    DeadlineOver,
    /// Its batch has settled.
    WindowSettled,
    /// The rail says that it settled.
    Accepted(Acceptance),
    /// The payee's bank has not made up its mind.
    Pending,
    /// The payee's bank keeps it from the account.
    Blocked,
    /// The rail says that it did not settle.
    Rejected(Reason),
    /// The rail does not know it.
    NotFound,
    /// The rail knows nothing new about it, or does not say anything.
    NotResolved,
    /// Money came back.
    Returned(Return),
    /// The rail does not understand what we sent.
    NotUnderstood,
    /// We ourselves cannot send it.
    OwnError,
    /// Its rail has been away for longer than payments wait for it.
    RailAway,
    /// Somebody wants it back.
    RecallAsked {
        /// Because of fraud: there is no limit of time for that.
        is_fraud: bool,
    },
    /// The other bank says what becomes of that.
    RecallAnswered(Recall),
    /// People say what became of it, with evidence.
    Resolved {
        /// Whether it was sent.
        was_sent: bool,
        /// Who says so.
        eyes: Eyes,
    },
    /// A message that was there before.
    Repeated,
    /// Another message under the name of one that was there before.
    Forged,
}

/// What rules and books say of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may go.
    Ready,
    /// Not without people.
    Review,
    /// No.
    Declined,
    /// There is no money for it.
    NoFunds,
}

/// How many people, other than who asks, stand behind something, and how many it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eyes {
    /// How many there are.
    pub others: u8,
    /// How many it takes.
    pub needed: u8,
}

impl Eyes {
    /// Whether there are enough: never less than one.
    pub const fn are_enough(self) -> bool {
        self.others >= self.needed && self.others >= 1
    }
}

/// What has to be so for a worker to take a payment, and what it is given with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// It is the first of its account.
    pub is_head: bool,
    /// Its rail is open.
    pub is_open: bool,
    /// The breaker of its rail lets it through.
    pub is_let_through: bool,
    /// When its batch settles, if it goes with one.
    pub settles: Option<BankTime>,
}

/// How the rail says that it has a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    /// It took the bytes over: 202, admi.007.
    Delivered,
    /// It looked at the payment and finds it in order: ACTC.
    InOrder,
}

/// How the rail says that a payment settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// In which words.
    pub how: Accepted,
    /// The amount, where the answer repeats it.
    pub amount: Option<Money>,
}

/// In which words a rail says that a payment settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// ACSC: it settled.
    Settled,
    /// ACCC: it is on the payee's account.
    Credited,
    /// ACWP: it settled, and is not on the payee's account yet.
    WithoutPosting,
}

/// Money that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: Reason,
    /// Whether the account that it came from can take it.
    pub account_takes_it: bool,
}

/// What kind of event it is, without what belongs to it: the columns of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// [`Event::Due`]
    Due,
    /// [`Event::Approved`]
    Approved,
    /// [`Event::Declined`] and [`Event::ReviewOver`]
    Declined,
    /// [`Event::CancelAsked`]
    CancelAsked,
    /// [`Event::Taken`]
    Taken,
    /// [`Event::NotSent`]
    NotSent,
    /// [`Event::TakenOver`]
    TakenOver,
    /// [`Event::PerhapsSent`]
    PerhapsSent,
    /// [`Event::LeaseOver`]
    LeaseOver,
    /// [`Event::DeadlineOver`]
    DeadlineOver,
    /// [`Event::WindowSettled`]
    WindowSettled,
    /// [`Event::Accepted`], of this amount or of none
    Accepted,
    /// [`Event::Accepted`], of another amount
    OtherAmount,
    /// [`Event::Pending`]
    Pending,
    /// [`Event::Blocked`]
    Blocked,
    /// [`Event::Rejected`]
    Rejected,
    /// [`Event::NotFound`]
    NotFound,
    /// [`Event::NotResolved`]
    NotResolved,
    /// [`Event::Returned`]
    Returned,
    /// [`Event::NotUnderstood`]
    NotUnderstood,
    /// [`Event::OwnError`]
    OwnError,
    /// [`Event::RailAway`]
    RailAway,
    /// [`Event::RecallAsked`]
    RecallAsked,
    /// [`Event::RecallAnswered`]
    RecallAnswered,
    /// [`Event::Resolved`]
    Resolved,
    /// [`Event::Repeated`]
    Repeated,
    /// [`Event::Forged`]
    Forged,
}

impl Kind {
    /// Every one of them.
    pub const ALL: [Self; 27] = [
        Self::Due,
        Self::Approved,
        Self::Declined,
        Self::CancelAsked,
        Self::Taken,
        Self::NotSent,
        Self::TakenOver,
        Self::PerhapsSent,
        Self::LeaseOver,
        Self::DeadlineOver,
        Self::WindowSettled,
        Self::Accepted,
        Self::OtherAmount,
        Self::Pending,
        Self::Blocked,
        Self::Rejected,
        Self::NotFound,
        Self::NotResolved,
        Self::Returned,
        Self::NotUnderstood,
        Self::OwnError,
        Self::RailAway,
        Self::RecallAsked,
        Self::RecallAnswered,
        Self::Resolved,
        Self::Repeated,
        Self::Forged,
    ];
}

impl Event {
    /// Whether somebody waits for an answer to it: where it does not fit, it is refused. What rails, clocks and statements
    /// say is passed over instead, and counted.
    pub const fn is_asked(&self) -> bool {
        matches!(
            self,
            Self::Approved(_)
                | Self::Declined
                | Self::CancelAsked
                | Self::Taken(_)
                | Self::NotSent { .. }
                | Self::PerhapsSent { .. }
                | Self::RecallAsked { .. }
                | Self::Resolved { .. }
        )
    }

    /// What kind of event it is for a payment of this amount.
    pub fn kind(&self, amount: Money) -> Kind {
        match self {
            Self::Due(_) => Kind::Due,
            Self::Approved(_) => Kind::Approved,
            Self::Declined | Self::ReviewOver => Kind::Declined,
            Self::CancelAsked => Kind::CancelAsked,
            Self::Taken(_) => Kind::Taken,
            Self::NotSent { .. } => Kind::NotSent,
            Self::TakenOver(_) => Kind::TakenOver,
            Self::PerhapsSent { .. } => Kind::PerhapsSent,
            Self::LeaseOver => Kind::LeaseOver,
            Self::DeadlineOver => Kind::DeadlineOver,
            Self::WindowSettled => Kind::WindowSettled,
            Self::Accepted(Acceptance { amount: Some(said), .. }) if *said != amount => Kind::OtherAmount,
            Self::Accepted(_) => Kind::Accepted,
            Self::Pending => Kind::Pending,
            Self::Blocked => Kind::Blocked,
            Self::Rejected(_) => Kind::Rejected,
            Self::NotFound => Kind::NotFound,
            Self::NotResolved => Kind::NotResolved,
            Self::Returned(_) => Kind::Returned,
            Self::NotUnderstood => Kind::NotUnderstood,
            Self::OwnError => Kind::OwnError,
            Self::RailAway => Kind::RailAway,
            Self::RecallAsked { .. } => Kind::RecallAsked,
            Self::RecallAnswered(_) => Kind::RecallAnswered,
            Self::Resolved { .. } => Kind::Resolved,
            Self::Repeated => Kind::Repeated,
            Self::Forged => Kind::Forged,
        }
    }
}

/// What a payment becomes when it is ordered, T1 to T4: the phase that it begins in, or that it is refused.
pub fn begins_in(verdict: Verdict, is_for_later: bool) -> Option<Phase> {
    match (verdict, is_for_later) {
        (Verdict::Declined | Verdict::NoFunds, false) | (Verdict::Declined, true) => None,
        (_, true) => Some(Phase::Scheduled),
        (Verdict::Ready, false) => Some(Phase::Queued),
        (Verdict::Review, false) => Some(Phase::InReview),
    }
}
