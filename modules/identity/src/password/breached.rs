//! A file of passwords known from data breaches, as "Have I Been Pwned" gives it out: a line `SHA1:COUNT` for each, ordered
//! by hash. It may be far larger than memory, so it is searched on disk, with a few short reads.

use super::Password;
use crate::{IdentityError, Result};
use db::DbError;
use sha1::{Digest as _, Sha1};
use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const HASH_DIGITS: usize = 40;
/// A hash, a colon, a count and the end of the line.
const LINE_BYTES_MAX: usize = 64;
/// Each step halves what is left of at most 2^63 bytes.
const STEPS_MAX: u32 = 64;

/// The opened file.
pub(crate) struct BreachedPasswords {
    file: File,
    bytes: u64,
}

/// One line of the file, and where the next one begins.
struct Line {
    hash: [u8; HASH_DIGITS],
    end: u64,
}

impl BreachedPasswords {
    /// Opens the file and looks at its first and last lines.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let failed =
            |error: io::Error| IdentityError::BreachedFile { path: path.to_owned(), reason: error.to_string() };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let breached = Self { file, bytes: metadata.len() };
        let from_the_end = breached.bytes.saturating_sub(LINE_BYTES_MAX as u64);
        let first = breached.line_from(0).and_then(|line| line.ok_or_else(not_a_list)).map_err(failed)?;
        let last = breached.line_from(from_the_end).and_then(|line| line.ok_or_else(not_a_list)).map_err(failed)?;
        if !metadata.is_file() || first.hash > last.hash {
            return Err(failed(not_a_list()));
        }
        Ok(breached)
    }

    /// Whether the password is in the file. When the file cannot be read, the answer is not known, and nothing is chosen.
    pub(super) fn contains(&self, password: &Password) -> Result<bool> {
        let hash: String = Sha1::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
        let unreadable = |error| DbError::Unavailable(format!("the list of breached passwords: {error}"));
        Ok(self.find(hash.as_bytes()).map_err(unreadable)?)
    }

    fn find(&self, hash: &[u8]) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.bytes);
        for _ in 0..STEPS_MAX {
            if low >= high {
                break;
            }
            let middle = low + (high - low) / 2;
            let Some(line) = self.line_from(middle)? else {
                high = middle;
                continue;
            };
            match line.hash.as_slice().cmp(hash) {
                Ordering::Equal => return Ok(true),
                Ordering::Less => low = line.end,
                Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }

    /// The first line that begins at the position or behind it.
    fn line_from(&self, position: u64) -> io::Result<Option<Line>> {
        // From the byte before on: if that ends a line, the next one begins right at the position.
        let start = position.saturating_sub(1);
        let mut buffer = [0; 2 * LINE_BYTES_MAX + 1];
        let read = self.read(&mut buffer, start)?;
        let begin = match (position, read.iter().position(|byte| *byte == b'\n')) {
            (0, _) => 0,
            (_, Some(end)) => end + 1,
            (_, None) => return Ok(None),
        };
        let text = &read[begin..];
        if text.is_empty() {
            return Ok(None);
        }
        let length = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1);
        let mut hash = [0; HASH_DIGITS];
        hash.copy_from_slice(text.get(..HASH_DIGITS).ok_or_else(not_a_list)?);
        hash.make_ascii_uppercase();
        let is_followed = matches!(text.get(HASH_DIGITS), None | Some(b':' | b'\r' | b'\n'));
        if !is_followed || !hash.iter().all(u8::is_ascii_hexdigit) {
            return Err(not_a_list());
        }
        Ok(Some(Line { hash, end: start + (begin + length) as u64 }))
    }

    fn read<'a>(&self, buffer: &'a mut [u8], position: u64) -> io::Result<&'a [u8]> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.file.read_at(&mut buffer[filled..], position + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&buffer[..filled])
    }
}

fn not_a_list() -> io::Error {
    io::Error::other("is no list of lines SHA1:COUNT ordered by hash")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    struct TestFile(PathBuf);

    impl TestFile {
        fn of(content: &str) -> Self {
            let path = std::env::temp_dir().join(format!("florin_breached_{}", uuid::Uuid::now_v7().simple()));
            std::fs::write(&path, content).unwrap();
            Self(path)
        }
    }

    impl Drop for TestFile {
        fn drop(&mut self) {
            drop(std::fs::remove_file(&self.0));
        }
    }

    fn hash(password: &str) -> String {
        Sha1::digest(password).iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// The list of so many made-up passwords, each seen a few times more than the one before.
    fn list(count: u32, line_end: &str) -> String {
        let mut lines: Vec<String> = (0..count)
            .map(|number| format!("{}:{}", hash(&format!("breached{number}")), 7_u64.pow(number % 12)))
            .collect();
        lines.sort_unstable();
        lines.join(line_end)
    }

    #[test]
    fn exactly_what_is_in_the_file_is_found() {
        for count in [1, 2, 3, 10, 1_000] {
            for line_end in ["\n", "\r\n"] {
                for end in ["", line_end] {
                    let file = TestFile::of(&format!("{}{end}", list(count, line_end)));
                    let breached = BreachedPasswords::open(&file.0).unwrap();
                    for number in 0..count {
                        assert!(
                            breached.contains(&Password::new(format!("breached{number}"))).unwrap(),
                            "{number} of {count}"
                        );
                        assert!(!breached.contains(&Password::new(format!("unheard of {number}"))).unwrap());
                    }
                }
            }
        }
    }

    #[test]
    fn lower_case_hashes_without_counts_are_read_too() {
        let file = TestFile::of(&format!("{}\n", hash("breached").to_lowercase()));
        assert!(BreachedPasswords::open(&file.0).unwrap().contains(&Password::new("breached")).unwrap());
    }

    #[test]
    fn what_is_no_such_list_is_refused_at_the_start() {
        let unordered = format!("{}:1\n{}:1\n", "F".repeat(40), "0".repeat(40));
        for content in ["", "password\n", &"G".repeat(41), &"A".repeat(41), &unordered] {
            let file = TestFile::of(content);
            assert!(matches!(BreachedPasswords::open(&file.0), Err(IdentityError::BreachedFile { .. })), "{content}");
        }
        assert!(BreachedPasswords::open(Path::new("/nowhere/at/all")).is_err());
        assert!(BreachedPasswords::open(&std::env::temp_dir()).is_err());
    }
}
