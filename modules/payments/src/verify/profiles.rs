//! What is remembered of accounts against what they paid: a profile can be read, and counts no payment that was not made. It may count
//! fewer: rules of fraud can be switched off, and what was paid before there were any is not in it.

use super::told::Told;
use db::{Result, Snapshot};
use fraud::Profile;
use fraud::profile::store;
use ids::AccountId;
use ledger::verify::{Finding, find};
use std::collections::HashMap;
use uuid::Uuid;

const PROFILE: &str = "what is remembered of an account's payments can be read, and counts none that was not made";
const PAGE: u32 = 1_000;

/// How often each account paid somebody.
#[derive(Default)]
pub(super) struct Paid(HashMap<Uuid, u32>);

impl Paid {
    pub(super) fn meet(&mut self, told: &Told) {
        if told.is_payment_of_a_customer() {
            *self.0.entry(told.source).or_default() += 1;
        }
    }

    pub(super) async fn compare(self, snapshot: &Snapshot) -> Result<Vec<Finding>> {
        let (mut findings, mut after) = (Vec::new(), AccountId::from_uuid(Uuid::nil()));
        loop {
            let page = store::read_after(snapshot, after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(findings) };
            after = *last;
            for (account, stored) in page {
                let made = self.0.get(&account.uuid()).copied().unwrap_or_default();
                let is_so = Profile::decode(&stored.bytes).is_ok_and(|profile| profile.payments() <= made);
                if !is_so {
                    find(&mut findings, PROFILE, || account.to_string());
                }
            }
        }
    }
}
