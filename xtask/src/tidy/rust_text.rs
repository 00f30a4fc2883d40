//! Cuts Rust source into code, comments and string literals, well enough for the rules here.
//! It knows raw strings, nested comments, character literals and lifetimes; it is no parser.

/// What a piece of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything that is neither comment nor string.
    Code,
    /// A line or block comment, doc comments included.
    Comment,
    /// A string literal with its quotes.
    Text,
}

/// A run of source of one kind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) kind: Kind,
    /// The line that it starts on, counted from 1.
    pub(crate) line: usize,
    pub(crate) text: &'a str,
}

/// The pieces of `source` in order; put together again they are `source`.
pub(crate) fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut line = 1;
    let mut rest = source;
    while !rest.is_empty() {
        let (kind, length) = first_piece(rest);
        let (text, after) = rest.split_at(length);
        pieces.push(Piece { kind, line, text });
        line += text.matches('\n').count();
        rest = after;
    }
    pieces
}

fn first_piece(rest: &str) -> (Kind, usize) {
    if let Some(special) = special_piece(rest) {
        return special;
    }
    let mut length = 0;
    while length < rest.len() && special_piece(&rest[length..]).is_none() {
        length += code_step(&rest[length..]);
    }
    (Kind::Code, length)
}

/// A comment or a string at the very start of `rest`.
fn special_piece(rest: &str) -> Option<(Kind, usize)> {
    if rest.starts_with("//") {
        return Some((Kind::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("/*") {
        return Some((Kind::Comment, block_comment_length(rest)));
    }
    if rest.starts_with('"') {
        return Some((Kind::Text, string_length(rest)));
    }
    raw_string_length(rest).map(|length| (Kind::Text, length))
}

/// How far code goes on before another piece can begin: a whole word, a character literal, or one character.
fn code_step(rest: &str) -> usize {
    let word = rest.find(|character: char| !is_word(character)).unwrap_or(rest.len());
    if word > 0 {
        return word;
    }
    character_literal_length(rest).unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

fn raw_string_length(rest: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        let after = rest.strip_prefix(prefix);
        after.is_some_and(|after| after.trim_start_matches('#').starts_with('"'))
    })?;
    let hashes = rest[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
    let opening = prefix.len() + hashes + 1;
    let closing = format!("\"{}", "#".repeat(hashes));
    let inside = rest[opening..].find(&closing);
    Some(inside.map_or(rest.len(), |length| opening + length + closing.len()))
}

/// The length of `'a'` or `'\n'`; a lifetime is none.
fn character_literal_length(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        let escaped = escape.chars().next()?.len_utf8();
        return escape[escaped..].find('\'').map(|length| 2 + escaped + length + 1);
    }
    let character = inside.chars().next()?.len_utf8();
    inside[character..].starts_with('\'').then_some(character + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str, kind: Kind) -> Vec<&str> {
        pieces(source).into_iter().filter(|piece| piece.kind == kind).map(|piece| piece.text).collect()
    }

    #[test]
    fn pieces_put_together_are_the_source() {
        let source = include_str!("rust_text.rs");
        let joined: String = pieces(source).iter().map(|piece| piece.text).collect();
        assert_eq!(joined, source);
    }

    #[test]
    fn strings_are_told_from_code_and_comments() {
        let source = "let a = \"x // y\"; // \"no\"\nlet b = r#\"say \"hi\"\"#; /* \"no /* \" */ */ b\"z\\\"\"";
        assert_eq!(texts(source, Kind::Text), ["\"x // y\"", "r#\"say \"hi\"\"#", "\"z\\\"\""]);
        assert_eq!(texts(source, Kind::Comment).len(), 2);
    }

    #[test]
    fn quotes_in_character_literals_open_no_string() {
        assert!(texts("match c { '\"' | '\\'' | '\\\\' => 1 }", Kind::Text).is_empty());
        assert_eq!(texts("fn a<'a>(x: &'a str) { \"s\" }", Kind::Text), ["\"s\""]);
    }

    #[test]
    fn a_name_that_ends_in_r_opens_no_raw_string() {
        assert_eq!(texts("concat!(for\"a\\\"b\")", Kind::Text), ["\"a\\\"b\""]);
    }

    #[test]
    fn lines_are_counted_from_one() {
        let found = pieces("a\n\"b\nc\"\n// d");
        let lines: Vec<usize> = found.iter().map(|piece| piece.line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
    }
}
