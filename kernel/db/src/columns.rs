//! Columns: a store says once which columns a row has, and every place that SQL finds by its position comes from that.

use crate::row::{Cell, RowData};
use crate::{DbError, Field, Result, Row, Type, Value};
use money::{Currency, Money};

/// What one row holds, or some columns of it: the type of a field, or a struct that `columns!` was told of.
pub trait Columns: Sized {
    /// How many columns it takes.
    const COUNT: usize;

    /// Adds its columns to the list, under the name that it has where it is used.
    fn list(name: &str, list: &mut ColumnList);

    /// Reads its columns.
    ///
    /// # Errors
    /// One is missing, of another type, null where it must not be, or holds what cannot be.
    fn read(row: &mut Reading<'_>) -> Result<Self>;

    /// Reads what may be absent, and is when all of its columns are null.
    ///
    /// # Errors
    /// As [`Columns::read`].
    fn read_optional(row: &mut Reading<'_>) -> Result<Option<Self>> {
        if row.is_null(Self::COUNT) {
            row.at += Self::COUNT;
            return Ok(None);
        }
        Self::read(row).map(Some)
    }

    /// Binds its columns.
    fn write(self, row: &mut Writing<'_>);
}

/// The columns of a row, in their order.
#[derive(Debug, Default)]
pub struct ColumnList(pub(crate) Vec<Column>);

/// A column: its name, unless the statement writes it down itself.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: Option<String>,
    pub(crate) kind: Type,
}

impl ColumnList {
    pub(crate) fn of<T: Columns>(list: &mut Self) {
        T::list(EVERY, list);
    }
}

/// The name of what has none of its own, or takes the names that its columns have.
const EVERY: &str = "*";

impl Row {
    /// Reads the whole row.
    ///
    /// # Errors
    /// It has more or fewer columns, or one is of another type: a defect, or a damaged file.
    pub fn read<T: Columns>(&self) -> Result<T> {
        let length = match &self.0 {
            RowData::Postgres(row) => row.len(),
            RowData::Sqlite(values) => values.len(),
        };
        if length != T::COUNT {
            return Err(DbError::Internal(format!("a row has {length} columns and {} are read", T::COUNT)));
        }
        Reading::new(self).take()
    }
}

/// A row that is being read, one column after the other.
#[derive(Debug)]
pub struct Reading<'a> {
    row: &'a Row,
    at: usize,
}

impl<'a> Reading<'a> {
    pub(crate) const fn new(row: &'a Row) -> Self {
        Self { row, at: 0 }
    }

    /// Reads what comes next.
    ///
    /// # Errors
    /// As [`Columns::read`].
    pub fn take<T: Columns>(&mut self) -> Result<T> {
        T::read(self)
    }

    /// Reads what is stored as another type.
    ///
    /// # Errors
    /// As [`Columns::read`], and what the conversion says.
    pub fn take_as<S, T>(&mut self) -> Result<T>
    where
        S: Columns + TryInto<T>,
        DbError: From<S::Error>,
    {
        Ok(self.take::<S>()?.try_into()?)
    }

    fn cell(&mut self) -> Cell<'a> {
        let cell = Cell { row: self.row, index: self.at };
        self.at += 1;
        cell
    }

    fn is_null(&self, count: usize) -> bool {
        (self.at..self.at + count).all(|index| Cell { row: self.row, index }.is_null())
    }
}

/// A row that is being bound. What the statement does not take of it is not even made into values.
#[derive(Debug)]
pub struct Writing<'a> {
    columns: std::slice::IterMut<'a, Vec<Value>>,
    taken: u64,
}

impl<'a> Writing<'a> {
    pub(crate) fn new(columns: &'a mut [Vec<Value>], taken: u64) -> Self {
        Self { columns: columns.iter_mut(), taken }
    }

    fn put(&mut self, value: impl FnOnce() -> Value) {
        if self.taken & 1 == 1 {
            self.columns.next().expect("one list for each column that is taken").push(value());
        }
        self.taken >>= 1;
    }
}

impl<T: Field> Columns for T {
    const COUNT: usize = 1;

    fn list(name: &str, list: &mut ColumnList) {
        let name = (name != EVERY).then(|| name.to_owned());
        // An expression may count with one.
        let is_pattern = |name: &String| name.contains('*') && !name.contains('(');
        assert!(!name.as_ref().is_some_and(is_pattern), "{name:?} is one column and names several");
        list.0.push(Column { name, kind: T::TYPE });
    }

    fn read(row: &mut Reading<'_>) -> Result<Self> {
        let cell = row.cell();
        <T as Field>::read(cell)?.ok_or_else(|| cell.damaged("is null"))
    }

    fn read_optional(row: &mut Reading<'_>) -> Result<Option<Self>> {
        <T as Field>::read(row.cell())
    }

    fn write(self, row: &mut Writing<'_>) {
        row.put(|| self.into());
    }
}

impl<T: Columns> Columns for Option<T> {
    const COUNT: usize = T::COUNT;

    fn list(name: &str, list: &mut ColumnList) {
        T::list(name, list);
    }

    fn read(row: &mut Reading<'_>) -> Result<Self> {
        T::read_optional(row)
    }

    fn write(self, row: &mut Writing<'_>) {
        match self {
            Some(value) => value.write(row),
            None => (0..T::COUNT).for_each(|_| row.put(|| Value::Null)),
        }
    }
}

macro_rules! tuples {
    ($(($($part:ident $place:tt),+))+) => {$(
        impl<$($part: Columns),+> Columns for ($($part,)+) {
            const COUNT: usize = 0 $(+ $part::COUNT)+;

            fn list(name: &str, list: &mut ColumnList) {
                $($part::list(name, list);)+
            }

            fn read(row: &mut Reading<'_>) -> Result<Self> {
                Ok(($(row.take::<$part>()?,)+))
            }

            fn write(self, row: &mut Writing<'_>) {
                $(self.$place.write(row);)+
            }
        }
    )+};
}

tuples! { (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) }

/// An amount stands in `amount_minor` and `currency`.
impl Columns for Money {
    const COUNT: usize = 2;

    fn list(name: &str, list: &mut ColumnList) {
        i64::list(&within(name, "amount_minor"), list);
        Currency::list(&within(name, "currency"), list);
    }

    fn read(row: &mut Reading<'_>) -> Result<Self> {
        Ok(Self::new(row.take()?, row.take()?))
    }

    fn write(self, row: &mut Writing<'_>) {
        self.minor().write(row);
        self.currency().write(row);
    }
}

/// What somebody spoilt is absent instead of an error, for those who look for what is spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfLegible<T>(pub Option<T>);

impl<T: Field> Columns for IfLegible<T> {
    const COUNT: usize = 1;

    fn list(name: &str, list: &mut ColumnList) {
        <T as Columns>::list(name, list);
    }

    fn read(row: &mut Reading<'_>) -> Result<Self> {
        Ok(Self(<T as Columns>::read_optional(row).unwrap_or_default()))
    }

    fn write(self, row: &mut Writing<'_>) {
        self.0.write(row);
    }
}

impl<T> From<Option<T>> for IfLegible<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl<T> From<IfLegible<T>> for Option<T> {
    fn from(IfLegible(value): IfLegible<T>) -> Self {
        value
    }
}

/// The name of a part within the name of the whole: `source_*` and `account_id` are `source_account_id`.
///
/// # Panics
/// The whole has the name of one column.
pub fn within(whole: &str, part: &str) -> String {
    assert!(whole.contains('*'), "{whole} is several columns and names one");
    whole.replacen('*', part, 1)
}

/// How many columns a field takes: its type is found by what leads to it.
pub const fn count_of<S, C: Columns>(_: fn(&S) -> &C) -> usize {
    C::COUNT
}

/// Lists the columns of a field: its type is found by what leads to it.
pub fn list_of<S, C: Columns>(_: fn(&S) -> &C, name: &str, list: &mut ColumnList) {
    C::list(name, list);
}

/// Says which columns the fields of a struct stand in, once. Of it come select lists (`{columns}`), what an insert names and
/// binds (`{columns}`, `{values}`), parameters by name (`$status`), the types of a batch, and reading and binding a row.
///
/// A field has the column of its name, or the one behind `=`. A field that takes several has a pattern with a `*` there:
/// `"*"` for their own names, `"source_*"` for names that begin so, `"e.*"` for those of a table that is joined. With `as`
/// it is stored as another type, made of it by `From` and into it by `TryFrom`. A struct that is nothing but a row is declared on the
/// spot.
///
/// ```ignore
/// columns! {
///     Hold { id, account = account_id, money = "*", placed_at, closed_at }
///     struct KeyRow { id: ApiKeyId, name: String, signer: Option<Algorithm> = "signer_algorithm" }
/// }
/// ```
#[macro_export]
macro_rules! columns {
    () => {};
    ($(#[$meta:meta])* $vis:vis struct $row:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty $(= $column:tt)?),* $(,)?
    } $($rest:tt)*) => {
        $(#[$meta])*
        $vis struct $row {
            $($(#[$field_meta])* $field_vis $field: $type,)*
        }
        $crate::columns! { $row { $($field $(= $column)?),* } $($rest)* }
    };
    ($row:ident { $($field:ident $(= $column:tt)? $(as $stored:ty)?),* $(,)? } $($rest:tt)*) => {
        impl $crate::Columns for $row {
            const COUNT: usize = 0 $(+ $crate::columns!(@count $row $field $($stored)?))*;

            fn list(name: &str, list: &mut $crate::ColumnList) {
                $({
                    let name = $crate::within(name, $crate::columns!(@name $field $($column)?));
                    $crate::columns!(@list $row $field $($stored)?)(&name, list);
                })*
            }

            fn read(row: &mut $crate::Reading<'_>) -> $crate::Result<Self> {
                Ok(Self { $($field: $crate::columns!(@read row $($stored)?),)* })
            }

            fn write(self, row: &mut $crate::Writing<'_>) {
                $($crate::Columns::write($crate::columns!(@stored self $field $($stored)?), row);)*
            }
        }
        $crate::columns! { $($rest)* }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $column:ident) => { stringify!($column) };
    (@name $field:ident $column:literal) => { $column };
    (@count $row:ident $field:ident) => { $crate::count_of(|row: &$row| &row.$field) };
    (@count $row:ident $field:ident $stored:ty) => { <$stored as $crate::Columns>::COUNT };
    (@list $row:ident $field:ident) => {
        (|name: &str, list: &mut $crate::ColumnList| $crate::list_of(|row: &$row| &row.$field, name, list))
    };
    (@list $row:ident $field:ident $stored:ty) => { <$stored as $crate::Columns>::list };
    (@read $row:ident) => { $row.take()? };
    (@read $row:ident $stored:ty) => { $row.take_as::<$stored, _>()? };
    (@stored $self:ident $field:ident) => { $self.$field };
    (@stored $self:ident $field:ident $stored:ty) => { <$stored>::from($self.$field) };
}

impl ColumnList {
    /// Whether the engine gives what is read: so many columns, and where it knows, of these types.
    pub(crate) fn check(&self, statement: &str, found: &[Option<Type>]) -> Result<()> {
        let wanted: Vec<Type> = self.0.iter().map(|column| column.kind).collect();
        let is_alike = |(wanted, found): (&Type, &Option<Type>)| found.is_none_or(|found| found == *wanted);
        if wanted.len() == found.len() && wanted.iter().zip(found).all(is_alike) {
            return Ok(());
        }
        Err(DbError::Internal(format!("{statement} is read as {wanted:?} and gives {found:?}")))
    }
}
