//! The ids of the accounts that take part, packed so that a million of them stay small.

use std::io::BufRead;

use anyhow::Context as _;

/// A list of account ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountIds {
    text: String,
    ends: Vec<u32>,
}

impl AccountIds {
    /// Appends an id.
    ///
    /// # Errors
    /// It holds a character that would not stand for itself in a path or in JSON.
    pub(crate) fn push(&mut self, id: &str) -> anyhow::Result<()> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        anyhow::ensure!(!id.is_empty() && id.bytes().all(plain), "{id:?} is no account id");
        self.text.push_str(id);
        self.ends.push(u32::try_from(self.text.len()).context("too many account ids")?);
        Ok(())
    }

    /// The id at an index below `len`.
    pub(crate) fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start as usize..self.ends[index] as usize]
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Reads the first comma-separated field of each line, at most `limit` lines; a heading is skipped.
    pub(crate) fn read(lines: impl BufRead, limit: usize) -> anyhow::Result<Self> {
        let mut ids = Self::default();
        for (number, line) in lines.lines().enumerate() {
            let line = line?;
            let id = line.split(',').next().unwrap_or_default().trim().trim_matches('"');
            let heading = number == 0 && !id.starts_with("acct_");
            if heading || id.is_empty() {
                continue;
            }
            ids.push(id).with_context(|| format!("line {}", number + 1))?;
            if ids.len() == limit {
                break;
            }
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_in_order() {
        let mut ids = AccountIds::default();
        ids.push("acct_1").unwrap();
        ids.push("acct_23").unwrap();
        assert_eq!((ids.len(), ids.get(0), ids.get(1)), (2, "acct_1", "acct_23"));
    }

    #[test]
    fn a_csv_export_serves_as_a_list() {
        let text = "account,external_ref,currency,balance\nacct_1,,USD,5.00\n\n\"acct_2\",A,USD,6.00\nacct_3\n";
        let ids = AccountIds::read(text.as_bytes(), 2).unwrap();
        assert_eq!((ids.len(), ids.get(1)), (2, "acct_2"));
    }

    #[test]
    fn text_that_could_break_a_request_is_refused() {
        assert!(AccountIds::read("acct_1\nacct_\\\"2\n".as_bytes(), 10).is_err());
    }
}
