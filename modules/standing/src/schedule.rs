//! A schedule: the dates on which something is to be paid, and the instants at which that is tried. Plain functions over days
//! of the calendar; dates are counted from the first, so that each has a number that it keeps.

use calendar::{Eastern, banking_day_from, banking_day_until};
use db::BankTime;
use time::{Date, Duration, Month};

/// When a date is tried, on clocks of the eastern United States: in the morning, and three times more where the money was not
/// there. All of them are of that date in UTC too, by which the books count days.
const TRIES_AT: [i64; 4] = [6 * 60, 10 * 60, 14 * 60, 18 * 60];

db::words! {
    /// How often something is paid.
    Frequency {
        /// On one date.
        Once = "ONCE",
        /// Every day.
        Daily = "DAILY",
        /// Every seven days.
        Weekly = "WEEKLY",
        /// On a day of every month, or on its last one where the month is shorter.
        Monthly = "MONTHLY",
        /// On the last business day of every month.
        LastBusinessDay = "LAST_BUSINESS_DAY",
    }
}

db::words! {
    /// What becomes of a date on which banks are closed.
    OnHoliday {
        /// Paid on the last business day before.
        Previous = "PREVIOUS",
        /// Paid on the first business day after.
        Next = "NEXT",
        /// Paid all the same: between accounts of this bank money moves on every day.
        Same = "SAME",
    }
}

/// The dates of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// How often.
    pub frequency: Frequency,
    /// No date is before this day; it is the first one, unless the day of the month or the business days say otherwise.
    pub first: Date,
    /// No date is after this day.
    pub last: Option<Date>,
    /// Of monthly dates; the day of `first` where it is absent.
    pub day_of_month: Option<u8>,
    /// What becomes of dates on which banks are closed.
    pub on_holiday: OnHoliday,
}

/// Why dates are not a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Only monthly dates have a day of the month.
    #[error("is for monthly orders, from 1 to 31")]
    DayOfMonth,
    /// It ends before it begins, or what happens once would end.
    #[error("must not be before the first date, and is not for what is paid once")]
    Last,
    /// Daily dates would fall together.
    #[error("of daily orders must be SAME: moved dates would fall together")]
    OnHoliday,
    /// There is not a single date between the first and the last day.
    #[error("leaves no date to pay on")]
    Empty,
}

/// One of the dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Counted from 0.
    pub number: u32,
    /// The date by the schedule: what it is called.
    pub date: Date,
    /// The day on which it is paid.
    pub paid_on: Date,
}

impl Schedule {
    /// The dates, if they are a schedule.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn checked(self) -> Result<Self, ScheduleError> {
        let is_day =
            self.day_of_month.is_none_or(|day| (1..=31).contains(&day) && self.frequency == Frequency::Monthly);
        if !is_day {
            return Err(ScheduleError::DayOfMonth);
        }
        let is_last = self.last.is_none_or(|last| last >= self.first && self.frequency != Frequency::Once);
        if !is_last {
            return Err(ScheduleError::Last);
        }
        if self.frequency == Frequency::Daily && self.on_holiday != OnHoliday::Same {
            return Err(ScheduleError::OnHoliday);
        }
        if self.nth(0).is_none() {
            return Err(ScheduleError::Empty);
        }
        Ok(self)
    }

    /// The date of a number; `None` where the order, or the calendar, has ended.
    pub fn nth(&self, number: u32) -> Option<Occurrence> {
        let date = self.date(number)?;
        if self.last.is_some_and(|last| date > last) {
            return None;
        }
        let paid_on = match self.on_holiday {
            OnHoliday::Previous => banking_day_until(date),
            OnHoliday::Next => banking_day_from(date),
            OnHoliday::Same => date,
        };
        Some(Occurrence { number, date, paid_on })
    }

    /// The first date that is paid on this day or later.
    pub fn first_paid_from(&self, day: Date) -> Option<Occurrence> {
        let mut number = self.number_near(day);
        loop {
            let found = self.nth(number)?;
            if found.paid_on >= day {
                return Some(found);
            }
            number = number.checked_add(1)?;
        }
    }

    /// A number whose date is paid before that day, or 0; near it, so that nobody counts through years.
    fn number_near(&self, day: Date) -> u32 {
        let days = (day - self.first).whole_days().max(0);
        let near = match self.frequency {
            Frequency::Once => 0,
            Frequency::Daily => days,
            Frequency::Weekly => days / 7,
            Frequency::Monthly | Frequency::LastBusinessDay => days / 31,
        };
        u32::try_from(near.saturating_sub(2)).unwrap_or_default()
    }

    fn date(&self, number: u32) -> Option<Date> {
        let first = self.first;
        match self.frequency {
            Frequency::Once => (number == 0).then_some(first),
            Frequency::Daily => first.checked_add(Duration::days(i64::from(number))),
            Frequency::Weekly => first.checked_add(Duration::weeks(i64::from(number))),
            Frequency::Monthly => {
                let day = self.day_of_month.unwrap_or(first.day());
                self.monthly(number, |year, month| of_month(year, month, day))
            }
            Frequency::LastBusinessDay => {
                self.monthly(number, |year, month| of_month(year, month, 31).map(banking_day_until))
            }
        }
    }

    /// The date in each month, from the month of the first day on, or the one after it where the date was before that day.
    fn monthly(&self, number: u32, of: impl Fn(i32, Month) -> Option<Date>) -> Option<Date> {
        let month = |after: u32| {
            let months =
                i64::from(self.first.year()) * 12 + i64::from(u8::from(self.first.month())) - 1 + i64::from(after);
            let year = i32::try_from(months.div_euclid(12)).ok()?;
            let month = u8::try_from(months.rem_euclid(12) + 1).ok()?;
            of(year, Month::try_from(month).ok()?)
        };
        let is_over = month(0)? < self.first;
        month(number.checked_add(u32::from(is_over))?)
    }
}

/// A day of a month, or the month's last one.
fn of_month(year: i32, month: Month, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, month, day.min(month.length(year))).ok()
}

impl Occurrence {
    /// When it is tried first.
    pub fn due_at(&self) -> BankTime {
        Eastern { date: self.paid_on, minute: TRIES_AT[0] }.instant()
    }
}

/// When something that was tried is tried again on the same day; `None`: that was the last time.
pub(crate) fn tried_again(now: BankTime) -> Option<BankTime> {
    let today = Eastern::at(now).date;
    TRIES_AT.iter().map(|minute| Eastern { date: today, minute: *minute }.instant()).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    fn schedule(frequency: Frequency, first: Date) -> Schedule {
        Schedule { frequency, first, last: None, day_of_month: None, on_holiday: OnHoliday::Same }
    }

    fn dates(schedule: &Schedule, count: u32) -> Vec<String> {
        (0..count).map_while(|number| schedule.nth(number)).map(|found| found.paid_on.to_string()).collect()
    }

    #[test]
    fn days_that_a_month_lacks_are_its_last_one() {
        let monthly = schedule(Frequency::Monthly, date!(2027 - 12 - 31));
        assert_eq!(dates(&monthly, 4), ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]);
        let monthly = Schedule { day_of_month: Some(30), ..schedule(Frequency::Monthly, date!(2027 - 01 - 31)) };
        assert_eq!(dates(&monthly, 4), ["2027-02-28", "2027-03-30", "2027-04-30", "2027-05-30"]);
        let monthly = Schedule { day_of_month: Some(29), ..schedule(Frequency::Monthly, date!(2027 - 01 - 29)) };
        assert_eq!(dates(&monthly, 2), ["2027-01-29", "2027-02-28"]);
    }

    #[test]
    fn weeks_and_days_are_counted_and_once_is_once() {
        assert_eq!(dates(&schedule(Frequency::Once, date!(2026 - 12 - 25)), 3), ["2026-12-25"]);
        assert_eq!(dates(&schedule(Frequency::Daily, date!(2026 - 12 - 31)), 2), ["2026-12-31", "2027-01-01"]);
        let weekly =
            Schedule { last: Some(date!(2027 - 01 - 08)), ..schedule(Frequency::Weekly, date!(2026 - 12 - 25)) };
        assert_eq!(dates(&weekly, 9), ["2026-12-25", "2027-01-01", "2027-01-08"]);
    }

    #[test]
    fn holidays_move_to_either_side_or_stay() {
        let on = |on_holiday| Schedule { on_holiday, ..schedule(Frequency::Weekly, date!(2026 - 12 - 25)) };
        // Christmas and New Year's Day of that winter are Fridays.
        assert_eq!(dates(&on(OnHoliday::Same), 2), ["2026-12-25", "2027-01-01"]);
        assert_eq!(dates(&on(OnHoliday::Previous), 2), ["2026-12-24", "2026-12-31"]);
        assert_eq!(dates(&on(OnHoliday::Next), 2), ["2026-12-28", "2027-01-04"]);
        assert_eq!(on(OnHoliday::Next).nth(1).unwrap().date, date!(2027 - 01 - 01));
    }

    #[test]
    fn the_last_business_day_is_no_holiday_and_no_weekend() {
        let last = schedule(Frequency::LastBusinessDay, date!(2027 - 04 - 30));
        // Memorial Day of 2027 is on May 31.
        assert_eq!(dates(&last, 3), ["2027-04-30", "2027-05-28", "2027-06-30"]);
        let begun_late = schedule(Frequency::LastBusinessDay, date!(2027 - 05 - 29));
        assert_eq!(dates(&begun_late, 1), ["2027-06-30"]);
    }

    #[test]
    fn a_date_is_tried_at_six_by_clocks_that_change_and_three_times_more() {
        let at = |text: &str| BankTime::parse(text).unwrap();
        let due = |date| schedule(Frequency::Once, date).nth(0).unwrap().due_at();
        assert_eq!(due(date!(2026 - 03 - 07)), at("2026-03-07T11:00:00Z"));
        assert_eq!(due(date!(2026 - 03 - 08)), at("2026-03-08T10:00:00Z"));
        assert_eq!(due(date!(2026 - 11 - 01)), at("2026-11-01T11:00:00Z"));
        let mut now = due(date!(2026 - 03 - 07));
        let mut tries = vec![now];
        while let Some(next) = tried_again(now) {
            tries.push(next);
            now = next;
        }
        let expected = ["11", "15", "19", "23"].map(|hour| at(&format!("2026-03-07T{hour}:00:00Z")));
        assert_eq!(tries, expected);
        assert_eq!(tried_again(at("2026-03-07T16:00:00Z")), Some(at("2026-03-07T19:00:00Z")));
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        let once = schedule(Frequency::Once, date!(2026 - 12 - 25));
        let refused = |schedule: Schedule| schedule.checked().unwrap_err();
        assert_eq!(refused(Schedule { day_of_month: Some(3), ..once }), ScheduleError::DayOfMonth);
        let monthly = Schedule { frequency: Frequency::Monthly, ..once };
        assert_eq!(refused(Schedule { day_of_month: Some(32), ..monthly }), ScheduleError::DayOfMonth);
        assert_eq!(refused(Schedule { day_of_month: Some(0), ..monthly }), ScheduleError::DayOfMonth);
        assert_eq!(refused(Schedule { last: Some(once.first), ..once }), ScheduleError::Last);
        assert_eq!(refused(Schedule { last: Some(date!(2026 - 12 - 24)), ..monthly }), ScheduleError::Last);
        let daily = Schedule { frequency: Frequency::Daily, on_holiday: OnHoliday::Next, ..once };
        assert_eq!(refused(daily), ScheduleError::OnHoliday);
        let never = Schedule { day_of_month: Some(1), last: Some(date!(2026 - 12 - 31)), ..monthly };
        assert_eq!(refused(never), ScheduleError::Empty);
        assert!(Schedule { last: Some(date!(2026 - 12 - 25)), ..monthly }.checked().is_ok());
    }

    proptest! {
        #[test]
        fn dates_rise_keep_to_their_bounds_and_are_found_by_their_day(
            frequency in prop::sample::select(Frequency::ALL), on_holiday in prop::sample::select(OnHoliday::ALL),
            first in 0_i64..20_000, days in 0_i64..2_000, ahead in 0_i64..3_000,
        ) {
            let first = date!(1990 - 01 - 01) + Duration::days(first);
            let last = (frequency != Frequency::Once).then(|| first + Duration::days(days));
            let wanted = Schedule { frequency, first, last, day_of_month: None, on_holiday };
            let Ok(schedule) = wanted.checked() else { return Ok(()) };
            let all: Vec<Occurrence> = (0..).map_while(|number| schedule.nth(number)).collect();
            prop_assert!(all.is_sorted_by(|one, next| one.date < next.date && one.due_at() < next.due_at()));
            prop_assert!(all.iter().all(|found| found.date >= first && last.is_none_or(|last| found.date <= last)));
            let day = first + Duration::days(ahead);
            prop_assert_eq!(schedule.first_paid_from(day), all.into_iter().find(|found| found.paid_on >= day));
        }
    }
}
