//! Chooses who pays whom how much, and writes it as JSON. Ids are checked when they are read, so they need no escaping.

use std::io::Write as _;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;

use crate::accounts::AccountIds;
use crate::client::Reply;
use crate::options::Scenario;
use crate::random::Random;

/// Amounts run from 0.01 to this many hundredths.
const AMOUNT_MINOR_MAX: usize = 10_000;

/// Writes the bodies of one connection's requests.
pub(crate) struct TransferWriter {
    accounts: Arc<AccountIds>,
    /// Which accounts may pay.
    share: Range<usize>,
    scenario: Scenario,
    random: Random,
    body: Vec<u8>,
}

impl TransferWriter {
    /// A writer whose choices repeat for the same seed.
    pub(crate) fn new(accounts: &Arc<AccountIds>, share: &Range<usize>, scenario: Scenario, seed: u64) -> Self {
        let (accounts, share) = (Arc::clone(accounts), share.clone());
        Self { accounts, share, scenario, random: Random::new(seed), body: Vec::new() }
    }

    /// The path and body of the next request.
    pub(crate) fn next(&mut self) -> (&'static str, &[u8]) {
        self.body.clear();
        let Scenario::Batch { size } = self.scenario else {
            self.push_transfer();
            return ("/api/transactions/transfer", &self.body);
        };
        self.body.extend_from_slice(br#"{"mode":"INDEPENDENT","transfers":["#);
        for number in 0..size {
            if number > 0 {
                self.body.push(b',');
            }
            self.push_transfer();
        }
        self.body.extend_from_slice(b"]}");
        ("/api/transactions/batch", &self.body)
    }

    fn push_transfer(&mut self) {
        let (source, destination) = self.choose();
        let amount = self.random.below(AMOUNT_MINOR_MAX) + 1;
        write!(
            self.body,
            r#"{{"sourceAccountId":"{}","destinationAccountId":"{}","amount":"{}.{:02}","currency":"USD"}}"#,
            self.accounts.get(source),
            self.accounts.get(destination),
            amount / 100,
            amount % 100,
        )
        .expect("a vector takes every write");
    }

    fn choose(&mut self) -> (usize, usize) {
        if self.scenario != Scenario::Hot {
            let source = self.random.within(&self.share);
            return (source, self.random.other_below(self.accounts.len(), source));
        }
        let other = 1 + self.random.below(self.accounts.len() - 1);
        if self.random.coin() { (0, other) } else { (other, 0) }
    }
}

#[derive(Deserialize)]
struct BatchReply<'a> {
    #[serde(borrow)]
    data: Vec<BatchItem<'a>>,
}

#[derive(Deserialize)]
struct BatchItem<'a> {
    status: &'a str,
}

/// How many transfers of a request a reply reports as settled; everything else counts as refused.
pub(crate) fn settled(scenario: Scenario, reply: Reply<'_>) -> u32 {
    match scenario {
        Scenario::Batch { .. } => {}
        Scenario::Logins => return u32::from(reply.status == 200),
        Scenario::Uniform | Scenario::Hot | Scenario::Floor { .. } => return u32::from(reply.status == 201),
    }
    if !matches!(reply.status, 200 | 201 | 207) {
        return 0;
    }
    let Ok(parsed) = serde_json::from_slice::<BatchReply<'_>>(reply.body) else { return 0 };
    u32::try_from(parsed.data.iter().filter(|item| item.status == "SETTLED").count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn accounts() -> Arc<AccountIds> {
        Arc::new(AccountIds::read("acct_a\nacct_b\nacct_c\n".as_bytes(), 3).unwrap())
    }

    #[test]
    fn a_transfer_is_valid_json_between_two_accounts() {
        let mut writer = TransferWriter::new(&accounts(), &(0..3), Scenario::Uniform, 1);
        for _ in 0..100 {
            let (path, body) = writer.next();
            let body: BTreeMap<String, String> = serde_json::from_slice(body).unwrap();
            assert_eq!(path, "/api/transactions/transfer");
            assert_ne!(body["sourceAccountId"], body["destinationAccountId"]);
            assert_eq!(body["amount"].split('.').nth(1).unwrap().len(), 2);
        }
    }

    #[test]
    fn only_own_accounts_pay_and_all_are_paid() {
        let mut writer = TransferWriter::new(&accounts(), &(1..2), Scenario::Uniform, 1);
        let mut paid = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let body: BTreeMap<String, String> = serde_json::from_slice(writer.next().1).unwrap();
            assert_eq!(body["sourceAccountId"], "acct_b");
            paid.insert(body["destinationAccountId"].clone());
        }
        assert_eq!(paid.into_iter().collect::<Vec<_>>(), ["acct_a", "acct_c"]);
    }

    #[test]
    fn the_hot_account_is_in_every_transfer_on_both_sides() {
        let mut writer = TransferWriter::new(&accounts(), &(0..3), Scenario::Hot, 1);
        let mut as_source = 0;
        for _ in 0..1_000 {
            let body: BTreeMap<String, String> = serde_json::from_slice(writer.next().1).unwrap();
            let sides = [&body["sourceAccountId"], &body["destinationAccountId"]];
            assert_eq!(sides.iter().filter(|side| **side == "acct_a").count(), 1);
            as_source += u32::from(sides[0] == "acct_a");
        }
        assert!((400..600).contains(&as_source), "{as_source}");
    }

    #[test]
    fn a_batch_holds_as_many_transfers_as_asked() {
        let mut writer = TransferWriter::new(&accounts(), &(0..3), Scenario::Batch { size: 7 }, 1);
        let (path, body) = writer.next();
        let body: serde_json::Value = serde_json::from_slice(body).unwrap();
        assert_eq!((path, body["mode"].as_str().unwrap()), ("/api/transactions/batch", "INDEPENDENT"));
        assert_eq!(body["transfers"].as_array().unwrap().len(), 7);
    }

    #[test]
    fn only_settled_transfers_count() {
        let batch = Scenario::Batch { size: 2 };
        let body = br#"{"data":[{"status":"SETTLED","transaction":{"status":"SETTLED"}},{"status":"REFUSED"}]}"#;
        assert_eq!(settled(batch, Reply { status: 200, body }), 1);
        assert_eq!(settled(batch, Reply { status: 503, body }), 0);
        assert_eq!(settled(batch, Reply { status: 200, body: b"{}" }), 0);
        assert_eq!(settled(Scenario::Hot, Reply { status: 201, body: b"{}" }), 1);
        assert_eq!(settled(Scenario::Hot, Reply { status: 200, body: b"{}" }), 0);
    }
}
