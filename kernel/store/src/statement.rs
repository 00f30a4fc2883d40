//! Statements: a name, one SQL text, and the registry that lets one test prepare them all on both engines.

use crate::dialect::{self, Engine};
use crate::value::Type;
use std::sync::OnceLock;

/// How a statement takes its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One value per parameter.
    Single,
    /// One row of values per execution; the types are those of the row.
    Batch(&'static [Type]),
}

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
}

impl Statement {
    /// Made by the `statements!` macro.
    pub const fn new(name: &'static str, kind: Kind, text: &'static str) -> Self {
        Self { name, kind, text, postgres: OnceLock::new(), sqlite: OnceLock::new() }
    }

    /// The text that the engine gets.
    pub fn sql(&self, engine: Engine) -> &str {
        let cell = match engine {
            Engine::Postgres => &self.postgres,
            Engine::Sqlite => &self.sqlite,
        };
        cell.get_or_init(|| dialect::translate(engine, self.kind, self.text))
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
