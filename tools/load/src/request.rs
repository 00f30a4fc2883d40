//! Builds authenticated requests in one reused buffer.

use std::io::Write as _;
use std::sync::Arc;

use crate::random::Random;
use crate::session::Session;

/// Writes the bytes of one request after another.
pub(crate) struct RequestWriter {
    session: Arc<Session>,
    renewals: u64,
    common: String,
    keys: Random,
    bytes: Vec<u8>,
}

impl RequestWriter {
    /// A writer for one connection; `stream` keeps its idempotency keys apart from those of other connections.
    pub(crate) fn new(session: &Arc<Session>, stream: u64) -> Self {
        let renewals = session.renewals();
        let common = common_headers(session);
        let keys = Random::unrepeatable(stream);
        Self { session: Arc::clone(session), renewals, common, keys, bytes: Vec::with_capacity(2048) }
    }

    /// A GET of the path that the parts make.
    pub(crate) fn get(&mut self, path: &[&str]) -> &[u8] {
        self.start("GET ", path);
        self.bytes.extend_from_slice(b"\r\n");
        &self.bytes
    }

    /// A POST of JSON with an idempotency key of its own.
    pub(crate) fn post(&mut self, path: &str, body: &[u8]) -> &[u8] {
        self.start("POST ", &[path]);
        self.bytes.extend_from_slice(b"content-type: application/json\r\nidempotency-key: ");
        push_key(&mut self.bytes, &mut self.keys);
        write!(self.bytes, "\r\ncontent-length: {}\r\n\r\n", body.len()).expect("a vector takes every write");
        self.bytes.extend_from_slice(body);
        &self.bytes
    }

    fn start(&mut self, method: &str, path: &[&str]) {
        if self.renewals != self.session.renewals() {
            self.renewals = self.session.renewals();
            self.common = common_headers(&self.session);
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(method.as_bytes());
        path.iter().for_each(|part| self.bytes.extend_from_slice(part.as_bytes()));
        self.bytes.extend_from_slice(self.common.as_bytes());
    }
}

/// A random UUID (version 4), the key that most clients send, and the hardest to index.
fn push_key(bytes: &mut Vec<u8>, random: &mut Random) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut bits = (u128::from(random.next()) << 64) | u128::from(random.next());
    bits = (bits & !(0xf000_c000 << 48)) | (0x4000_8000 << 48);
    for place in 0..32_u32 {
        if matches!(place, 8 | 12 | 16 | 20) {
            bytes.push(b'-');
        }
        let digit = (bits >> (124 - 4 * place)) & 15;
        bytes.push(DIGITS[usize::try_from(digit).expect("four bits")]);
    }
}

fn common_headers(session: &Session) -> String {
    let (target, token, forwarded) = (session.target(), session.token(), session.forwarded_header());
    format!(" HTTP/1.1\r\nhost: {target}\r\n{forwarded}authorization: Bearer {token}\r\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_are_random_uuids_and_never_repeat() {
        let mut random = Random::unrepeatable(1);
        let mut seen = BTreeSet::new();
        for _ in 0..1_000 {
            let mut key = Vec::new();
            push_key(&mut key, &mut random);
            let key = String::from_utf8(key).unwrap();
            let groups: Vec<_> = key.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12]);
            assert!(key.as_bytes()[14] == b'4' && b"89ab".contains(&key.as_bytes()[19]), "{key}");
            assert!(seen.insert(key));
        }
    }
}
