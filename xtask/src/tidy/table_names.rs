//! Rule: a crate's SQL names only the tables that it owns, known by their prefix.
//! Looks at string literals in Rust and at SQL files, for a name after a word such as `FROM`.
//! Stories, benchmarks and a module's test of tampering are not looked at: they tamper with any table on purpose.
//! Where the module table says so, a table of another may be read and referred to, never written.

use super::files::SourceFile;
use super::finding::Finding;
use super::module_table::ModuleTable;
use super::rust_text::{self, Kind};

/// This one made tables of two modules that were one then, and is recorded as it is.
const OF_TWO_MODULES: &str = "modules/identity/migrations/0004_second_factors.sql";
const WHERE_A_TABLE_IS_READ: [&str; 3] = ["FROM", "JOIN", "REFERENCES"];
const BEFORE_A_TABLE: [&str; 8] = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ON", "REFERENCES", "EXISTS"];
const KERNEL_PREFIXES: [(&str, &str); 4] =
    [("kernel/clock", "clock_"), ("kernel/outbox", "events_"), ("kernel/stream", "stream_"), ("kernel/db", "store_")];

/// Checks the SQL of one file of the bank, the edges, the modules or the kernel.
pub(crate) fn check(file: &SourceFile, table: &ModuleTable) -> Vec<Finding> {
    let layered = ["bank/", "edges/", "modules/", "kernel/"];
    let is_looked_at = layered.iter().any(|folder| file.path.starts_with(folder));
    let is_tampering = file.path.contains("/tests/") && file.path.ends_with("/tampering.rs");
    if !is_looked_at || is_tampering || file.path == OF_TWO_MODULES {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (line, sql) in statements(file) {
        for Named { offset, name, is_read } in names_after_keywords(&sql) {
            let owner = owners(table).find(|(_, prefix)| name.starts_with(prefix));
            let is_allowed = is_read && table.may_read(&file.path, name);
            if let Some((folder, _)) = owner.filter(|(folder, _)| !is_allowed && !is_inside(&file.path, folder)) {
                let message = format!("names `{name}`, a table of {folder}; ask that crate through a function instead");
                findings.push(Finding::at(&file.path, line + sql[..offset].matches('\n').count(), message));
            }
        }
    }
    findings
}

/// Every folder that owns tables, with their prefix.
fn owners(table: &ModuleTable) -> impl Iterator<Item = (String, String)> {
    let kernel = KERNEL_PREFIXES.iter().map(|(folder, prefix)| ((*folder).to_owned(), (*prefix).to_owned()));
    kernel.chain(table.owners())
}

fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|inside| inside.starts_with('/'))
}

/// Texts that may hold SQL, with the line that they start on.
fn statements(file: &SourceFile) -> Vec<(usize, String)> {
    if file.is_sql() {
        return vec![(1, without_comments(&file.text))];
    }
    if !file.is_rust() {
        return Vec::new();
    }
    let pieces = rust_text::pieces(&file.text);
    let texts = pieces.iter().filter(|piece| piece.kind == Kind::Text);
    texts.map(|piece| (piece.line, without_comments(piece.text))).collect()
}

/// Cuts `-- …` to the end of each line, keeping the lines.
fn without_comments(sql: &str) -> String {
    let lines: Vec<&str> = sql.split('\n').map(|line| line.split("--").next().unwrap_or(line)).collect();
    lines.join("\n")
}

/// A name that stands directly after one of the words before a table.
struct Named<'a> {
    offset: usize,
    name: &'a str,
    is_read: bool,
}

fn names_after_keywords(sql: &str) -> Vec<Named<'_>> {
    let mut names = Vec::new();
    let (mut before, mut deletes) = ("", false);
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    for word in sql.split(|character| !is_word(character)).filter(|word| !word.is_empty()) {
        if is_one_of(before, &BEFORE_A_TABLE) {
            // `word` is a slice of `sql`, so the distance of their addresses is its offset.
            let offset = word.as_ptr() as usize - sql.as_ptr() as usize;
            names.push(Named { offset, name: word, is_read: is_one_of(before, &WHERE_A_TABLE_IS_READ) && !deletes });
        }
        deletes = before.eq_ignore_ascii_case("DELETE") && word.eq_ignore_ascii_case("FROM")
            || word.eq_ignore_ascii_case("DELETE");
        before = word;
    }
    names
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| module | owns tables | may read | may call |\n|---|---|---|---|\n\
                         | ledger | `ledger_*` | none | none |\n\
                         | payments | `payments_*` | `ledger_account` | ledger |\n";

    fn found(path: &str, text: &str) -> Vec<String> {
        let table = ModuleTable::parse(TABLE).expect("the table above is well formed");
        let file = SourceFile { path: path.into(), text: text.into() };
        check(&file, &table).iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_module_may_name_its_own_tables() {
        let source = "const A: &str = \"SELECT 1 FROM ledger_entry JOIN ledger_posting ON ledger_posting.id = $1\";";
        assert!(found("modules/ledger/src/a.rs", source).is_empty());
    }

    #[test]
    fn a_table_of_another_module_is_found_with_its_line_and_owner() {
        let source = "//! A.\nconst A: &str = \"\n  UPDATE ledger_balance\n  SET x = 1\";\n";
        let findings = found("modules/payments/src/a.rs", source);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("modules/payments/src/a.rs:3: names `ledger_balance`"), "{findings:?}");
        assert!(findings[0].contains("modules/ledger"));
    }

    #[test]
    fn a_table_that_may_be_read_is_joined_and_referred_to_and_never_written() {
        let joined = "\"SELECT 1 FROM payments_key k JOIN ledger_account a ON a.id = k.id\"";
        assert!(found("modules/payments/src/a.rs", joined).is_empty());
        let sql = "CREATE TABLE payments_key (id UUID REFERENCES ledger_account (id));";
        assert!(found("modules/payments/migrations/1.sql", sql).is_empty());
        for written in ["UPDATE ledger_account SET x = 1", "DELETE FROM ledger_account", "INSERT INTO ledger_account"] {
            assert_eq!(found("modules/payments/src/a.rs", &format!("\"{written}\"")).len(), 1, "{written}");
        }
    }

    #[test]
    fn migrations_are_checked_and_their_comments_are_not() {
        let sql = "-- copied FROM ledger_entry\nCREATE TABLE IF NOT EXISTS payments_key (id INTEGER);\n\
                   CREATE INDEX a ON ledger_entry (id);\n";
        let findings = found("modules/payments/migrations/1.sql", sql);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains(":3: "), "{findings:?}");
    }

    #[test]
    fn edges_and_the_bank_own_no_tables() {
        assert_eq!(found("edges/http/src/a.rs", "\"select 1 from payments_key\"").len(), 1);
        assert_eq!(found("bank/src/a.rs", "\"INSERT INTO events_outbox VALUES (1)\"").len(), 1);
        assert!(found("kernel/outbox/src/a.rs", "\"INSERT INTO events_outbox VALUES (1)\"").is_empty());
    }

    #[test]
    fn comments_code_and_stories_are_not_sql() {
        assert!(found("bank/src/a.rs", "// FROM ledger_entry\nuse crate::into::ledger_entry;").is_empty());
        assert!(found("tests/src/a.rs", "\"DELETE FROM ledger_posting\"").is_empty());
        assert!(found("edges/http/tests/suite/tampering.rs", "\"DELETE FROM ledger_posting\"").is_empty());
        assert_eq!(found("edges/http/src/tampering.rs", "\"DELETE FROM ledger_posting\"").len(), 1);
    }
}
