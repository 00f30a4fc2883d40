//! Labels: text by which somebody decides, such as the name of a program that wants their money. A letter that passes for
//! another makes two labels look alike.
//!
//! After Unicode's Technical Standard 39, word by word, because names like "Яндекс Pay" have words of two scripts.

use crate::{is_legible_line, is_selector};
use unicode_normalization::UnicodeNormalization as _;
use unicode_script::{Script, UnicodeScript as _};
use unicode_security::mixed_script::AugmentedScriptSet;
use unicode_security::skeleton;

/// Written beside each other and beside Latin letters every day, and like none of them.
const OF_EAST_ASIA: [Script; 5] = [Script::Han, Script::Hiragana, Script::Katakana, Script::Hangul, Script::Bopomofo];
/// Of Turkish, and of ordinal numbers.
const KNOWN_BY_SIGHT: [char; 3] = ['ı', 'ª', 'º'];

/// Whether the text is a legible line with nothing in it that chooses between pictures, and each word of it is of one script
/// and is what it looks like.
///
/// A word may be written in letters all of which look like Latin ones, as "хор" is, where another word shows which script
/// it is: "хор Москвы".
pub fn is_label(text: &str) -> bool {
    let is_plain = |character: char| !is_selector(character) && !is_form_of_latin(character);
    is_legible_line(text)
        && text.chars().all(is_plain)
        && words(text).all(|word| is_of_one_script(word) && (!looks_latin(word) || shows_its_script(text, word)))
}

/// Letters and digits with their marks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_in_word = |character: char| character.is_alphanumeric() || character.script() == Script::Inherited;
    text.split(move |character| !is_in_word(character)).filter(|word| !word.is_empty())
}

/// Whether it is another form of Latin letters, such as a wide, bold or Roman one.
fn is_form_of_latin(character: char) -> bool {
    !character.is_ascii()
        && character.is_alphabetic()
        && !KNOWN_BY_SIGHT.contains(&character)
        && std::iter::once(character).nfkc().all(|plain| plain.is_ascii_alphabetic())
}

fn is_of_one_script(word: &str) -> bool {
    let scripts = || word.chars().map(|letter| letter.script());
    let is_of_none = |script: Script| matches!(script, Script::Common | Script::Inherited);
    let of_others = scripts().filter(|script| *script != Script::Latin && !is_of_none(*script));
    if scripts().any(|script| script == Script::Latin) {
        return of_others.into_iter().all(|script| OF_EAST_ASIA.contains(&script));
    }
    of_others.into_iter().all(|script| OF_EAST_ASIA.contains(&script)) || !AugmentedScriptSet::for_str(word).is_empty()
}

/// Whether the word is not of ASCII, and looks as if it were.
fn looks_latin(word: &str) -> bool {
    !word.is_ascii()
        && word.chars().any(char::is_alphabetic)
        && !word.contains(KNOWN_BY_SIGHT)
        && skeleton(word).all(|looks| looks.is_ascii_alphanumeric())
}

/// Whether some letter of the text is seen to be of the word's script.
fn shows_its_script(text: &str, word: &str) -> bool {
    let script = word.chars().map(|letter| letter.script()).find(|script| *script != Script::Common);
    text.chars().any(|letter| {
        let mut bytes = [0; 4];
        Some(letter.script()) == script && !letter.is_ascii() && !looks_latin(letter.encode_utf8(&mut bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_and_in_two_are_labels() {
        for text in [
            "Payroll",
            "Müller & Söhne",
            "Kızıl Elma",
            "Straße 1ª",
            "Яндекс Pay",
            "Московский хор",
            "Ελληνική Τράπεζα Online",
            "日本のiPhone用アプリ",
            "한국은행 App",
            "ひらがなカタカナ漢字",
            "العربية ١٥",
            "עברית",
            "می\u{200c}خواهم",
            "हिन्दी",
            "ไทย",
            "Ʋɔ Ŋu",
            "Acme™ 💰 2.0",
            "O'Neill-Smith",
            "",
        ] {
            assert!(is_label(text), "{text:?}");
        }
    }

    #[test]
    fn what_passes_for_something_else_is_none() {
        for text in [
            // Cyrillic, Greek, Armenian and Cherokee letters among Latin ones, and alone.
            "Flоrin",
            "Ρaypal",
            "pɑypɑl",
            "Flοrin Pay",
            "Раураӏ",
            "сор",
            "Аррӏе Pay",
            "օnline",
            "ᏢayᏢal",
            // Letters of two scripts in one word, whatever they look like.
            "Банкbank",
            "αлфа",
            // Other forms of letters.
            "Ｆlorin",
            "𝐅𝐥𝐨𝐫𝐢𝐧",
            "Fⅼorin",
            "\u{212a}elvin",
            // What is not seen, or chooses between pictures.
            "Florin\u{fe0f}",
            "❤\u{fe0f}",
            "葛\u{e0100}城",
            "Flo\u{200b}rin",
        ] {
            assert!(!is_label(text), "{text:?}");
        }
    }
}
