//! Placeholders in the text of a statement that knows its columns.

use crate::Type;
use crate::columns::{Column, ColumnList};

/// Where `shared_columns` and a row that is bound keep a bit for each column.
const COLUMNS_MAX: usize = 64;

/// A text with its columns filled in.
#[derive(Debug)]
pub(crate) struct Expanded {
    pub(crate) text: String,
    /// The types of the parameters of a batch.
    pub(crate) types: Vec<Type>,
    /// Which columns the parameters are (bit 0: the first).
    pub(crate) taken: u64,
}

/// Fills in `{columns}` and `{alias.columns}`: what a select lists.
pub(crate) fn select(text: &str, list: &ColumnList) -> String {
    fill_in(text, |placeholder| {
        let alias = placeholder.strip_suffix("columns").unwrap_or_else(|| unknown(placeholder, text));
        let names = list.0.iter().filter_map(|column| column.name.as_ref());
        names.map(|name| format!("{alias}{name}")).collect::<Vec<_>>().join(", ")
    })
}

/// Fills in `{columns}`, or `{columns except a, b}`, and `{values}` for them; and numbers what is written `$name`. The
/// parameters are what the text names, in the order of the list.
pub(crate) fn write(text: &str, list: &ColumnList) -> Expanded {
    let columns = &list.0;
    assert!(columns.len() <= COLUMNS_MAX, "{text} has more columns than are counted");
    let (mut inserted, mut named) = (Vec::new(), Vec::new());
    for placeholder in placeholders(text).filter(|placeholder| placeholder.starts_with("columns")) {
        let except: Vec<&str> = match placeholder.strip_prefix("columns except ") {
            Some(except) => except.split(", ").collect(),
            None => Vec::new(),
        };
        for name in &except {
            place_of(name, columns, text);
        }
        let is_inserted = |name: &&str| !except.contains(name);
        inserted = columns.iter().filter_map(|column| column.name.as_deref()).filter(is_inserted).collect();
    }
    for (name, _) in parameters(text) {
        named.push(name);
    }
    let is_numbered = inserted.is_empty() && named.iter().all(|name| name.parse::<usize>().is_ok());
    let is_taken = |column: &Column| {
        is_numbered || column.name.as_deref().is_some_and(|name| inserted.contains(&name) || named.contains(&name))
    };
    let taken = columns.iter().rev().fold(0, |bits, column| bits << 1 | u64::from(is_taken(column)));
    let types = columns.iter().filter(|column| is_taken(column)).map(|column| column.kind).collect();
    let number = |name: &str| {
        let place = place_of(name, columns, text);
        format!("${}", columns[..place].iter().filter(|column| is_taken(column)).count() + 1)
    };
    let text = if is_numbered { text.to_owned() } else { number_parameters(text, number) };
    let text = fill_in(&text, |placeholder| match placeholder {
        "values" => inserted.iter().map(|name| number(name)).collect::<Vec<_>>().join(", "),
        _ if placeholder.starts_with("columns") => inserted.join(", "),
        _ => unknown(placeholder, &text),
    });
    Expanded { text, types, taken }
}

fn place_of(name: &str, columns: &[Column], text: &str) -> usize {
    let place = columns.iter().position(|column| column.name.as_deref() == Some(name));
    place.unwrap_or_else(|| panic!("there is no column {name} for: {text}"))
}

fn unknown(placeholder: &str, text: &str) -> ! {
    panic!("{{{placeholder}}} means nothing in: {text}")
}

fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|piece| piece.split_once('}')).map(|(placeholder, _)| placeholder)
}

fn fill_in(text: &str, filling: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (placeholder, after) = after.split_once('}').unwrap_or_else(|| panic!("a {{ is left open in: {text}"));
        filled.push_str(before);
        filled.push_str(&filling(placeholder));
        rest = after;
    }
    filled + rest
}

/// The names behind each `$`, with what follows them up to the next.
fn parameters(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('$').skip(1).map(|piece| {
        let end = piece.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        piece.split_at(end.unwrap_or(piece.len()))
    })
}

fn number_parameters(text: &str, number: impl Fn(&str) -> String) -> String {
    let mut numbered = text.split('$').next().unwrap_or_default().to_owned();
    for (name, after) in parameters(text) {
        numbered.push_str(&number(name));
        numbered.push_str(after);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns;
    use ids::AccountId;
    use money::{Currency, Money};

    columns! {
        struct Payment { id: AccountId, payer: Side = "payer_*", money: Money = "*", note: Option<String> = remark }
        struct Side { account: AccountId, is_own: bool }
    }

    fn payment() -> ColumnList {
        let mut list = ColumnList::default();
        ColumnList::of::<Payment>(&mut list);
        list
    }

    #[test]
    fn a_select_lists_the_columns() {
        let names = "id, payer_account, payer_is_own, amount_minor, currency, remark";
        assert_eq!(select("SELECT {columns}, 1 FROM p", &payment()), format!("SELECT {names}, 1 FROM p"));
        let mut list = ColumnList::default();
        ColumnList::of::<(Money, i64)>(&mut list);
        assert_eq!(select("SELECT {p.columns}, 1 FROM p", &list), "SELECT p.amount_minor, p.currency, 1 FROM p");
    }

    #[test]
    fn an_insert_names_and_binds_them() {
        let expanded = write("INSERT INTO p ({columns}) VALUES ({values})", &payment());
        let names = "id, payer_account, payer_is_own, amount_minor, currency, remark";
        assert_eq!(expanded.text, format!("INSERT INTO p ({names}) VALUES ($1, $2, $3, $4, $5, $6)"));
        assert_eq!(expanded.types, [Type::Id, Type::Id, Type::Bool, Type::Int, Type::Text, Type::Text]);
        assert_eq!(expanded.taken, 0b11_1111);
    }

    #[test]
    fn what_is_not_named_is_not_sent() {
        let expanded = write("INSERT INTO p ({columns except id, currency}) VALUES ({values})", &payment());
        let names = "payer_account, payer_is_own, amount_minor, remark";
        assert_eq!(expanded.text, format!("INSERT INTO p ({names}) VALUES ($1, $2, $3, $4)"));
        assert_eq!(expanded.taken, 0b10_1110);
        let expanded = write("UPDATE p SET remark = $remark || $remark, n = $amount_minor WHERE id = $id", &payment());
        assert_eq!(expanded.text, "UPDATE p SET remark = $3 || $3, n = $2 WHERE id = $1");
        assert_eq!(expanded.types, [Type::Id, Type::Int, Type::Text]);
        assert_eq!(expanded.taken, 0b10_1001);
    }

    #[test]
    fn a_value_without_a_name_has_a_number() {
        let mut list = ColumnList::default();
        ColumnList::of::<i64>(&mut list);
        let expanded = write("UPDATE p SET n = 0 WHERE n <> $1", &list);
        assert_eq!((expanded.text.as_str(), expanded.taken), ("UPDATE p SET n = 0 WHERE n <> $1", 1));
    }

    #[test]
    #[should_panic(expected = "there is no column notes")]
    fn a_name_that_no_column_has_is_noticed() {
        write("UPDATE p SET remark = $notes WHERE id = $id", &payment());
    }

    #[test]
    #[should_panic(expected = "several columns and names one")]
    fn what_takes_several_columns_has_a_pattern() {
        columns! { struct Wrong { money: Money } }
        ColumnList::of::<Wrong>(&mut ColumnList::default());
    }

    #[test]
    fn a_row_binds_only_what_is_taken() {
        let note = Some("lunch".to_owned());
        let payer = Side { account: AccountId::generate(), is_own: false };
        let money = Money::new(5, Currency::parse("USD").unwrap());
        let mut lists = vec![Vec::new(); 2];
        let row = &mut crate::Writing::new(&mut lists, 0b10_1000);
        crate::Columns::write(Payment { id: payer.account, payer, money, note }, row);
        assert_eq!(lists, [vec![5_i64.into()], vec!["lunch".into()]]);
    }
}
