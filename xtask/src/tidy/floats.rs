//! Rule: no floating-point type where money is counted, except in lines that say why: `// float: the reason`.

use super::files::SourceFile;
use super::finding::Finding;
use super::rust_text::{self, Kind};

const EXACT_FOLDERS: [&str; 3] = ["kernel/money/", "modules/ledger/", "modules/payments/"];
const MARK: &str = "// float: ";

/// Checks the code (not comments, not strings) of one Rust file in the folders that count money.
pub(crate) fn check(file: &SourceFile) -> Vec<Finding> {
    if !EXACT_FOLDERS.iter().any(|folder| file.path.starts_with(folder)) {
        return Vec::new();
    }
    let lines: Vec<&str> = file.text.lines().collect();
    let mut found: Vec<usize> = Vec::new();
    for piece in rust_text::pieces(&file.text).iter().filter(|piece| piece.kind == Kind::Code) {
        for (index, code) in piece.text.lines().enumerate() {
            let line = piece.line + index;
            if names_a_float(code) && !is_marked(lines[line - 1]) && found.last() != Some(&line) {
                found.push(line);
            }
        }
    }
    found.into_iter().map(|line| Finding::at(&file.path, line, message())).collect()
}

fn message() -> String {
    format!("uses a float where money is counted; use integers, or end the line with `{MARK}<reason>`")
}

fn names_a_float(code: &str) -> bool {
    let is_float = |word: &str| {
        let without_type = word.strip_suffix("f32").or_else(|| word.strip_suffix("f64"));
        without_type
            .is_some_and(|number| number.chars().all(|character| character.is_ascii_digit() || character == '_'))
    };
    code.split(|character: char| !character.is_alphanumeric() && character != '_').any(is_float)
}

fn is_marked(line: &str) -> bool {
    line.split_once(MARK).is_some_and(|(_, reason)| !reason.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_found(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile { path: path.into(), text: text.into() };
        check(&file).iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_float_type_or_literal_in_the_ledger_is_found_with_its_line() {
        let found = lines_found("modules/ledger/src/a.rs", "//! A.\nfn a(x: f64) {}\nlet y = 1_0f32;\n");
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("modules/ledger/src/a.rs:2: ") && found[1].contains(":3: "));
    }

    #[test]
    fn comments_strings_and_other_names_are_no_floats() {
        assert!(lines_found("kernel/money/src/a.rs", "// f64 is wrong\nlet a = \"f32\";\nlet buf64 = 1;\n").is_empty());
    }

    #[test]
    fn a_line_that_says_why_is_left_alone() {
        let reasoned = "let seconds = elapsed as f64; // float: a duration for a metric\n";
        assert!(lines_found("modules/payments/src/a.rs", reasoned).is_empty());
        assert_eq!(lines_found("modules/payments/src/a.rs", "let s = t as f64; // float: \n").len(), 1);
    }

    #[test]
    fn other_folders_may_measure_in_floats() {
        assert!(lines_found("tools/load/src/a.rs", "fn a(x: f64) {}\n").is_empty());
    }
}
