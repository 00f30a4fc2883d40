//! Everything in which the two engines' SQL has to differ, in one place:
//! lists (`= ANY`), row locks, many rows at once (`UNNEST`), column types and append-only triggers.

use crate::value::Type;

/// Which database runs the statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A PostgreSQL server.
    Postgres,
    /// The embedded SQLite.
    Sqlite,
}

/// SQLite's word for each of PostgreSQL's types.
const SQLITE_TYPES: &[(&str, &str)] = &[
    ("UUID", "BLOB"),
    ("BYTEA", "BLOB"),
    ("BIGINT", "INTEGER"),
    ("BOOLEAN", "INTEGER"),
    ("TIMESTAMPTZ", "INTEGER"),
    ("DATE", "INTEGER"),
];

/// How a statement asks for pairs of identifiers.
const PAIR: &str = " = ANY PAIR(";

/// The text that the engine gets; that of a batch has the types of its rows.
pub(crate) fn translate(engine: Engine, batch: Option<&[Type]>, text: &str) -> String {
    match (engine, batch) {
        (Engine::Sqlite, _) => sqlite_statement(text),
        (Engine::Postgres, None) => postgres_pairs(text),
        (Engine::Postgres, Some(types)) => postgres_batch(text, types, 0),
    }
}

/// Portable DDL to SQLite's: its own type words, and STRICT tables. A table marked `-- clustered` lies in the order of
/// its primary key there, without a second tree beside it.
pub(crate) fn sqlite_ddl(text: &str) -> String {
    let text = replace_types(text).replace("\n); -- clustered", "\n) STRICT, WITHOUT ROWID;");
    text.replace("\n);", "\n) STRICT;")
}

/// What makes the database itself refuse to change or delete a row of the table.
pub(crate) fn append_only(engine: Engine, table: &str) -> String {
    match engine {
        Engine::Postgres => format!(
            "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
                 FOR EACH ROW EXECUTE FUNCTION store_refuse_change();
             CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                 FOR EACH STATEMENT EXECUTE FUNCTION store_refuse_change();"
        ),
        Engine::Sqlite => ["UPDATE", "DELETE"]
            .map(|change| {
                format!(
                    "CREATE TRIGGER {table}_no_{} BEFORE {change} ON {table}
                     BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;",
                    change.to_lowercase()
                )
            })
            .join("\n"),
    }
}

/// One row when the database has a table of migrations, none otherwise.
pub(crate) const fn has_migrations(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "SELECT 1 WHERE to_regclass('store_migration') IS NOT NULL",
        Engine::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'store_migration'",
    }
}

/// Whether there is a table of marks: finds a row if so.
pub(crate) const fn has_marks(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "SELECT 1 WHERE to_regclass('store_mark') IS NOT NULL",
        Engine::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'store_mark'",
    }
}

/// PostgreSQL's `insufficient_privilege`, as errors show it.
pub(crate) const POSTGRES_NOT_ALLOWED: &str = "(42501)";

/// The function behind PostgreSQL's append-only triggers.
pub(crate) const POSTGRES_REFUSE_CHANGE: &str = "
    CREATE OR REPLACE FUNCTION store_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$;";

/// `(a, b) = ANY PAIR($1, $2)`: each row that has one of the pairs, which are walked side by side.
fn postgres_pairs(text: &str) -> String {
    let Some((head, tail)) = text.split_once(PAIR) else { return text.to_owned() };
    let (numbers, tail) = tail.split_once(')').expect("pairs are written = ANY PAIR($n, $m)");
    let (first, second) = numbers.split_once(", ").expect("pairs are written = ANY PAIR($n, $m)");
    format!("{head} IN (SELECT UNNEST({first}::uuid[]), UNNEST({second}::uuid[])){tail}")
}

/// SQLite knows no pairs, and finds each row that has one of the first and one of the second: who asks for few at once gets
/// few that nobody asked for.
fn sqlite_pairs(text: &str) -> String {
    let Some((head, tail)) = text.split_once(PAIR) else { return text.to_owned() };
    let (head, columns) = head.rsplit_once('(').expect("pairs are written (a, b)");
    let columns = columns.trim_end_matches(')').split_once(", ").expect("pairs are written (a, b)");
    let (numbers, tail) = tail.split_once(')').expect("pairs are written = ANY PAIR($n, $m)");
    let numbers = numbers.split_once(", ").expect("pairs are written = ANY PAIR($n, $m)");
    format!("{head}({} = ANY({}) AND {} = ANY({})){tail}", columns.0, numbers.0, columns.1, numbers.1)
}

fn sqlite_statement(text: &str) -> String {
    let text = sqlite_pairs(text);
    let text = replace_types(&text).replace(" FOR UPDATE", "").replace(" FOR SHARE", "");
    // Where rows are locked, PostgreSQL would compare each that it waited for with the whole list behind an ANY.
    let text = text.replace("SELECT UNNEST($", "SELECT value FROM rarray($").replace("::uuid[]", "");
    // There is one writer, so that no race is lost; should one be all the same, the column that gets this refuses it.
    let text = text.replace("store_lost_race()", "NULL").replace("store_clock_was_set()", "NULL");
    // What is under way beside the one writer nobody has to know.
    let text = text.replace("store_oldest_transaction()", "NULL").replace("store_next_transaction()", "NULL");
    let mut translated = String::with_capacity(text.len() + 32);
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("= ANY($") {
        let (number, after) = after.split_once(')').expect("a list is written = ANY($n)");
        translated.push_str(before);
        translated.push_str(&format!("IN (SELECT value FROM rarray(${number}))"));
        rest = after;
    }
    translated.push_str(rest);
    // `$1` is a name to SQLite and numbered by appearance; `?1` is the number itself.
    translated.replace('$', "?")
}

/// One row's statement to one for arrays of columns: `$2` becomes the second column of an UNNEST. A column in `shared`
/// (bit 0: the first) is the same in every row and stays a single value: each cell of an array has its price.
pub(crate) fn postgres_batch(text: &str, types: &[Type], shared: u64) -> String {
    let is_shared = |number: usize| shared >> (number - 1) & 1 == 1;
    let columns = || (1..).zip(types).filter(|(number, _)| !is_shared(*number));
    let arrays = columns().map(|(number, kind)| format!("UNNEST(${number}::{}[]) AS c{number}", postgres_type(*kind)));
    // In the select list the arrays are walked side by side; in FROM each would first be copied into a table of its own.
    let source = format!("(SELECT {}) AS v", arrays.collect::<Vec<_>>().join(", "));
    let by_column = replace_parameters(text, |number| match types.get(number.wrapping_sub(1)) {
        Some(kind) if is_shared(number) => format!("${number}::{}", postgres_type(*kind)),
        _ => format!("v.c{number}"),
    });
    if let Some((head, values)) = by_column.split_once("VALUES (") {
        let (values, tail) = values.split_once(')').expect("a batch inserts VALUES ($1, …)");
        format!("{head}SELECT {values} FROM {source} {tail}")
    } else {
        let (head, condition) = by_column.split_once(" WHERE ").expect("a batch inserts VALUES or updates WHERE");
        format!("{head} FROM {source} WHERE {condition}")
    }
}

fn replace_parameters(text: &str, replacement: impl Fn(usize) -> String) -> String {
    let mut pieces = text.split('$');
    let mut replaced = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.len() - piece.trim_start_matches(|character: char| character.is_ascii_digit()).len();
        let number = piece[..digits].parse().expect("a parameter is written $n");
        replaced.push_str(&replacement(number));
        replaced.push_str(&piece[digits..]);
    }
    replaced
}

const fn postgres_type(kind: Type) -> &'static str {
    match kind {
        Type::Int => "bigint",
        Type::Text => "text",
        Type::Bytes => "bytea",
        Type::Bool => "boolean",
        Type::Id => "uuid",
        Type::Time => "timestamptz",
        Type::Date => "date",
    }
}

/// Types are the only words of these texts that stand alone in capitals and mean a type.
fn replace_types(text: &str) -> String {
    let mut translated = String::with_capacity(text.len());
    let mut word = String::new();
    for character in text.chars().chain(std::iter::once('\0')) {
        if character.is_ascii_alphanumeric() || character == '_' {
            word.push(character);
            continue;
        }
        let replacement = SQLITE_TYPES.iter().find(|(postgres, _)| *postgres == word).map(|(_, sqlite)| *sqlite);
        translated.push_str(replacement.unwrap_or(&word));
        word.clear();
        if character != '\0' {
            translated.push(character);
        }
    }
    translated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_walked_side_by_side_where_the_engine_can() {
        let text = "SELECT n FROM t WHERE (a, b) = ANY PAIR($1, $2) AND n > $3";
        assert_eq!(
            translate(Engine::Postgres, None, text),
            "SELECT n FROM t WHERE (a, b) IN (SELECT UNNEST($1::uuid[]), UNNEST($2::uuid[])) AND n > $3"
        );
        assert_eq!(
            translate(Engine::Sqlite, None, text),
            "SELECT n FROM t WHERE (a IN (SELECT value FROM rarray(?1)) AND b IN (SELECT value FROM rarray(?2))) AND n > ?3"
        );
    }

    #[test]
    fn lists_and_locks_become_sqlites() {
        let text = "SELECT id FROM t WHERE id = ANY($1) AND n > CAST($2 AS BIGINT) ORDER BY id FOR UPDATE";
        assert_eq!(translate(Engine::Postgres, None, text), text);
        assert_eq!(
            translate(Engine::Sqlite, None, text),
            "SELECT id FROM t WHERE id IN (SELECT value FROM rarray(?1)) AND n > CAST(?2 AS INTEGER) ORDER BY id"
        );
    }

    #[test]
    fn a_list_of_rows_to_lock_becomes_sqlites() {
        let text = "SELECT id FROM t WHERE id IN (SELECT UNNEST($1::uuid[])) ORDER BY id FOR UPDATE";
        assert_eq!(translate(Engine::Postgres, None, text), text);
        assert_eq!(
            translate(Engine::Sqlite, None, text),
            "SELECT id FROM t WHERE id IN (SELECT value FROM rarray(?1)) ORDER BY id"
        );
    }

    #[test]
    fn batches_become_arrays_on_postgres() {
        let insert = Some(&[Type::Id, Type::Int][..]);
        assert_eq!(
            translate(Engine::Postgres, insert, "INSERT INTO t (id, n) VALUES ($1, $2) ON CONFLICT DO NOTHING"),
            "INSERT INTO t (id, n) SELECT v.c1, v.c2 \
             FROM (SELECT UNNEST($1::uuid[]) AS c1, UNNEST($2::bigint[]) AS c2) AS v  \
             ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            translate(Engine::Postgres, insert, "UPDATE t SET n = $2 WHERE id = $1"),
            "UPDATE t SET n = v.c2 FROM (SELECT UNNEST($1::uuid[]) AS c1, UNNEST($2::bigint[]) AS c2) AS v WHERE id = v.c1"
        );
    }

    #[test]
    fn what_all_rows_share_is_sent_once() {
        let types = [Type::Id, Type::Text, Type::Int];
        assert_eq!(
            postgres_batch("INSERT INTO t (id, word, n) VALUES ($1, $2, $3)", &types, 0b010),
            "INSERT INTO t (id, word, n) SELECT v.c1, $2::text, v.c3 \
             FROM (SELECT UNNEST($1::uuid[]) AS c1, UNNEST($3::bigint[]) AS c3) AS v "
        );
        assert_eq!(
            postgres_batch("UPDATE t SET word = $2, n = $3 WHERE id = $1", &types, 0b110),
            "UPDATE t SET word = $2::text, n = $3::bigint FROM (SELECT UNNEST($1::uuid[]) AS c1) AS v WHERE id = v.c1"
        );
    }

    #[test]
    fn column_types_become_sqlites() {
        assert_eq!(
            sqlite_ddl("CREATE TABLE t (\n  id UUID,\n  update_DATE DATE\n);"),
            "CREATE TABLE t (\n  id BLOB,\n  update_DATE INTEGER\n) STRICT;"
        );
        assert_eq!(sqlite_ddl("CREATE TABLE t (\n); -- clustered"), "CREATE TABLE t (\n) STRICT, WITHOUT ROWID;");
    }
}
