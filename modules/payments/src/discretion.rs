//! What of a refusal is shown to whom: how much another has, and why their account takes no part, is between them and the bank.

use crate::{Hat, Refusal};
use ids::{AccountId, UserId};
use ledger::Book;

/// The reason without what is none of their business who asked.
pub(crate) fn shown(refusal: Refusal, hat: Hat, book: &Book) -> Refusal {
    let is_known = |account: AccountId| {
        let holder = || book.account(account).ok().and_then(|found| found.holder_id).map(UserId::from_uuid);
        hat.sees_all() || hat.owns(holder())
    };
    match refusal {
        Refusal::Ledger(ledger::Refusal::NotActive { account, .. }) if !is_known(account) => {
            Refusal::Unavailable { account }
        }
        Refusal::Ledger(ledger::Refusal::InsufficientFunds { account, .. }) if !is_known(account) => {
            ledger::Refusal::InsufficientFunds { account, shortfall: None }.into()
        }
        other => other,
    }
}
