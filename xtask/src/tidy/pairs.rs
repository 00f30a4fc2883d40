//! Rule: no parameter is a tuple that the function takes apart. Its values have names there and none where it is called,
//! so that two of one type are exchanged unnoticed: pass them one by one, or as a struct.

use super::files::SourceFile;
use super::finding::Finding;
use super::rust_text::{self, Kind};

const MESSAGE: &str = "takes a tuple apart in its parameters; pass the values one by one, or as a struct with names";

/// Checks the functions of one Rust file. Tests may.
pub(crate) fn check(file: &SourceFile) -> Vec<Finding> {
    if file.path.contains("/tests/") || file.path.starts_with("tests/") {
        return Vec::new();
    }
    let code = code_of(&file.text);
    let at_line = |at: usize| Finding::at(&file.path, code[..at].matches('\n').count() + 1, MESSAGE);
    code.match_indices("fn ").flat_map(|(at, _)| taken_apart(&code, at)).map(at_line).collect()
}

/// The text without comments and strings, in the same lines.
fn code_of(text: &str) -> String {
    let pieces = rust_text::pieces(text);
    let blank = |text: &str| text.chars().filter(|character| *character == '\n').collect::<String>();
    pieces
        .iter()
        .map(|piece| if piece.kind == Kind::Code { piece.text.to_owned() } else { blank(piece.text) })
        .collect()
}

/// Where parameters of the function that begins here are patterns of tuples.
fn taken_apart(code: &str, start: usize) -> Vec<usize> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let is_fn = !code[..start].ends_with(is_word) && code[start + 3..].starts_with(is_word);
    if !is_fn {
        return Vec::new();
    }
    let name_ends = code[start + 3..].find(|character| !is_word(character)).map_or(code.len(), |end| start + 3 + end);
    let opening = name_ends + generics_length(&code[name_ends..]);
    let (mut found, mut depth, mut begins) = (Vec::new(), 0_i32, true);
    for (offset, character) in code[opening..].char_indices() {
        match character {
            '(' if depth == 1 && begins && is_pattern(&code[opening + offset..]) => {
                found.push(opening + offset);
                (depth, begins) = (depth + 1, false);
            }
            '(' | '[' | '{' | '<' => (depth, begins) = (depth + 1, depth == 0),
            ')' | ']' | '}' => depth -= 1,
            '>' if !code[..opening + offset].ends_with('-') => depth -= 1,
            ',' if depth == 1 => begins = true,
            character if !character.is_whitespace() => begins = false,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// How long `<T: Fn(u8) -> u8>` is, if it begins here.
fn generics_length(rest: &str) -> usize {
    let mut depth = 0_i32;
    for (at, character) in rest.char_indices() {
        match character {
            '<' => depth += 1,
            '>' if !rest[..at].ends_with('-') => depth -= 1,
            _ if depth == 0 => return at,
            _ => {}
        }
    }
    rest.len()
}

/// Whether a pattern of a tuple of values begins here, with a type that is one too: `(a, b): (A, B)`. What is borrowed as a
/// whole is a state of the caller's.
fn is_pattern(rest: &str) -> bool {
    let Some((names, after)) = rest.split_once(')') else { return false };
    names.contains(',') && after.trim_start().strip_prefix(':').is_some_and(|kind| kind.trim_start().starts_with('('))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let file = SourceFile { path: "modules/ledger/src/a.rs".into(), text: text.into() };
        check(&file).iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_tuple_that_is_taken_apart_is_found_with_its_line() {
        for signature in [
            "fn own(scopes: Scopes, (now, end): (WallTime, WallTime)) -> Self {}",
            "async fn page<T: Fn(u8) -> u8>(\n    on: &T,\n    (after, limit): (Option<Id>, u32),\n) {}",
            "fn from((passkey, enabled): (Passkey, Enabled)) -> Self {}",
        ] {
            let found = lines(&format!("//! A.\n{signature}\n"));
            assert_eq!(found.len(), 1, "{signature}: {found:?}");
        }
        let found = lines("//! A.\nfn a(\n    x: u8,\n    (b, c): (u8, u8),\n) {}\n");
        assert!(found[0].starts_with("modules/ledger/src/a.rs:4: takes a tuple apart"), "{found:?}");
    }

    #[test]
    fn closures_structs_lists_of_pairs_and_texts_are_none_of_it() {
        for fine in [
            "fn a(pairs: &[(u8, u8)], Term { from, until }: Term) { pairs.map(|(a, b): (u8, u8)| a) }",
            "fn watch((register, books): &mut (Register, Comparison), seen: &Seen) {}",
            "// fn a((b, c): (u8, u8)) {}",
            "const A: &str = \"fn a((b, c): (u8, u8))\";",
            "fn execute((): &()) {}",
        ] {
            assert!(lines(fine).is_empty(), "{fine}");
        }
        let file = SourceFile { path: "tests/src/a.rs".into(), text: "fn a((b, c): (u8, u8)) {}".into() };
        assert!(check(&file).is_empty());
    }
}
