//! Text that people give for other people to read: one line, in which nothing is there that is not seen. What turns the
//! order of letters round, or joins or parts them unseen, can make one name look like another. A label, by which somebody
//! decides, is also not spelled with letters that pass for others: `label.rs`. What a spreadsheet would take for a formula is
//! quoted: `cell.rs`.

mod cell;
mod label;

pub use cell::in_a_cell;
pub use label::is_label;

/// Whether the text is one line and all of it is seen: no control characters, no ends of lines or paragraphs, and no format
/// characters of Unicode's category Cf, which turn text round or have no width. Two of those are part of how words are
/// written, and of many pictures: the joiner and the non-joiner are fine between two characters that are not ASCII. What
/// chooses between two pictures, or two forms of a letter, is fine behind one that has them.
pub fn is_legible_line(text: &str) -> bool {
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_joined = before.is_some_and(is_joinable) && characters.peek().copied().is_some_and(is_joinable);
        let is_seen = match character {
            _ if is_joiner(character) => is_joined,
            _ if is_selector(character) => {
                let is_keycap = characters.peek() == Some(&KEYCAP);
                before.is_some_and(|before| has_variants(before, character) || (is_keycap && before.is_ascii()))
            }
            _ => !is_hidden(character),
        };
        if !is_seen {
            return false;
        }
        before = Some(character);
    }
    true
}

/// The box around a digit.
const KEYCAP: char = '\u{20e3}';

/// Whether it is drawn as nothing, and chooses how the character before it is drawn.
const fn is_selector(character: char) -> bool {
    matches!(character, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a character is one that such a choice is made for: Mongolian letters, Chinese characters, pictures.
fn has_variants(character: char, selector: char) -> bool {
    match selector {
        '\u{180b}'..='\u{180f}' => matches!(character, '\u{1820}'..='\u{18aa}'),
        '\u{fe0e}' | '\u{fe0f}' => {
            // Some pictures count as letters: letters in boxes and circles, and the one for information.
            let is_picture = matches!(character, '\u{2139}' | '\u{24b6}'..='\u{24e9}' | '\u{1f100}'..='\u{1f1ff}');
            is_picture || (is_joinable(character) && !character.is_alphanumeric() && !is_selector(character))
        }
        _ => matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'),
    }
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
            "❤\u{fe0f} ℹ\u{fe0f} 1\u{fe0f}\u{20e3} ☎\u{fe0e} 🅿\u{fe0f}",
            "葛\u{e0100}城市",
            "\u{182d}\u{180b}",
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
            '\u{180b}',
            '\u{fe00}',
            '\u{fe0e}',
            '\u{fe0f}',
            '\u{e0100}',
        ] {
            for text in [format!("a{hidden}b"), format!("{hidden}"), format!("ab{hidden}"), format!("é {hidden}é")] {
                assert!(!is_legible_line(&text), "{text:?}");
            }
        }
        assert!(!is_legible_line("é\u{200d}\u{200d}é"), "one joiner is enough");
        assert!(!is_legible_line("❤\u{fe0f}\u{fe0f}"), "one choice is enough");
        assert!(!is_legible_line("葛\u{e0100}\u{e0101}"), "one choice is enough");
        assert!(!is_legible_line("д\u{fe0f}") && !is_legible_line("a\u{e0100}"), "letters have no such forms");
        assert!(!is_legible_line("Florin \u{202e}ytiruceS\u{202c}\u{200b}"));
    }
}
