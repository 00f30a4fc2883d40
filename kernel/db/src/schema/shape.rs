//! Tables, triggers and other objects in a form in which both engines' can be compared.

use std::collections::{BTreeMap, BTreeSet};

/// An object of an embedded database.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) name: String,
}

impl std::fmt::Display for Object {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.kind, self.name)
    }
}

/// A table without its rows.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Whether it must be set, by column.
    pub(super) columns: BTreeMap<String, bool>,
    /// The columns of each unique key.
    pub(super) unique: BTreeSet<String>,
    pub(super) checks: i64,
    pub(super) has_rules: bool,
}

/// A trigger of PostgreSQL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trigger {
    /// The words of its definition, sorted: the server writes them in an order of its own.
    pub(super) words: Vec<String>,
    /// `O`: in ordinary sessions, `A`: always, `D`: never.
    pub(super) enabled: String,
}

/// A text as it is whoever wrote it: with single spaces, without quotes around names.
pub(super) fn normalised(text: &str) -> String {
    text.replace('"', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a text without its order, as no two servers write it alike.
pub(super) fn sorted_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text.split_whitespace().map(|word| word.trim_matches(';').to_lowercase()).collect();
    words.sort_unstable();
    words
}

/// A unique key in words.
pub(super) fn unique_key(columns: String, is_partial: bool) -> String {
    if is_partial { format!("{columns} of some rows") } else { columns }
}
