//! The table of transitions: in which phases an event means something, and what. A pair that is not here changes nothing.
//! Rows have the numbers of the contract; those with a letter are decided in ADR 19.

mod answers;
mod people;
mod returns;
mod sending;

use crate::decision::{Draft, Misfit};
use crate::event::{Event, Kind};
use crate::phase::Phase;

/// A line of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    from: &'static [Phase],
    kind: Kind,
    pub(crate) apply: fn(&mut Draft, &Event) -> Result<(), Misfit>,
}

use Phase::{Cancelled, Failed, InReview, Queued, Rejected, Returned, Scheduled, Sending, Sent, Settled, Unknown};

const GIVEN_UP: &[Phase] = &[Rejected, Failed, Cancelled];
const OUT: &[Phase] = &[Sending, Sent, Unknown];

const fn row(
    name: &'static str,
    from: &'static [Phase],
    kind: Kind,
    apply: fn(&mut Draft, &Event) -> Result<(), Misfit>,
) -> Row {
    Row { name, from, kind, apply }
}

/// Every pair of a phase and a kind of event is in one row at most.
pub(crate) const ROWS: [Row; 43] = [
    row("T5", &[Scheduled], Kind::Due, people::due),
    row("T7", &[InReview], Kind::Approved, people::approved),
    row("T8", &[InReview], Kind::Declined, people::declined),
    row("T9", &[Scheduled, InReview, Queued], Kind::CancelAsked, people::cancelled),
    row("T10", &[Queued], Kind::Taken, sending::taken),
    row("T11", &[Sending], Kind::NotSent, sending::not_sent),
    row("T12", &[Sending], Kind::TakenOver, sending::taken_over),
    row("T12a", &[Sent, Unknown], Kind::TakenOver, sending::in_order_later),
    row("T12", &[Sending], Kind::Pending, sending::taken_over),
    row("T13", &[Sending], Kind::PerhapsSent, sending::perhaps_sent),
    row("T13", &[Sending], Kind::LeaseOver, sending::lease_over),
    row("T14", &[Sent], Kind::DeadlineOver, sending::deadline_over),
    row("T15", OUT, Kind::Accepted, answers::accepted),
    row("T15a", &[Queued], Kind::Accepted, answers::accepted_while_queued),
    row("T15b", &[Sent, Unknown], Kind::WindowSettled, answers::window_settled),
    row("T16", OUT, Kind::Rejected, answers::rejected),
    row("T16a", &[Queued], Kind::Rejected, answers::rejected_while_queued),
    row("T17", &[Unknown], Kind::NotFound, answers::not_found),
    row("T18", &[Unknown], Kind::NotResolved, answers::not_resolved),
    row("T18", &[Unknown], Kind::Pending, answers::not_resolved),
    row("T19", GIVEN_UP, Kind::Accepted, answers::accepted_after_all),
    row("T20", &[Settled], Kind::Rejected, answers::rejected_after_all),
    row("T21", &[Settled, Returned], Kind::Accepted, answers::delivered),
    row("T21", &[Settled, Returned], Kind::Blocked, answers::delivered),
    row("T21a", OUT, Kind::Blocked, answers::blocked_early),
    row("T22", &[Settled, Returned], Kind::Returned, returns::returned),
    row("T22a", OUT, Kind::Returned, returns::too_early),
    row("T22a", &[Queued], Kind::Returned, returns::too_early),
    row("T22b", GIVEN_UP, Kind::Returned, returns::returned_after_all),
    row("T25", Phase::ALL, Kind::Repeated, answers::repeated),
    row("T26", Phase::ALL, Kind::Forged, answers::forged),
    row("T27", &[Queued], Kind::RailAway, sending::rail_away),
    row("T28", &[Settled], Kind::RecallAsked, returns::recall_asked),
    row("T29", &[Settled, Returned], Kind::RecallAnswered, returns::recall_answered),
    row("T30", &[Unknown], Kind::Resolved, people::resolved),
    row("T31", &[Sending], Kind::NotUnderstood, sending::not_understood),
    row("T31a", &[Sent], Kind::NotUnderstood, sending::not_understood_later),
    row("T31b", &[Unknown], Kind::NotUnderstood, sending::not_understood_again),
    row("T32", &[Queued], Kind::OwnError, sending::own_error),
    row("T33", &[Sending, Sent], Kind::OtherAmount, answers::other_amount),
    row("T33a", &[Unknown, Settled, Returned], Kind::OtherAmount, answers::other_amount_noted),
    row("T33a", GIVEN_UP, Kind::OtherAmount, answers::other_amount_noted),
    row("T33b", &[Queued], Kind::OtherAmount, answers::other_amount_while_queued),
];

/// The row of a pair, if it has one.
pub(crate) fn row_of(phase: Phase, kind: Kind) -> Option<&'static Row> {
    static TABLE: &[Row] = &ROWS;
    TABLE.iter().find(|row| row.kind == kind && row.from.contains(&phase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_in_one_row_at_most() {
        for phase in Phase::ALL {
            for kind in Kind::ALL {
                let rows = ROWS.iter().filter(|row| row.kind == kind && row.from.contains(phase));
                assert!(rows.count() <= 1, "{phase:?} {kind:?}");
            }
        }
    }
}
