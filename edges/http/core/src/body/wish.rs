//! What a value of a body has to be, in plain words: readers speak of the types of this program, and repeat what they were
//! given, which may be a password.

/// How readers begin when a value is another than they wish for; the wish comes last.
const BEGINNINGS: [&str; 4] = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `"];

/// What the reader wishes for; nothing if it complains about something else.
pub(super) fn of_reader(reason: &str) -> Option<String> {
    BEGINNINGS.iter().find(|beginning| reason.starts_with(**beginning))?;
    let (_, wish) = reason.rsplit_once(", expected ")?;
    Some(format!("must be {}", plain(wish)))
}

fn plain(wish: &str) -> String {
    let words = match wish {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "u128" | "usize" => "a whole number, 0 or larger",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number of this field's range",
        "a string" | "a borrowed string" | "string or map" | "variant identifier" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        _ if wish.starts_with("struct ") => "an object",
        _ => return wish.replace('`', ""),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_plain_words_and_repeat_nothing() {
        for (reason, plainly) in [
            ("invalid type: integer `12345678`, expected a string", "must be text"),
            ("invalid type: null, expected i64", "must be a whole number of this field's range"),
            ("invalid value: integer `256`, expected u8", "must be a whole number from 0 to 255"),
            ("unknown variant `x`, expected one of `CHECKING`, `SAVINGS`", "must be one of CHECKING, SAVINGS"),
            ("unknown variant `x`, expected `A` or `B`", "must be A or B"),
            (r#"invalid type: string "a, expected secret", expected struct Inner"#, "must be an object"),
            (
                r#"invalid value: string "hunter2", expected a day such as 2026-01-31"#,
                "must be a day such as 2026-01-31",
            ),
        ] {
            assert_eq!(of_reader(reason).as_deref(), Some(plainly), "{reason}");
        }
        assert_eq!(of_reader("missing field `username`"), None);
        assert_eq!(of_reader("must be text, expected by nobody"), None);
    }
}
