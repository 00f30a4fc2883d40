//! Text that people give for other people to read: one line, in which nothing is there that is not seen. What turns the
//! order of letters round, or joins or parts them unseen, can make one name look like another.

/// Whether the text is one line and all of it is seen: no control characters, no ends of lines or paragraphs, and no format
/// characters of Unicode's category Cf, which turn text round or have no width. Two of those are part of how words are
/// written, and of many pictures: the joiner and the non-joiner are fine between two characters that are not ASCII.
pub fn is_legible_line(text: &str) -> bool {
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_joined = before.is_some_and(is_joinable) && characters.peek().copied().is_some_and(is_joinable);
        let is_seen = if is_joiner(character) { is_joined } else { !is_hidden(character) };
        if !is_seen {
            return false;
        }
        before = Some(character);
    }
    true
}

const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

fn is_joinable(character: char) -> bool {
    !character.is_ascii() && !character.is_whitespace() && !is_joiner(character) && !is_hidden(character)
}

/// Unicode 17: the categories Cc, Cf, Zl and Zp, and letters and marks that are drawn as nothing.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Cf, Zl, Zp.
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}'
            // Fillers and joiners of other categories.
            | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_any_script_and_pictures_are_legible() {
        for text in [
            "",
            "Rainy  days",
            "Miete für März, 1.250 €",
            "日本語 の 名前",
            "العربية",
            "עברית",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "💰 👨\u{200d}👩\u{200d}👧 🏳\u{fe0f}\u{200d}🌈",
            "no\u{a0}break",
        ] {
            assert!(is_legible_line(text), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_seen_is_refused() {
        for hidden in [
            '\0',
            '\n',
            '\t',
            '\u{7f}',
            '\u{85}',
            '\u{1b}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fffa}',
            '\u{e0041}',
            '\u{3164}',
            '\u{200c}',
            '\u{200d}',
        ] {
            for text in [format!("a{hidden}b"), format!("{hidden}"), format!("ab{hidden}"), format!("é {hidden}é")] {
                assert!(!is_legible_line(&text), "{text:?}");
            }
        }
        assert!(!is_legible_line("é\u{200d}\u{200d}é"), "one joiner is enough");
        assert!(!is_legible_line("Florin \u{202e}ytiruceS\u{202c}\u{200b}"));
    }
}
