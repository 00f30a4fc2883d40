//! Rule: every Rust file opens with one to five `//!` lines that say what lives there.

use super::files::SourceFile;
use super::finding::Finding;

const OPENING_LINES_MAX: usize = 5;

/// Checks the first lines of one Rust file.
pub(crate) fn check(file: &SourceFile) -> Option<Finding> {
    let lines = file.text.lines().take_while(|line| line.starts_with("//!")).count();
    match lines {
        0 => Some(Finding::at(&file.path, 1, "does not open with a `//!` line; say what lives here and what does not")),
        1..=OPENING_LINES_MAX => None,
        _ => Some(Finding::at(
            &file.path,
            1,
            format!("opens with {lines} `//!` lines; keep {OPENING_LINES_MAX} and move the rest to where it applies"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Option<String> {
        check(&SourceFile { path: "a.rs".into(), text: text.into() }).map(|finding| finding.to_string())
    }

    #[test]
    fn a_file_that_says_what_lives_in_it_is_fine() {
        assert_eq!(findings("//! Entries.\n\nfn main() {}\n"), None);
        assert_eq!(findings(&"//! Line.\n".repeat(5)), None);
    }

    #[test]
    fn a_file_without_an_opening_is_found() {
        assert!(findings("fn main() {}\n").is_some_and(|text| text.contains("does not open")));
        assert!(findings("").is_some());
        assert!(findings("\n//! Too late.\n").is_some());
    }

    #[test]
    fn an_opening_that_goes_on_is_found() {
        assert!(findings(&"//! Line.\n".repeat(6)).is_some_and(|text| text.contains("6 `//!` lines")));
    }
}
