//! Statements: a name, one SQL text, and the registry that lets one test prepare them all on both engines.

use crate::dialect::{self, Engine};
use crate::value::Kind;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Shorter texts of one batch statement that are kept, on each connection as a prepared plan.
const SHORT_TEXTS_MAX: usize = 8;

/// One SQL statement, written in PostgreSQL's words within the portable subset.
#[derive(Debug)]
pub struct Statement {
    /// The name of its constant.
    pub name: &'static str,
    /// How it takes parameters.
    pub kind: Kind,
    text: &'static str,
    postgres: OnceLock<String>,
    sqlite: OnceLock<String>,
    /// PostgreSQL's texts of a batch with columns that are the same in every row, by these columns.
    short: Mutex<BTreeMap<u64, String>>,
}

impl Statement {
    /// Made by the `statements!` macro.
    pub const fn new(name: &'static str, kind: Kind, text: &'static str) -> Self {
        let short = Mutex::new(BTreeMap::new());
        Self { name, kind, text, postgres: OnceLock::new(), sqlite: OnceLock::new(), short }
    }

    /// The text that the engine gets.
    pub fn sql(&self, engine: Engine) -> &str {
        let cell = match engine {
            Engine::Postgres => &self.postgres,
            Engine::Sqlite => &self.sqlite,
        };
        cell.get_or_init(|| dialect::translate(engine, self.kind, self.text))
    }

    /// PostgreSQL's text for a batch in which the columns of `shared` (bit 0: the first) are the same in every row, and
    /// those of them that it takes as one value instead of an array. Only so many texts are kept; beyond that the
    /// closest of them serves, at worst the one that takes arrays only.
    pub(crate) fn postgres_batch(&'static self, shared: u64) -> (Cow<'static, str>, u64) {
        let Kind::Batch(types) = self.kind else { return (Cow::Borrowed(self.sql(Engine::Postgres)), 0) };
        if shared == 0 {
            return (Cow::Borrowed(self.sql(Engine::Postgres)), 0);
        }
        let mut short = self.short.lock().unwrap_or_else(PoisonError::into_inner);
        if short.len() < SHORT_TEXTS_MAX {
            short.entry(shared).or_insert_with(|| dialect::postgres_batch(self.text, types, shared));
        }
        let fitting = short.iter().filter(|(known, _)| *known & !shared == 0);
        match fitting.max_by_key(|(known, _)| known.count_ones()) {
            Some((known, text)) => (Cow::Owned(text.clone()), *known),
            None => (Cow::Borrowed(self.sql(Engine::Postgres)), 0),
        }
    }
}

/// An entry of the registry.
#[derive(Debug)]
pub struct Registered(pub &'static Statement);

inventory::collect!(Registered);

/// Every statement of every module that is linked in.
pub fn all_statements() -> impl Iterator<Item = &'static Statement> {
    inventory::iter::<Registered>.into_iter().map(|registered| registered.0)
}

/// Declares statements: `NAME = "SELECT …";` or, for many rows at once, `NAME(Id, Int) = "INSERT … VALUES ($1, $2)";`.
#[macro_export]
macro_rules! statements {
    () => {};
    ($(#[$doc:meta])* $name:ident = $text:expr; $($rest:tt)*) => {
        $(#[$doc])*
        pub(crate) static $name: $crate::Statement =
            $crate::Statement::new(stringify!($name), $crate::Kind::Single, $text);
        $crate::inventory::submit! { $crate::Registered(&$name) }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $name:ident($($type:ident),+) = $text:expr; $($rest:tt)*) => {
        $(#[$doc])*
        pub(crate) static $name: $crate::Statement =
            $crate::Statement::new(stringify!($name), $crate::Kind::Batch(&[$($crate::Type::$type),+]), $text);
        $crate::inventory::submit! { $crate::Registered(&$name) }
        $crate::statements! { $($rest)* }
    };
}
