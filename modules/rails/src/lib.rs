//! Payments that leave over a rail, and what comes back of them: their transitions as one table, the terms and hours of the
//! rails, codes and words for what went wrong. Plain functions over plain values; nothing here knows a network or a table.

mod answer;
mod back_off;
mod breaker;
mod decision;
mod event;
mod hours;
mod payment;
mod phase;
mod rail;
mod reason;
mod table;
mod words;

pub use answer::{Answer, Asked, answers};
pub use back_off::back_off;
pub use breaker::{Breaker, Call, State as BreakerState};
pub use decision::{Decision, Effect, Refusal, Step, Told, decide};
pub use event::{Acceptance, Accepted, Acknowledgement, Event, Eyes, Gate, Kind, Return, Verdict, begins_in};
pub use hours::{Window, is_before_cut_off, is_given_up, is_open, opens_for, window, windows_of};
pub use payment::{Payment, Sending};
pub use phase::{Attention, Delivery, Phase, Recall, Status};
pub use rail::{Rail, Terms};
pub use reason::{KNOWN, Known, Reason, from_ach};
