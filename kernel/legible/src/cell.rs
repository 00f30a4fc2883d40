//! Text in a CSV that people open with a spreadsheet. What begins like a formula would be worked out there, on their machine
//! and with their rights, although somebody else wrote it.

use std::borrow::Cow;

/// Before text that begins like a formula: spreadsheets take it for text then. Whoever reads the file with a program takes one
/// away where what follows begins so.
const QUOTE: char = '\'';

/// The text as it stands in a file of CSV.
pub fn in_a_cell(text: &str) -> Cow<'_, str> {
    if begins_like_a_formula(text) { Cow::Owned(format!("{QUOTE}{text}")) } else { Cow::Borrowed(text) }
}

/// Quotes that are there already are passed over, so that no two texts are written alike.
fn begins_like_a_formula(text: &str) -> bool {
    let rest = text.trim_start_matches(QUOTE);
    let is_moved = rest.starts_with(['\t', '\r', '\n']);
    is_moved || rest.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the documentation tells programs to do.
    fn read(cell: &str) -> &str {
        match cell.strip_prefix(QUOTE) {
            Some(rest) if begins_like_a_formula(rest) => rest,
            _ => cell,
        }
    }

    #[test]
    fn what_begins_like_a_formula_is_quoted_and_read_back() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\rx", "  =cmd|'/c calc'!A1", "＝1+1", "'=1", "''-1", "-"]
        {
            let cell = in_a_cell(text);
            assert_eq!(cell, format!("'{text}"));
            assert_eq!(read(&cell), text);
        }
        for text in ["", "576", "a=b", "O'Neill", "'quoted'", "ref-1", "(−1)", "Miete 3-4"] {
            assert_eq!(in_a_cell(text), text);
            assert_eq!(read(text), text);
        }
    }
}
