//! How the bank's clock is sent and set.

use ::clock::{Advance, ClockCommand, ClockView, RATE_MAX};
use db::{BankTime, WallTime};
use http_core::problem::{Outcome, Problem};
use http_core::wire::Text;
use http_core::wire::schema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How fast bank time is to run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClockRate)]
pub(crate) struct RateBody {
    /// So many times as fast as the real world.
    #[schema(minimum = 1, maximum = 10_000)]
    pub(crate) rate: i64,
}

/// Where the clock is to go: `to` or `seconds`, one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdvanceClock)]
pub(crate) struct AdvanceBody {
    /// Until then, at most 62 days ahead.
    #[schema(value_type = Option<schema::Time>)]
    to: Option<String>,
    /// By so much.
    #[schema(minimum = 1, maximum = 5_356_800)]
    seconds: Option<i64>,
}

/// How the bank's clock stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Clock)]
pub(crate) struct ClockReply {
    /// `ADVANCING` while an advance is under way, else `READY`.
    #[schema(value_type = ClockStatusWord)]
    status: &'static str,
    /// The time of the books.
    #[schema(value_type = schema::Time)]
    bank_time: Text<BankTime>,
    /// The time of the real world.
    #[schema(value_type = schema::Time)]
    wall_time: Text<WallTime>,
    /// Whether bank time stands still.
    is_frozen: bool,
    /// How many times as fast as the real world it runs, when it runs.
    rate: i64,
    /// That advance, or the last one.
    advance: Option<AdvanceReply>,
}

/// The words for how a clock stands.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is sent")]
#[schema(as = ClockStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ClockStatusWord {
    Ready,
    Advancing,
}

/// What an advance has done.
#[derive(Serialize, ToSchema)]
#[schema(as = ClockAdvance)]
pub(crate) struct AdvanceReply {
    #[schema(value_type = schema::Time)]
    from: Text<BankTime>,
    #[schema(value_type = schema::Time)]
    to: Text<BankTime>,
    /// How many things that fell due on the way were done.
    done: i64,
}

impl AdvanceBody {
    /// The command that it is.
    pub(crate) fn read(&self) -> Outcome<ClockCommand> {
        match (&self.to, self.seconds) {
            (Some(to), None) => match BankTime::parse(to) {
                Ok(to) => Ok(ClockCommand::AdvanceTo(to)),
                Err(error) => Err(Problem::invalid("to", error.to_string())),
            },
            (None, Some(seconds)) => Ok(ClockCommand::AdvanceBy(seconds)),
            _ => Err(Problem::invalid("to", "or seconds must be given, one of the two")),
        }
    }
}

impl From<&ClockView> for ClockReply {
    fn from(view: &ClockView) -> Self {
        Self {
            status: if view.is_advancing { "ADVANCING" } else { "READY" },
            bank_time: Text(view.bank),
            wall_time: Text(view.wall),
            is_frozen: view.is_frozen,
            rate: view.rate,
            advance: view.advance.map(|Advance { from, to, done }| AdvanceReply {
                from: Text(from),
                to: Text(to),
                done,
            }),
        }
    }
}

const _: () = assert!(RATE_MAX == 10_000, "the schema says how fast");
