//! Rule: every threat in the security document names what shows its defence, and what is named exists: a file of the
//! workspace, or a test by its name. Whether the test shows it, people judge.

use super::files::SourceFile;
use super::finding::Finding;

/// Where the threats are.
pub(crate) const PATH: &str = "docs/security.md";
const HEADING: &str = "shown by";

/// Checks every table whose last column says what shows a defence.
pub(crate) fn check(document: &str, files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_of_proofs = false;
    for (index, line) in document.lines().enumerate() {
        let Some(last) = last_cell(line) else {
            is_of_proofs = false;
            continue;
        };
        if last == HEADING {
            is_of_proofs = true;
        } else if is_of_proofs && !last.starts_with("---") {
            findings.extend(faults(last, files).into_iter().map(|fault| Finding::at(PATH, index + 1, fault)));
        }
    }
    findings
}

/// The last cell of a table's row.
fn last_cell(line: &str) -> Option<&str> {
    line.trim_end().strip_suffix('|')?.rsplit('|').next().map(str::trim)
}

fn faults(cell: &str, files: &[SourceFile]) -> Vec<String> {
    let names: Vec<&str> = cell.split('`').skip(1).step_by(2).filter(|name| is_path(name) || is_test(name)).collect();
    if names.is_empty() {
        return vec!["names neither a file nor a test that shows the defence; name one in backticks".to_owned()];
    }
    let missing = names.into_iter().filter(|name| !exists(name, files));
    missing.map(|name| format!("names `{name}`, which is gone; name what shows the defence now")).collect()
}

fn exists(name: &str, files: &[SourceFile]) -> bool {
    if is_path(name) {
        // What follows a space is an argument of a script.
        let path = name.split(' ').next().unwrap_or(name);
        return files.iter().any(|file| file.path == path);
    }
    let (function, asynchronous) = (format!("\nfn {name}("), format!("\nasync fn {name}("));
    // Inside a module of tests they are indented.
    let has = |file: &SourceFile| {
        let text = file.text.replace("\n    ", "\n");
        text.contains(&function) || text.contains(&asynchronous)
    };
    files.iter().filter(|file| file.is_rust()).any(has)
}

fn is_path(name: &str) -> bool {
    name.contains('/') && name.contains('.')
}

/// Tests read as sentences: several words.
fn is_test(name: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
    name.matches('_').count() >= 2 && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cell: &str) -> Vec<String> {
        let files = [
            SourceFile { path: "a/b.rs".into(), text: "\nfn a_thief_gets_nothing() {}\n".into() },
            SourceFile { path: "c.rs".into(), text: "mod tests {\n    async fn a_flood_ends_here() {}\n}\n".into() },
            SourceFile { path: "bench/run.sh".into(), text: String::new() },
        ];
        let table =
            format!("| threat | shown by |\n| --- | --- |\n| theft | {cell} |\n\n| other | table |\n| x | y |\n");
        check(&table, &files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_exists_is_a_proof() {
        for cell in ["`a/b.rs`: `none`, HS256", "`a_thief_gets_nothing`", "`a_flood_ends_here`, `bench/run.sh logins`"]
        {
            assert_eq!(found(cell), Vec::<String>::new(), "{cell}");
        }
    }

    #[test]
    fn what_is_gone_or_was_never_named_is_found_with_its_line() {
        assert_eq!(found("`a/c.rs`, `a_thief_gets_all`").len(), 2);
        for cell in ["as above", "tests of `limits`", "`a/c.rs`", "`a_flood_ends`"] {
            let found = found(cell);
            assert!(found.len() == 1 && found[0].starts_with("docs/security.md:3: names"), "{cell}: {found:?}");
        }
    }
}
