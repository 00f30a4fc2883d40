//! When rails take payments: opening hours, customers' cut-offs, windows of batches and when these settle.

use db::BankTime;
use time::Date;

use crate::rail::Rail;
use calendar::{Eastern, banking_day_from, banking_days_after, is_banking_day};

const fn clock(hour: i64, minute: i64) -> i64 {
    hour * 60 + minute
}

/// A wire's day begins on the evening before it.
const WIRE_OPENS: i64 = clock(21, 0);
const WIRE_CUT_OFF: i64 = clock(18, 30);
/// What customers sent is taken until then; banks have a quarter of an hour more.
const WIRE_CLOSES: i64 = clock(19, 0);

/// A time of day at which a batch leaves.
struct Slot {
    cut_off: i64,
    leaves: i64,
    settles: i64,
    is_same_day: bool,
}

/// Customers' orders until the cut-off go with the batch a quarter of an hour later.
const SLOTS: [Slot; 4] = [
    Slot { cut_off: clock(10, 15), leaves: clock(10, 30), settles: clock(13, 0), is_same_day: true },
    Slot { cut_off: clock(14, 30), leaves: clock(14, 45), settles: clock(17, 0), is_same_day: true },
    Slot { cut_off: clock(16, 30), leaves: clock(16, 45), settles: clock(18, 0), is_same_day: true },
    Slot { cut_off: clock(20, 0), leaves: clock(20, 15), settles: clock(8, 30), is_same_day: false },
];

/// The batch that a payment goes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The banking day on which it leaves.
    pub date: Date,
    /// Orders before this instant go with it.
    pub cut_off: BankTime,
    /// When it leaves: until then its payments can be cancelled.
    pub leaves: BankTime,
    /// When it has settled, unless it was rejected.
    pub settles: BankTime,
    /// Whether that is the day on which it leaves.
    pub is_same_day: bool,
}

/// The first batch of the ACH that an order at an instant goes with; a large one waits for the night.
pub fn window(ordered: BankTime, amount_minor: i64) -> Window {
    let is_large = Rail::Ach.terms().same_day_limit.is_some_and(|limit| amount_minor > limit);
    let mut day = banking_day_from(Eastern::at(ordered).date);
    loop {
        let found =
            windows_of(day).into_iter().find(|window| ordered < window.cut_off && !(is_large && window.is_same_day));
        match (found, banking_days_after(day, 1)) {
            (Some(window), _) => return window,
            // The calendar has ended.
            (None, next) if next <= day => return windows_of(day)[3],
            (None, next) => day = next,
        }
    }
}

/// The batches of a banking day, in their order.
pub fn windows_of(date: Date) -> [Window; 4] {
    SLOTS.each_ref().map(|slot| {
        let settles = if slot.is_same_day { date } else { banking_days_after(date, 1) };
        Window {
            date,
            cut_off: Eastern { date, minute: slot.cut_off }.instant(),
            leaves: Eastern { date, minute: slot.leaves }.instant(),
            settles: Eastern { date: settles, minute: slot.settles }.instant(),
            is_same_day: slot.is_same_day,
        }
    })
}

/// Whether a rail takes messages at an instant.
pub fn is_open(rail: Rail, at: BankTime) -> bool {
    match rail {
        Rail::Instant => true,
        Rail::Ach => is_banking_day(Eastern::at(at).date),
        Rail::Wire => {
            let (date, _) = wire_day(at);
            let [opens, closes] = wire_hours(date);
            (opens..closes).contains(&at)
        }
    }
}

/// Whether an order of a customer at an instant is still for this business day of the wire; otherwise it is for the next one.
pub fn is_before_cut_off(at: BankTime) -> bool {
    is_open(Rail::Wire, at) && at < Eastern { date: wire_day(at).0, minute: WIRE_CUT_OFF }.instant()
}

/// The earliest instant from which a rail takes a customer's payment that is ordered at an instant.
pub fn opens_for(rail: Rail, ordered: BankTime) -> BankTime {
    match rail {
        Rail::Instant => ordered,
        Rail::Ach => window(ordered, 0).leaves,
        Rail::Wire if is_before_cut_off(ordered) => ordered,
        Rail::Wire => {
            let (date, is_over) = wire_day(ordered);
            let is_over = is_over || ordered >= Eastern { date, minute: WIRE_CUT_OFF }.instant();
            let date = if is_over { banking_days_after(date, 1) } else { date };
            wire_hours(date)[0]
        }
    }
}

/// The business day of the wire that is open at an instant, or is the next to open.
fn wire_day(at: BankTime) -> (Date, bool) {
    let local = Eastern::at(at);
    let tomorrow = local.date.next_day().unwrap_or(local.date);
    let date = if local.minute >= WIRE_OPENS { tomorrow } else { local.date };
    let is_over = is_banking_day(date) && at >= wire_hours(date)[1];
    (banking_day_from(date), is_over)
}

/// From when to when the wire is open for a banking day.
fn wire_hours(date: Date) -> [BankTime; 2] {
    let evening_before = date.previous_day().unwrap_or(date);
    [Eastern { date: evening_before, minute: WIRE_OPENS }.instant(), Eastern { date, minute: WIRE_CLOSES }.instant()]
}

/// Whether a queued payment is given up because its rail has been away since an instant.
pub fn is_given_up(rail: Rail, away_since: BankTime, now: BankTime) -> bool {
    let ends = match rail {
        Rail::Instant => away_since.plus_seconds(rail.terms().give_up.unwrap_or_default()),
        // Two batches have left without it.
        Rail::Ach => window(window(away_since, 0).cut_off, 0).leaves,
        Rail::Wire => {
            let (date, is_over) = wire_day(away_since);
            wire_hours(if is_over { banking_days_after(date, 1) } else { date })[1]
        }
    };
    now >= ends
}
