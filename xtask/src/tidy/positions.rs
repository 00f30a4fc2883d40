//! Rule: a column is not read by a bare position. A place in a select list is counted once, by `columns!` of `kernel/db`;
//! a number in a second place is wrong as soon as a column comes or goes.

use super::files::SourceFile;
use super::finding::Finding;
use super::rust_text::{self, Kind};

const LOOKED_AT: [&str; 4] = ["bank/", "edges/", "modules/", "kernel/"];
/// Reads what the drivers give, below `columns!`.
const DRIVERS: &str = "kernel/db/src/";

/// Checks the code of one Rust file for `.get(3)` and `.get::<String>(3)`.
pub(crate) fn check(file: &SourceFile) -> Vec<Finding> {
    let is_in = |folders: &[&str]| folders.iter().any(|folder| file.path.starts_with(folder));
    if !is_in(&LOOKED_AT) || is_in(&[DRIVERS]) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for piece in rust_text::pieces(&file.text).iter().filter(|piece| piece.kind == Kind::Code) {
        for (at, called) in piece.text.match_indices(".get") {
            if is_position(&piece.text[at + called.len()..]) {
                let line = piece.line + piece.text[..at].matches('\n').count();
                findings.push(Finding::at(&file.path, line, MESSAGE));
            }
        }
    }
    findings
}

const MESSAGE: &str = "reads a column by its position; say the columns once in `columns!`, or read a few as a tuple: \
                       `NAME -> (UserId, String) = \"SELECT …\"`";

/// Whether the arguments behind `.get` are one whole number.
fn is_position(rest: &str) -> bool {
    let arguments = match rest.strip_prefix("::<") {
        Some(turbofish) => turbofish.split_once(">(").map(|(_, arguments)| arguments),
        None => rest.strip_prefix('('),
    };
    let argument = arguments.and_then(|arguments| arguments.split_once(')')).map(|(argument, _)| argument.trim());
    let is_digit = |character: char| character.is_ascii_digit() || character == '_';
    argument.is_some_and(|argument| !argument.is_empty() && argument.chars().all(is_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile { path: path.into(), text: text.into() };
        check(&file).iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_column_read_by_its_position_is_found_with_its_line() {
        for read in [
            "row.get(0)?",
            "row.get::<Option<String>>(12)?",
            "row\n  .get( 3 )",
            "row.get(1_0)",
            "row.get(FIRST)?.get(2)",
        ] {
            let findings = found("modules/ledger/src/a.rs", &format!("//! A.\nfn a() {{ {read} }}\n"));
            assert_eq!(findings.len(), 1, "{read}: {findings:?}");
        }
        let findings = found("modules/ledger/src/a.rs", "//! A.\n\nlet id = row.get(0)?;\n");
        assert!(findings[0].starts_with("modules/ledger/src/a.rs:3: reads a column"), "{findings:?}");
    }

    #[test]
    fn other_things_are_got_by_name_and_texts_are_none_of_it() {
        for fine in
            ["map.get(&0)", "bytes.get(9..12)", "values.get(index)", "\"row.get(0)\"", "// row.get(0)", "row.gets(0)"]
        {
            assert!(found("modules/ledger/src/a.rs", fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn drivers_and_tools_read_as_they_like() {
        for path in ["kernel/db/src/schema/found.rs", "tools/load/src/a.rs", "tests/tests/a.rs", "xtask/src/a.rs"] {
            assert!(found(path, "row.get(0)").is_empty(), "{path}");
        }
        assert_eq!(found("kernel/clock/src/store.rs", "row.get(0)").len(), 1);
    }
}
