//! Rule: only the program reads the machine's clock; everything below has the time passed in, as one of the two clocks.
//! A span that is measured (`Instant`) is no time of day. A line may say why it is an exception: `// clock: the reason`.

use super::files::SourceFile;
use super::finding::Finding;
use super::rust_text::{self, Kind};

const LAYERS: [&str; 3] = ["kernel/", "modules/", "edges/"];
const READINGS: [&str; 4] = ["SystemTime::now", "OffsetDateTime::now", "Timestamp::now", "WallTime::now"];
const MARK: &str = "// clock: ";

/// Checks the code of one Rust file below the program, tests and what only tests use left out.
pub(crate) fn check(file: &SourceFile) -> Vec<Finding> {
    let is_below = LAYERS.iter().any(|folder| file.path.starts_with(folder));
    let is_test = file.path.contains("/tests/") || file.path.ends_with("/tests.rs");
    if !is_below || is_test || file.path.starts_with("kernel/testkit/") {
        return Vec::new();
    }
    let code = file.text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines: Vec<&str> = code.lines().collect();
    let mut found: Vec<usize> = Vec::new();
    for piece in rust_text::pieces(code).iter().filter(|piece| piece.kind == Kind::Code) {
        for (index, text) in piece.text.lines().enumerate() {
            let line = piece.line + index;
            let reads = READINGS.iter().any(|reading| text.contains(reading));
            if reads && !is_marked(lines.get(line - 1)) && found.last() != Some(&line) {
                found.push(line);
            }
        }
    }
    found.into_iter().map(|line| Finding::at(&file.path, line, message())).collect()
}

fn message() -> String {
    format!("reads the machine's clock; take the time as a parameter, or end the line with `{MARK}<reason>`")
}

fn is_marked(line: Option<&&str>) -> bool {
    line.and_then(|line| line.split_once(MARK)).is_some_and(|(_, reason)| !reason.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile { path: path.into(), text: text.into() };
        check(&file).iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_module_that_reads_the_clock_is_found_with_its_line() {
        for reading in
            ["std::time::SystemTime::now()", "OffsetDateTime::now_utc()", "Timestamp::now()", "WallTime::now"]
        {
            let found = findings("modules/ledger/src/a.rs", &format!("//! A.\nlet now = {reading};\n"));
            assert!(found[0].starts_with("modules/ledger/src/a.rs:2: "), "{found:?}");
        }
        assert_eq!(findings("edges/http/src/a.rs", "let a = Timestamp::now();\nlet b = Timestamp::now();\n").len(), 2);
    }

    #[test]
    fn spans_words_tests_and_programs_may() {
        assert!(findings("edges/http/src/a.rs", "// Timestamp::now()\nlet a = Instant::now();\n").is_empty());
        assert!(
            findings("edges/http/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests { Timestamp::now(); }\n").is_empty()
        );
        for path in ["bank/src/a.rs", "tests/tests/a.rs", "modules/auth/tests/suite/a.rs", "kernel/testkit/src/a.rs"] {
            assert!(findings(path, "let now = WallTime::now();\n").is_empty(), "{path}");
        }
    }

    #[test]
    fn a_line_that_says_why_is_left_alone() {
        let reasoned = "let now = SystemTime::now(); // clock: this is the machine's\n";
        assert!(findings("kernel/db/src/a.rs", reasoned).is_empty());
        assert_eq!(findings("kernel/db/src/a.rs", "let now = SystemTime::now(); // clock: \n").len(), 1);
    }
}
