//! Rule: nothing is left for later in the text; what is open is an issue.

use super::files::SourceFile;
use super::finding::Finding;

// Split in two, so that this file does not find itself.
const MARKS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
const UNFINISHED_MACRO: &str = concat!("to", "do!");

/// Checks every line of one file, comments and strings included.
pub(crate) fn check(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if let Some(mark) = leftover(line) {
            let message = format!("says `{mark}`; do it now, or open an issue and delete the mark");
            findings.push(Finding::at(&file.path, index + 1, message));
        }
    }
    findings
}

fn leftover(line: &str) -> Option<&'static str> {
    if line.contains(UNFINISHED_MACRO) {
        return Some(UNFINISHED_MACRO);
    }
    let mut words = line.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.find_map(|word| MARKS.into_iter().find(|mark| *mark == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_found(text: &str) -> Vec<String> {
        let file = SourceFile { path: "a.rs".into(), text: text.into() };
        check(&file).iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn marks_and_the_unfinished_macro_are_found_with_their_line() {
        let text = format!("fn a() {{}}\n// {}: later\nfn b() {{ {}() }}\n", MARKS[0], UNFINISHED_MACRO);
        let found = lines_found(&text);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("a.rs:2: ") && found[1].starts_with("a.rs:3: "));
    }

    #[test]
    fn a_mark_inside_a_longer_word_is_not_a_mark() {
        assert!(lines_found(&format!("const {}_LIST: u8 = 1;", MARKS[0])).is_empty());
        assert!(lines_found("let to_do = methodology;").is_empty());
    }
}
