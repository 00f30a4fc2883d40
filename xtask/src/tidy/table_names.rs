//! Rule: a crate's SQL names only the tables that it owns, known by their prefix.
//! Looks at string literals in Rust and at SQL files, for a name after a word such as `FROM`.
//! Stories, benchmarks and a module's test of tampering are not looked at: they tamper with any table on purpose.

use super::files::SourceFile;
use super::finding::Finding;
use super::module_table::ModuleTable;
use super::rust_text::{self, Kind};

const BEFORE_A_TABLE: [&str; 8] = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ON", "REFERENCES", "EXISTS"];
const KERNEL_PREFIXES: [(&str, &str); 3] =
    [("kernel/clock", "clock_"), ("kernel/outbox", "events_"), ("kernel/db", "store_")];

/// Checks the SQL of one file of the bank, the edges, the modules or the kernel.
pub(crate) fn check(file: &SourceFile, table: &ModuleTable) -> Vec<Finding> {
    let layered = ["bank/", "edges/", "modules/", "kernel/"];
    let is_looked_at = layered.iter().any(|folder| file.path.starts_with(folder));
    let is_tampering = file.path.contains("/tests/") && file.path.ends_with("/tampering.rs");
    if !is_looked_at || is_tampering {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (line, sql) in statements(file) {
        for (offset, name) in names_after_keywords(&sql) {
            let owner = owners(table).find(|(_, prefix)| name.starts_with(prefix));
            if let Some((folder, _)) = owner.filter(|(folder, _)| !is_inside(&file.path, folder)) {
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

/// Names that stand directly after one of the words before a table, with their offsets.
fn names_after_keywords(sql: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    let mut after_keyword = false;
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    for word in sql.split(|character| !is_word(character)).filter(|word| !word.is_empty()) {
        if after_keyword {
            // `word` is a slice of `sql`, so the distance of their addresses is its offset.
            names.push((word.as_ptr() as usize - sql.as_ptr() as usize, word));
        }
        after_keyword = BEFORE_A_TABLE.iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| module | owns tables | may call |\n|---|---|---|\n| ledger | `ledger_*` | none |\n\
                         | payments | `payments_*` | ledger |\n";

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
