//! The history file: a CSV of movements, each row checked before anything is booked from it.

use csv::StringRecord;
use db::Date;
use money::{Currency, Money};
use payments::history::{Category, HistoryError, HistoryRow};
use std::io::Read;

/// The columns that the file must have, in any order.
pub const HISTORY_HEADER: [&str; 8] =
    ["external_id", "account", "value_date", "amount", "currency", "category", "counterparty", "description"];

const EXTERNAL_ID_CHARACTERS_MAX: usize = 200;
const ACCOUNT_CHARACTERS_MAX: usize = 64;
const TEXT_CHARACTERS_MAX: usize = 500;

/// The rows of a history file, in its order. A wrong row is an error that names its line.
///
/// # Errors
/// The header does not have the columns of a history, each once.
pub fn history_rows<R: Read>(file: R) -> Result<impl Iterator<Item = Result<HistoryRow, HistoryError>>, HistoryError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = reader.headers().map_err(|error| unreadable(&error))?;
    let places = places(header).map_err(|reason| HistoryError::Row { line: 1, reason })?;
    Ok(reader.into_records().map(move |record| {
        let record = record.map_err(|error| unreadable(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        parse(&record, &places, line).map_err(|reason| HistoryError::Row { line, reason })
    }))
}

/// In which place of a row each of the columns stands.
fn places(header: &StringRecord) -> Result<[usize; HISTORY_HEADER.len()], String> {
    let must_be = || format!("the header must be {}, in any order", HISTORY_HEADER.join(","));
    let named: Vec<&str> = header.iter().map(|name| name.trim_start_matches('\u{feff}').trim()).collect();
    if let Some(unknown) = named.iter().find(|name| !HISTORY_HEADER.contains(name)) {
        return Err(format!("{unknown:?} is not a column of a history: {}", must_be()));
    }
    let mut places = [0; HISTORY_HEADER.len()];
    for (place, column) in places.iter_mut().zip(HISTORY_HEADER) {
        let mut found = (0..).zip(&named).filter(|(_, name)| **name == column);
        *place = found.next().ok_or_else(|| format!("the column {column} is missing: {}", must_be()))?.0;
        if found.next().is_some() {
            return Err(format!("the column {column} is there twice"));
        }
    }
    Ok(places)
}

fn parse(record: &StringRecord, places: &[usize; HISTORY_HEADER.len()], line: u64) -> Result<HistoryRow, String> {
    if record.len() != HISTORY_HEADER.len() {
        let hint = record.iter().find_map(open_quote).unwrap_or_default();
        return Err(format!("has {} fields instead of {}{hint}", record.len(), HISTORY_HEADER.len()));
    }
    let [external_id, account, value_date, amount, currency, category, counterparty, description] =
        places.map(|place| record.get(place).unwrap_or_default());
    let currency = Currency::parse(currency).map_err(|error| format!("currency {currency:?} {error}"))?;
    let money = Money::parse_signed(amount, currency).map_err(|error| format!("amount {amount:?} {error}"))?;
    if money.minor() == 0 {
        return Err("amount must not be zero".to_owned());
    }
    Ok(HistoryRow {
        line,
        external_id: required("external_id", external_id, EXTERNAL_ID_CHARACTERS_MAX)?,
        account: required("account", account, ACCOUNT_CHARACTERS_MAX)?,
        value_date: Date::parse(value_date).map_err(|error| format!("value_date {value_date:?} {error}"))?,
        money,
        category: Category::parse(category)
            .ok_or_else(|| format!("category {category:?} must be {}", Category::words()))?,
        counterparty: text("counterparty", counterparty, TEXT_CHARACTERS_MAX)?,
        description: text("description", description, TEXT_CHARACTERS_MAX)?,
    })
}

fn required(name: &str, value: &str, characters_max: usize) -> Result<String, String> {
    if value.trim().is_empty() {
        return Err(format!("{name} must not be empty"));
    }
    text(name, value, characters_max)
}

fn text(name: &str, value: &str, characters_max: usize) -> Result<String, String> {
    let hint = open_quote(value).unwrap_or_default();
    if value.chars().count() > characters_max {
        return Err(format!("{name} has more than {characters_max} characters{hint}"));
    }
    if value.chars().any(char::is_control) {
        return Err(format!("{name} has a control character{hint}"));
    }
    Ok(value.to_owned())
}

/// A quote that nobody closed takes all that follows, lines included, into one field.
fn open_quote(value: &str) -> Option<&'static str> {
    value.contains('\n').then_some(": it goes over lines, a quote may be open")
}

fn unreadable(error: &csv::Error) -> HistoryError {
    let line = error.position().map_or(1, csv::Position::line);
    HistoryError::Row { line, reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "external_id,account,value_date,amount,currency,category,counterparty,description\n";

    fn read(rows: &str) -> Result<Vec<HistoryRow>, String> {
        let file = format!("{HEADER}{rows}");
        history_rows(file.as_bytes()).and_then(Iterator::collect).map_err(|error| error.to_string())
    }

    #[test]
    fn a_row_reads_as_it_stands() {
        let rows = read("t1,576,1993-01-01,-900.05,CZK,cash,\"Novák, Jan\",for food\n").unwrap();
        assert_eq!(rows[0].money.minor(), -90_005);
        assert_eq!((rows[0].line, rows[0].account.as_str(), rows[0].counterparty.as_str()), (2, "576", "Novák, Jan"));
        assert_eq!(rows[0].category, Category::Cash);
    }

    #[test]
    fn a_wrong_row_is_named_with_its_line() {
        let good = "t1,576,1993-01-01,900.00,CZK,cash,,\n";
        for (bad, reason) in [
            ("t2,576,1993-02-30,1.00,CZK,cash,,", "value_date \"1993-02-30\" must be a day such as 2026-01-31"),
            ("t2,576,1993-01-01,1.005,CZK,cash,,", "amount \"1.005\" has more than the 2 decimals of its currency"),
            ("t2,576,1993-01-01,0.00,CZK,cash,,", "amount must not be zero"),
            ("t2,576,1993-01-01,1.00,XXX,cash,,", "currency \"XXX\" must be a currency code of ISO 4217 such as USD"),
            (
                "t2,576,1993-01-01,1.00,CZK,gift,,",
                "category \"gift\" must be cash, transfer, interest, fee, loan, card or other",
            ),
            (",576,1993-01-01,1.00,CZK,cash,,", "external_id must not be empty"),
            ("t2,576,1993-01-01,1.00,CZK,cash,", "has 7 fields instead of 8"),
        ] {
            assert_eq!(read(&format!("{good}{bad}\n")), Err(format!("line 3: {reason}")));
        }
    }

    #[test]
    fn columns_stand_in_any_order() {
        let file = "\u{feff}currency,amount,description,category,account,counterparty,value_date,external_id\n\
                    HRK,-5.00,bread,card,576,Baker,2019-05-01,t1\n";
        let rows: Vec<HistoryRow> = history_rows(file.as_bytes()).unwrap().collect::<Result<_, _>>().unwrap();
        let there = read("t1,576,2019-05-01,-5.00,HRK,card,Baker,bread\n").unwrap();
        assert_eq!(rows, there);
    }

    #[test]
    fn a_header_with_other_columns_is_refused_with_what_is_wrong() {
        let columns = HISTORY_HEADER.join(",");
        for (header, reason) in [
            ("id,account".to_owned(), "\"id\" is not a column of a history"),
            (columns.replace(",category", ""), "the column category is missing"),
            (format!("{columns},amount"), "the column amount is there twice"),
            (format!("{columns},notes"), "\"notes\" is not a column of a history"),
        ] {
            let error = history_rows(format!("{header}\n").as_bytes()).err().unwrap().to_string();
            assert!(error.starts_with(&format!("line 1: {reason}")), "{error}");
        }
    }

    #[test]
    fn an_open_quote_is_hinted_at() {
        let error = read("t1,576,1993-01-01,1.00,CZK,cash,,\"open\nt2,576,1993-01-01,1.00,CZK,cash,,\n").unwrap_err();
        assert!(error.starts_with("line 2: description") && error.ends_with("a quote may be open"), "{error}");
        let error = read("t1,576,1993-01-01,\"1.00,CZK,cash,,\nt2,576,1993-01-01,1.00,CZK,cash,,\n").unwrap_err();
        assert!(error.starts_with("line 2: has 4 fields") && error.ends_with("a quote may be open"), "{error}");
    }
}
