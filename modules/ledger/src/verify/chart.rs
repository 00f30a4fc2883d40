//! The chart in the books: which account may stand in which line, and what the lines sum to.

use super::{CHART, Finding, SeenAccount, find};
use crate::ChartCode;
use crate::chart::{is_line_account, line_account};
use ids::AccountId;
use std::collections::BTreeMap;

/// What the accounts of a line hold together in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSum {
    /// The currency's code.
    pub currency: String,
    /// The line's code in the chart.
    pub chart_code: String,
    /// Credit positive, debit negative. All lines of a currency sum to zero, because every entry does.
    pub minor: i128,
}

/// The balances of the lines, by currency and code.
#[derive(Default)]
pub(super) struct Lines(BTreeMap<String, BTreeMap<String, i128>>);

impl Lines {
    pub(super) fn add(&mut self, account: &SeenAccount, findings: &mut Vec<Finding>) {
        if !self.0.contains_key(&account.currency) {
            self.0.insert(account.currency.clone(), BTreeMap::new());
        }
        if let Some(lines) = self.0.get_mut(&account.currency) {
            match lines.get_mut(&account.chart_code) {
                Some(sum) => *sum += i128::from(account.posted_minor),
                None => drop(lines.insert(account.chart_code.clone(), account.posted_minor.into())),
            }
        }
        if !stands_right(account) {
            find(findings, CHART, || format!("account {}", AccountId::from_uuid(account.id)));
        }
    }

    /// Those that are not zero.
    pub(super) fn finish(self) -> Vec<LineSum> {
        let line = |currency: &String, (chart_code, minor)| LineSum { currency: currency.clone(), chart_code, minor };
        let lines = self
            .0
            .into_iter()
            .flat_map(|(currency, lines)| lines.into_iter().map(|sum| line(&currency, sum)).collect::<Vec<_>>());
        lines.filter(|line| line.minor != 0).collect()
    }
}

/// An own account is the one of its line and currency or has a name, belongs to nobody and has no limit.
fn stands_right(account: &SeenAccount) -> bool {
    let id = AccountId::from_uuid(account.id);
    match ChartCode::parse(&account.chart_code) {
        None => false,
        Some(ChartCode::CustomerDeposits) => !account.has_name && !is_line_account(id),
        Some(line) => {
            let is_of_line = account.currency.len() == 3 && line_account(line.code(), &account.currency) == id;
            let is_known = if is_line_account(id) { is_of_line && !account.has_name } else { account.has_name };
            is_known && account.holder.is_none() && account.overdraft_limit_minor.is_none()
        }
    }
}
