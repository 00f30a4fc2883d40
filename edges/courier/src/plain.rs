//! The text for programs that show it as it is: its lines are broken between words, but codes and addresses stay whole.

/// The longest line, in characters.
const CHARACTERS_MAX: usize = 72;

/// The text with lines that are not too long.
pub(crate) fn wrapped(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        if line.starts_with(' ') {
            wrapped.push_str(line);
        } else {
            wrap(line, &mut wrapped);
        }
        wrapped.push('\n');
    }
    wrapped
}

fn wrap(line: &str, into: &mut String) {
    let mut length = 0;
    for word in line.split(' ') {
        let characters = word.chars().count();
        if length > 0 && length + 1 + characters > CHARACTERS_MAX {
            into.push('\n');
            length = 0;
        } else if length > 0 {
            into.push(' ');
            length += 1;
        }
        into.push_str(word);
        length += characters;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_what_is_indented_stays_whole() {
        let (words, code) = ("word ".repeat(40), format!("    {}", "x".repeat(90)));
        let text = wrapped(&format!("{}\n\n{code}\nshort line\n", words.trim_end()));
        assert!(text.lines().all(|line| line.chars().count() <= CHARACTERS_MAX || line == code), "{text}");
        assert_eq!(text.split_whitespace().count(), 40 + 1 + 2);
        assert!(text.contains(&format!("\n\n{code}\nshort line\n")), "{text}");
        let long = "y".repeat(100);
        assert_eq!(wrapped(&format!("to {long}")), format!("to\n{long}\n"));
    }
}
