//! Standing orders on the wire.

use super::description::read_description;
use super::schema::{
    AccountIdOrNumber, CatchUpWord, FrequencyWord, OnHolidayWord, RunOutcomeWord, StandingOrderIdText,
    StandingRunIdText, StandingStatusWord,
};
use db::{BankTime, Date, WallTime};
use http_core::fingerprint::Fingerprint;
use http_core::problem::{Outcome, Problem};
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::amount::read_amount;
use http_core::wire::named::{read_account, read_currency};
use http_core::wire::schema;
use ids::{AccountId, StandingOrderId, StandingRunId, TransactionId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use standing::{Frequency, OnHoliday, Schedule, StandingOrder, StandingRun, StandingWish};
use std::borrow::Cow;
use utoipa::ToSchema;

/// So many of the dates to come are shown.
const DATES_SHOWN: u32 = 5;

/// What is to be paid, and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewStandingOrder)]
pub(crate) struct StandingOrderBody<'a> {
    /// An account of yours. It cannot be changed later.
    #[serde(borrow)]
    #[schema(value_type = schema::AccountIdText)]
    source_account_id: Cow<'a, str>,
    /// The identifier of an account of this bank, or its `accountNumber`.
    #[serde(borrow)]
    #[schema(value_type = AccountIdOrNumber)]
    pub(super) destination_account_id: Cow<'a, str>,
    #[serde(borrow)]
    #[schema(value_type = schema::Amount)]
    amount: &'a RawValue,
    #[serde(borrow)]
    #[schema(value_type = schema::CurrencyCode)]
    currency: Cow<'a, str>,
    /// One line of at most 140 characters.
    #[schema(value_type = Option<String>, max_length = 140)]
    description: Option<Cow<'a, str>>,
    #[serde(borrow)]
    #[schema(value_type = FrequencyWord)]
    frequency: Cow<'a, str>,
    /// Today or later, by clocks in New York, and at most ten years ahead. It is the first date, unless `dayOfMonth` or the
    /// business days say otherwise: then the first date is the next one.
    #[serde(borrow)]
    #[schema(value_type = String, format = Date, example = "2027-01-31")]
    first_date: Cow<'a, str>,
    /// No date is after this day. Absent: without end.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, format = Date)]
    last_date: Option<Cow<'a, str>>,
    /// Of `monthly` dates; where a month is shorter, its last day. The day of `firstDate` if absent.
    #[schema(minimum = 1, maximum = 31)]
    day_of_month: Option<u8>,
    /// `same` if absent: between accounts of this bank money moves on every day. `daily` dates take nothing else.
    #[serde(borrow)]
    #[schema(value_type = Option<OnHolidayWord>)]
    on_holiday: Option<Cow<'a, str>>,
    /// Which dates are paid of more than five that the bank missed; `last` if absent. Up to five are all paid.
    #[serde(borrow)]
    #[schema(value_type = Option<CatchUpWord>)]
    catch_up: Option<Cow<'a, str>>,
}

/// A standing order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StandingOrder)]
pub(crate) struct StandingOrderReply {
    #[schema(value_type = StandingOrderIdText)]
    id: Text<StandingOrderId>,
    /// `STOPPED` after three dates that failed, one behind the other, or when it cannot be paid any more.
    #[schema(value_type = StandingStatusWord)]
    status: &'static str,
    #[schema(value_type = schema::AccountIdText)]
    source_account_id: Text<AccountId>,
    #[schema(value_type = schema::AccountIdText)]
    destination_account_id: Text<AccountId>,
    #[schema(value_type = schema::DecimalText)]
    amount: String,
    #[schema(value_type = schema::CurrencyCode)]
    currency: String,
    description: String,
    #[schema(value_type = FrequencyWord)]
    frequency: &'static str,
    #[schema(value_type = String, format = Date)]
    first_date: Text<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    last_date: Option<Text<Date>>,
    day_of_month: Option<u8>,
    #[schema(value_type = OnHolidayWord)]
    on_holiday: &'static str,
    #[schema(value_type = CatchUpWord)]
    catch_up: &'static str,
    /// The next days on which it is paid, at most five: none while it is paused, or has ended.
    #[schema(value_type = Vec<String>, max_items = 5)]
    next_dates: Vec<Text<Date>>,
    /// When the next date is tried, in bank time: at six in the morning in New York, and where the money is not there, at ten, two
    /// and six of that day.
    #[schema(value_type = Option<schema::Time>)]
    next_try_at: Option<Text<BankTime>>,
    /// How often the next date was tried before.
    tries: u32,
    #[schema(value_type = schema::Time)]
    created_at: Text<WallTime>,
}

impl InTable for StandingOrderReply {
    const HEAD: Head = Head {
        file_name: "standing-orders",
        columns: &[
            "id",
            "status",
            "sourceAccountId",
            "destinationAccountId",
            "amount",
            "currency",
            "description",
            "frequency",
            "firstDate",
            "lastDate",
            "dayOfMonth",
            "onHoliday",
            "catchUp",
            "nextDates",
            "nextTryAt",
            "tries",
            "createdAt",
        ],
    };
}

impl InTable for RunReply {
    const HEAD: Head = Head {
        file_name: "standing-order-runs",
        columns: &["id", "date", "dates", "outcome", "why", "transactionId", "happenedAt"],
    };
}

/// A page of standing orders, the oldest first.
#[derive(ToSchema)]
#[schema(as = StandingOrderPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct StandingOrderPage<'a> {
    data: &'a [StandingOrderReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// What became of a date.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StandingRun)]
pub(crate) struct RunReply {
    #[schema(value_type = StandingRunIdText)]
    id: Text<StandingRunId>,
    /// The date by the schedule; of dates that were left out together, the last one.
    #[schema(value_type = String, format = Date)]
    date: Text<Date>,
    /// How many dates it stands for: more than one where many were missed.
    dates: i64,
    #[schema(value_type = RunOutcomeWord)]
    outcome: &'static str,
    /// Why it was not paid: `INSUFFICIENT_FUNDS`, `ACCOUNT_UNAVAILABLE`, `ASKED_FOR`, `MISSED` and the like.
    why: Option<String>,
    #[schema(value_type = Option<schema::TransactionIdText>)]
    transaction_id: Option<Text<TransactionId>>,
    /// In bank time.
    #[schema(value_type = schema::Time)]
    happened_at: Text<BankTime>,
}

/// A page of what became of the dates, the newest first.
#[derive(ToSchema)]
#[schema(as = StandingRunPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct RunPage<'a> {
    data: &'a [RunReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl StandingOrderBody<'_> {
    pub(crate) fn read(&self) -> Outcome<StandingWish> {
        let source = read_account("sourceAccountId", &self.source_account_id)?;
        let destination = read_account("destinationAccountId", &self.destination_account_id)?;
        let money = read_amount("amount", self.amount, read_currency(&self.currency)?)?;
        let schedule = Schedule {
            frequency: read_frequency(&self.frequency)?,
            first: read_date("firstDate", &self.first_date)?,
            last: self.last_date.as_deref().map(|text| read_date("lastDate", text)).transpose()?,
            day_of_month: self.day_of_month,
            on_holiday: read_on_holiday(self.on_holiday.as_deref().unwrap_or("same"))?,
        };
        let catches_up = match self.catch_up.as_deref() {
            None | Some("last") => false,
            Some("all") => true,
            Some(_) => return Err(Problem::invalid("catchUp", "must be last or all")),
        };
        let description = read_description(self.description.as_deref())?;
        Ok(StandingWish { source, destination, money, description, schedule, catches_up })
    }
}

/// What was asked for, however its JSON was written. A field that is new has to be added here, or it does not compile.
pub(crate) fn fingerprint(wish: &StandingWish) -> Fingerprint {
    let StandingWish { source, destination, money, description, schedule, catches_up } = wish;
    let Schedule { frequency, first, last, day_of_month, on_holiday } = schedule;
    Fingerprint::default()
        .text(Some(&source.to_string()))
        .text(Some(&destination.to_string()))
        .number(Some(money.minor()))
        .text(Some(money.currency().code()))
        .text(Some(description))
        .text(Some(frequency.word()))
        .text(Some(&first.to_string()))
        .text(last.map(|last| last.to_string()).as_deref())
        .number(day_of_month.map(i64::from))
        .text(Some(on_holiday.word()))
        .number(Some((*catches_up).into()))
}

fn read_date(field: &str, text: &str) -> Outcome<time::Date> {
    Date::parse(text).map(calendar::read).map_err(|error| Problem::invalid(field, error.to_string()))
}

const FREQUENCIES: [(&str, Frequency); 5] = [
    ("once", Frequency::Once),
    ("daily", Frequency::Daily),
    ("weekly", Frequency::Weekly),
    ("monthly", Frequency::Monthly),
    ("lastBusinessDay", Frequency::LastBusinessDay),
];

const ON_HOLIDAY: [(&str, OnHoliday); 3] =
    [("previous", OnHoliday::Previous), ("next", OnHoliday::Next), ("same", OnHoliday::Same)];

fn read_frequency(text: &str) -> Outcome<Frequency> {
    let found = FREQUENCIES.iter().find(|(word, _)| *word == text).map(|(_, frequency)| *frequency);
    found.ok_or_else(|| Problem::invalid("frequency", "must be once, daily, weekly, monthly or lastBusinessDay"))
}

fn read_on_holiday(text: &str) -> Outcome<OnHoliday> {
    let found = ON_HOLIDAY.iter().find(|(word, _)| *word == text).map(|(_, on_holiday)| *on_holiday);
    found.ok_or_else(|| Problem::invalid("onHoliday", "must be previous, next or same"))
}

/// The word of a value in a list that has all of them.
fn word_in<T: PartialEq>(list: &[(&'static str, T)], wanted: &T) -> &'static str {
    list.iter().find(|(_, value)| value == wanted).map_or("", |(word, _)| word)
}

impl From<StandingOrder> for StandingOrderReply {
    fn from(order: StandingOrder) -> Self {
        let next_dates = order.next_dates(DATES_SHOWN).into_iter().map(Text).collect();
        let StandingOrder { id, status, wish, next, tries, created_at, .. } = order;
        let StandingWish { source, destination, money, description, schedule, catches_up } = wish;
        let next_try_at = next.filter(|_| status == standing::StandingStatus::Active).map(|next| Text(next.due_at));
        Self {
            id: Text(id),
            status: status.word(),
            source_account_id: Text(source),
            destination_account_id: Text(destination),
            amount: money.to_decimal(),
            currency: money.currency().code().to_owned(),
            description,
            frequency: word_in(&FREQUENCIES, &schedule.frequency),
            first_date: Text(calendar::stored(schedule.first)),
            last_date: schedule.last.map(|last| Text(calendar::stored(last))),
            day_of_month: schedule.day_of_month,
            on_holiday: word_in(&ON_HOLIDAY, &schedule.on_holiday),
            catch_up: if catches_up { "all" } else { "last" },
            next_dates,
            next_try_at,
            tries,
            created_at: Text(created_at),
        }
    }
}

impl From<StandingRun> for RunReply {
    fn from(run: StandingRun) -> Self {
        let StandingRun { id, date, dates, outcome, why, transaction_id, happened_at } = run;
        Self {
            id: Text(id),
            date: Text(date),
            dates,
            outcome: outcome.word(),
            why,
            transaction_id: transaction_id.map(Text),
            happened_at: Text(happened_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_written_as_it_is_read() {
        assert!(Frequency::ALL.iter().all(|one| read_frequency(word_in(&FREQUENCIES, one)).is_ok_and(|it| it == *one)));
        assert!(OnHoliday::ALL.iter().all(|one| read_on_holiday(word_in(&ON_HOLIDAY, one)).is_ok_and(|it| it == *one)));
    }
}
