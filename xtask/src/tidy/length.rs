//! Rule: a Rust file has at most 450 lines.

use super::files::SourceFile;
use super::finding::Finding;

const LINES_MAX: usize = 450;

/// Checks the length of one Rust file, tests included.
pub(crate) fn check(file: &SourceFile) -> Option<Finding> {
    let lines = file.text.lines().count();
    (lines > LINES_MAX)
        .then(|| Finding::new(&file.path, format!("has {lines} lines, more than {LINES_MAX}; split it by concept")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_lines(count: usize) -> SourceFile {
        SourceFile { path: "a.rs".into(), text: "x\n".repeat(count) }
    }

    #[test]
    fn the_bound_itself_is_allowed_and_one_more_is_not() {
        assert!(check(&of_lines(LINES_MAX)).is_none());
        assert!(check(&of_lines(LINES_MAX + 1)).is_some());
    }
}
