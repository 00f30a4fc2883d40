//! The client's own JSON object on a transaction: bounded, without repeated keys, its numbers kept to the digit.

use http_core::problem::{Outcome, Problem};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;

const BYTES_MAX: usize = 4096;
const NESTING_MAX: usize = 8;

/// The object without the spaces between its parts.
pub(crate) fn read_metadata(raw: &RawValue) -> Outcome<String> {
    let wrong = |reason: String| Problem::invalid("metadata", reason);
    let json = raw.get();
    if !json.starts_with('{') {
        return Err(wrong("must be an object".to_owned()));
    }
    let compact = Compactor::default().run(json).map_err(wrong)?;
    if compact.len() > BYTES_MAX {
        return Err(wrong(format!("must have at most {BYTES_MAX} bytes")));
    }
    Ok(compact)
}

/// Walks over text that is known to be valid JSON.
#[derive(Default)]
struct Compactor<'a> {
    compact: String,
    /// The objects and arrays that are open.
    open: Vec<Container<'a>>,
}

enum Container<'a> {
    Object { keys: HashSet<Cow<'a, str>>, expects_key: bool },
    Array,
}

impl<'a> Compactor<'a> {
    fn run(mut self, json: &'a str) -> Result<String, String> {
        self.compact.reserve(json.len().min(BYTES_MAX));
        let mut place = 0;
        while let Some(byte) = json.as_bytes().get(place) {
            if *byte == b'"' {
                let end = end_of_string(json, place);
                self.string(&json[place..end])?;
                place = end;
            } else {
                self.other(*byte)?;
                place += 1;
            }
            if self.compact.len() > BYTES_MAX {
                return Err(format!("must have at most {BYTES_MAX} bytes"));
            }
        }
        Ok(self.compact)
    }

    fn string(&mut self, json: &'a str) -> Result<(), String> {
        let text = unescaped(json)?;
        if let Some(Container::Object { keys, expects_key: expects_key @ true }) = self.open.last_mut() {
            *expects_key = false;
            if let Some(repeated) = keys.replace(text) {
                return Err(format!("has the key {:?} twice", repeated.chars().take(64).collect::<String>()));
            }
        }
        self.compact.push_str(json);
        Ok(())
    }

    fn other(&mut self, byte: u8) -> Result<(), String> {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => return Ok(()),
            b'{' => self.open(Container::Object { keys: HashSet::new(), expects_key: true })?,
            b'[' => self.open(Container::Array)?,
            b'}' | b']' => drop(self.open.pop()),
            b',' => {
                if let Some(Container::Object { expects_key, .. }) = self.open.last_mut() {
                    *expects_key = true;
                }
            }
            _ => {}
        }
        // Outside of strings JSON is ASCII.
        self.compact.push(char::from(byte));
        Ok(())
    }

    fn open(&mut self, container: Container<'a>) -> Result<(), String> {
        if self.open.len() == NESTING_MAX {
            return Err(format!("must not be nested deeper than {NESTING_MAX} levels"));
        }
        self.open.push(container);
        Ok(())
    }
}

/// The place behind the closing quote of the string that starts at `start`.
fn end_of_string(json: &str, start: usize) -> usize {
    let mut is_escaped = false;
    let inside = json.as_bytes().iter().enumerate().skip(start + 1);
    for (place, byte) in inside {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    json.len()
}

/// What the string says; half of a surrogate pair says nothing.
fn unescaped(json: &str) -> Result<Cow<'_, str>, String> {
    if json.contains('\\') {
        serde_json::from_str(json).map(Cow::Owned).map_err(|_| "has a string that is not Unicode".to_owned())
    } else {
        Ok(Cow::Borrowed(&json[1..json.len() - 1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<String> {
        read_metadata(serde_json::from_str(json).unwrap()).ok()
    }

    #[test]
    fn spaces_go_and_everything_else_stays() {
        let sent = "{ \"a\" : [ 1 , 2.50 , 1e400 , \" , : { \" ] , \"b\\\"\" : { \"n\" : -0.10 } ,\n\"c\":null}";
        let kept = r#"{"a":[1,2.50,1e400," , : { "],"b\"":{"n":-0.10},"c":null}"#;
        assert_eq!(read(sent).as_deref(), Some(kept));
        assert_eq!(read("{}").as_deref(), Some("{}"));
    }

    #[test]
    fn keys_may_not_repeat_at_any_level_however_they_are_written() {
        for json in [r#"{"a":1,"a":2}"#, r#"{"x":{"a":1,"\u0061":2}}"#, r#"{"x":[{"a":1,"b":1,"a":2}]}"#] {
            assert_eq!(read(json), None, "{json}");
        }
        for json in [r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#, r#"{"a":"a","b":["a","a"]}"#] {
            assert_eq!(read(json).as_deref(), Some(json));
        }
    }

    #[test]
    fn nesting_and_size_have_a_bound() {
        let nested = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        assert!(read(&nested(8)).is_some() && read(&nested(9)).is_none());
        assert!(read(&format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100))).is_none());
        let sized = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
        assert!(read(&sized(4096)).is_some() && read(&sized(4097)).is_none());
    }

    #[test]
    fn only_objects_of_unicode_are_taken() {
        for json in ["[]", "1", "\"{}\"", r#"{"a":"\ud800"}"#, r#"{"\udc00":1}"#] {
            assert_eq!(read(json), None, "{json}");
        }
        assert!(read(r#"{"a":"\ud83d\ude00\u0000"}"#).is_some());
    }
}
