//! The three networks over which money leaves, and what each of them takes and how long it may take.

use db::BankTime;

use crate::words::words;

words! {
    /// A network over which money leaves.
    Rail {
        /// At once, at any time.
        Instant = "instant",
        /// In batches, cheaply.
        Ach = "ach",
        /// Large amounts, on the same day.
        Wire = "wire",
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// Enquiries that go on each hour end after a day: then it is for people.
const ENQUIRIES_END: i64 = 24 * HOUR;

/// What a rail takes, and how long it may take. Times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Without an answer after so long nobody knows.
    pub deadline: i64,
    /// When it is asked what became of a payment, after it was sent.
    pub enquiries: &'static [i64],
    /// Whether it is asked each hour from then on, for a day.
    pub asks_on: bool,
    /// People look at it when it has been unknown for so long; none: when its window settles.
    pub attention: Option<i64>,
    /// A queued payment is given up when the rail has been away for so long; none: by windows or by business days.
    pub give_up: Option<i64>,
    /// How long connecting may take.
    pub connect: i64,
    /// How long an answer to one call may take.
    pub answer: i64,
    /// A payment of more is refused, in minor units.
    pub limit: i64,
    /// A payment of more does not go on the same day, in minor units.
    pub same_day_limit: Option<i64>,
}

impl Rail {
    /// Its terms; a setting may lower a limit.
    pub const fn terms(self) -> Terms {
        match self {
            Self::Instant => Terms {
                deadline: 20,
                enquiries: &[25, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE],
                asks_on: true,
                attention: Some(15 * MINUTE),
                give_up: Some(HOUR),
                connect: 2,
                answer: 5,
                limit: 50_000_000,
                same_day_limit: None,
            },
            Self::Ach => Terms {
                deadline: 15 * MINUTE,
                enquiries: &[15 * MINUTE, 30 * MINUTE, HOUR],
                asks_on: false,
                attention: None,
                give_up: None,
                connect: 2,
                answer: 30,
                limit: 9_999_999_999,
                same_day_limit: Some(100_000_000),
            },
            Self::Wire => Terms {
                deadline: MINUTE,
                enquiries: &[MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR],
                asks_on: true,
                attention: Some(2 * HOUR),
                give_up: None,
                connect: 2,
                answer: 10,
                limit: 99_999_999_999,
                same_day_limit: None,
            },
        }
    }

    /// When the rail is asked for the next time what became of a payment that was sent then, after so many questions.
    pub fn next_enquiry(self, sent: BankTime, asked: u32) -> Option<BankTime> {
        let terms = self.terms();
        let asked = usize::try_from(asked).ok()?;
        let after = match terms.enquiries.get(asked) {
            Some(after) => *after,
            None if !terms.asks_on => return None,
            None => {
                let listed = terms.enquiries.last().copied().unwrap_or_default();
                let first_hour = listed - listed % HOUR + HOUR;
                let hours = i64::try_from(asked - terms.enquiries.len()).ok()?;
                first_hour.checked_add(hours.checked_mul(HOUR)?)?
            }
        };
        (after <= ENQUIRIES_END).then(|| sent.plus_seconds(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enquiries(rail: Rail) -> Vec<i64> {
        let sent = BankTime::from_unix_micros(0);
        (0..100).map_while(|asked| rail.next_enquiry(sent, asked)).map(BankTime::unix_seconds).collect()
    }

    #[test]
    fn a_rail_is_asked_not_before_and_not_after_it_makes_sense() {
        let instant = enquiries(Rail::Instant);
        assert_eq!(instant[..8], [25, 30, 60, 120, 300, 900, 3_600, 7_200]);
        assert_eq!((instant.len(), instant.last()), (30, Some(&86_400)));
        let wire = enquiries(Rail::Wire);
        assert_eq!(wire[..7], [60, 120, 300, 900, 3_600, 7_200, 10_800]);
        assert_eq!(wire.last(), Some(&86_400));
        assert_eq!(enquiries(Rail::Ach), [900, 1_800, 3_600]);
    }
}
