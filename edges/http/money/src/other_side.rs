//! Who stands on the other side of transactions, as somebody sees them. Read when they are shown, a page at a time: what
//! moves money knows nothing of names.

use crate::App;
use crate::wire::counterparty::{CounterpartyKind, CounterpartyReply, DirectionWord, Seen};
use ::accounts::AccountLabel;
use http_core::caller::Caller;
use http_core::problem::Outcome;
use identity::Username;
use ids::{AccountId, UserId};
use payments::{Side, Transaction};
use std::collections::HashMap;

/// From where transactions are looked at.
#[derive(Clone, Copy)]
pub(crate) enum Viewpoint {
    /// From one account: the money comes or goes.
    Account(AccountId),
    /// From all that a person has: it may also stay with them.
    Person(UserId),
}

/// Which way the money goes, and who stands there.
struct View<'a> {
    direction: DirectionWord,
    other: &'a Side,
}

/// What is known of the other sides of some transactions.
pub(crate) struct OtherSides {
    viewpoint: Viewpoint,
    accounts: HashMap<AccountId, AccountLabel>,
    people: HashMap<UserId, Username>,
}

impl Viewpoint {
    fn of(self, transaction: &Transaction) -> Option<View<'_>> {
        let Transaction { source, destination, .. } = transaction;
        let is_here = |side: &Side| match self {
            Self::Account(account) => side.account == account,
            Self::Person(user) => side.holder == Some(user),
        };
        let (direction, other) = match (is_here(source), is_here(destination)) {
            (true, true) => (DirectionWord::Own, destination),
            (true, false) => (DirectionWord::Out, destination),
            (false, true) => (DirectionWord::In, source),
            (false, false) => return None,
        };
        Some(View { direction, other })
    }
}

impl OtherSides {
    /// Two reads, however many transactions there are.
    pub(crate) async fn of(app: &App, viewpoint: Viewpoint, transactions: &[Transaction]) -> Outcome<Self> {
        let others = || transactions.iter().filter_map(move |one| viewpoint.of(one)).map(|view| view.other);
        let mut ids: Vec<AccountId> = others().filter(|side| !side.is_own).map(|side| side.account).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut people: Vec<UserId> = others().filter_map(|side| side.holder).collect();
        people.sort_unstable();
        people.dedup();
        let accounts = ::accounts::labels(&app.db, &ids).await?;
        let people = identity::usernames(&app.db, &people).await?;
        Ok(Self { viewpoint, accounts, people })
    }

    /// The transaction from here; nothing for who stands on no side of it.
    pub(crate) fn seen(&self, transaction: &Transaction, caller: &Caller) -> Option<Seen> {
        let View { direction, other } = self.viewpoint.of(transaction)?;
        Some(Seen { direction, counterparty: self.counterparty(transaction, other, caller) })
    }

    fn counterparty(&self, transaction: &Transaction, other: &Side, caller: &Caller) -> CounterpartyReply {
        // Only what was imported names somebody whom the bank does not know: what clients write, they could make up.
        let imported = || transaction.imported_counterparty();
        let label = self.accounts.get(&other.account).filter(|_| !other.is_own);
        let number_last4 = label.map(|label| last_four(label.number.as_str()));
        match (label, other.holder) {
            (Some(label), Some(holder)) if holder == caller.user_id() => {
                CounterpartyReply { kind: CounterpartyKind::Own, name: Some(label.name.to_string()), number_last4 }
            }
            (Some(_), Some(holder)) => {
                let name = self.people.get(&holder).map(|name| name.as_str().to_owned());
                CounterpartyReply { kind: CounterpartyKind::Customer, name, number_last4 }
            }
            (Some(_), None) => CounterpartyReply { kind: CounterpartyKind::Customer, name: imported(), number_last4 },
            (None, _) => match imported() {
                Some(name) => {
                    CounterpartyReply { kind: CounterpartyKind::External, name: Some(name), number_last4: None }
                }
                None => CounterpartyReply { kind: CounterpartyKind::Bank, name: None, number_last4: None },
            },
        }
    }
}

pub(crate) fn last_four(number: &str) -> String {
    number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}
