//! Statements: a name, one SQL text, and the registry that lets one test prepare them all on both engines.

use crate::columns::{ColumnList, Columns};
use crate::dialect::{self, Engine};
use crate::expand::{self, Expanded};
use crate::value::{Kind, Rows};
use crate::{Result, Type};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;
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
    expanded: OnceLock<Expanded>,
    postgres: OnceLock<String>,
    sqlite: OnceLock<String>,
    /// PostgreSQL's texts of a batch with columns that are the same in every row, by these columns.
    short: Mutex<BTreeMap<u64, String>>,
}

impl Statement {
    /// Made by the `statements!` macro.
    pub const fn new(name: &'static str, kind: Kind, text: &'static str) -> Self {
        let short = Mutex::new(BTreeMap::new());
        let expanded = OnceLock::new();
        Self { name, kind, text, expanded, postgres: OnceLock::new(), sqlite: OnceLock::new(), short }
    }

    fn expanded(&self) -> &Expanded {
        self.expanded.get_or_init(|| {
            let listed = |list: fn(&mut ColumnList)| {
                let mut columns = ColumnList::default();
                list(&mut columns);
                columns
            };
            let text = || self.text.to_owned();
            match self.kind {
                Kind::Single => Expanded { text: text(), types: Vec::new(), taken: 0 },
                Kind::Read(list) => {
                    Expanded { text: expand::select(self.text, &listed(list)), types: Vec::new(), taken: 0 }
                }
                Kind::Written(list) => expand::write(self.text, &listed(list)),
            }
        })
    }

    /// The types of a batch, one for each parameter.
    fn batch(&self) -> Option<&[Type]> {
        matches!(self.kind, Kind::Written(_)).then(|| &self.expanded().types[..])
    }

    /// Whether the engine gives the columns that are read: so many, and where it knows, of these types.
    pub(crate) fn check_columns(&self, found: &[Option<Type>]) -> Result<()> {
        let Kind::Read(list) = self.kind else { return Ok(()) };
        let mut columns = ColumnList::default();
        list(&mut columns);
        columns.check(self.name, found)
    }

    /// The text that the engine gets.
    pub fn sql(&self, engine: Engine) -> &str {
        let cell = match engine {
            Engine::Postgres => &self.postgres,
            Engine::Sqlite => &self.sqlite,
        };
        cell.get_or_init(|| dialect::translate(engine, self.batch(), &self.expanded().text))
    }

    /// PostgreSQL's text for a batch in which the columns of `shared` (bit 0: the first) are the same in every row, and
    /// those of them that it takes as one value instead of an array. Only so many texts are kept; beyond that the
    /// closest of them serves, at worst the one that takes arrays only.
    pub(crate) fn postgres_batch(&'static self, shared: u64) -> (Cow<'static, str>, u64) {
        let Some(types) = self.batch() else { return (Cow::Borrowed(self.sql(Engine::Postgres)), 0) };
        if shared == 0 {
            return (Cow::Borrowed(self.sql(Engine::Postgres)), 0);
        }
        let mut short = self.short.lock().unwrap_or_else(PoisonError::into_inner);
        if short.len() < SHORT_TEXTS_MAX {
            short.entry(shared).or_insert_with(|| dialect::postgres_batch(&self.expanded().text, types, shared));
        }
        let fitting = short.iter().filter(|(known, _)| *known & !shared == 0);
        match fitting.max_by_key(|(known, _)| known.count_ones()) {
            Some((known, text)) => (Cow::Owned(text.clone()), *known),
            None => (Cow::Borrowed(self.sql(Engine::Postgres)), 0),
        }
    }
}

/// A statement whose rows are read as `T`.
#[derive(Debug)]
pub struct Select<T> {
    statement: Statement,
    row: PhantomData<fn() -> T>,
}

impl<T: Columns> Select<T> {
    /// Made by the `statements!` macro.
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { statement: Statement::new(name, Kind::Read(ColumnList::of::<T>), text), row: PhantomData }
    }

    /// Without what its rows are.
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }
}

/// A statement that is run for many rows at once, each a `T`.
#[derive(Debug)]
pub struct Write<T> {
    statement: Statement,
    row: PhantomData<fn(T)>,
}

impl<T: Columns> Write<T> {
    /// Made by the `statements!` macro.
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { statement: Statement::new(name, Kind::Written(ColumnList::of::<T>), text), row: PhantomData }
    }

    /// Without what its rows are.
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The statement with the rows that it is to be run for.
    pub fn rows(&'static self, rows: impl IntoIterator<Item = T>) -> (&'static Statement, Rows) {
        let taken = self.statement.expanded().taken;
        (&self.statement, Rows::of(rows, taken))
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

/// Declares statements, each prepared on both engines by a test:
///
/// - `NAME -> T = "SELECT {columns} FROM …";` is read as `T`, by `query_as` and its like. What `T` has no names for stands in
///   the text; the test compares number and types.
/// - `NAME(T) = "INSERT INTO … ({columns}) VALUES ({values})";` or `NAME(T) = "UPDATE … SET status = $status WHERE id = $id";`
///   is run for many rows at once, by `Tx::execute_rows` or as a write of a commit.
/// - `NAME = "UPDATE … WHERE id = $1";` takes single parameters.
///
/// `T` is a field, a `columns!`, or a few of them in brackets.
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
    ($(#[$doc:meta])* $name:ident -> $row:ty = $text:expr; $($rest:tt)*) => {
        $(#[$doc])*
        pub(crate) static $name: $crate::Select<$row> = $crate::Select::new(stringify!($name), $text);
        $crate::inventory::submit! { $crate::Registered($name.statement()) }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $name:ident($row:ty) = $text:expr; $($rest:tt)*) => {
        $(#[$doc])*
        pub(crate) static $name: $crate::Write<$row> = $crate::Write::new(stringify!($name), $text);
        $crate::inventory::submit! { $crate::Registered($name.statement()) }
        $crate::statements! { $($rest)* }
    };
}
