//! A kept answer, as whoever repeats the request may see it now: another credential of theirs may not reach as far as the
//! one that was answered first, and they may work as something else by now. Nothing is done anew here.

use crate::App;
use crate::sight::visible_transaction;
use http_core::caller::Caller;
use http_core::problem::{Outcome, Problem, is_figure};
use http_core::problems::{account_not_found, unavailable};
use ids::{AccountId, TransactionId, UserId};
use payments::{Command, Receipt};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// What a request is about.
pub(super) struct About {
    transactions: Vec<TransactionId>,
    /// From where to where, for each order.
    orders: Vec<[AccountId; 2]>,
}

/// Who is asking, and whose the accounts are that the request is about.
struct Sight<'a> {
    caller: &'a Caller,
    holders: HashMap<AccountId, Option<UserId>>,
}

/// An object whose fields stay as they were written.
type Fields = BTreeMap<String, Box<RawValue>>;

impl About {
    pub(super) fn commands(commands: &[Command]) -> Self {
        let orders = commands.iter().filter_map(Command::order);
        Self {
            transactions: commands.iter().filter_map(Command::subject).collect(),
            orders: orders.map(|order| [order.source, order.destination]).collect(),
        }
    }
}

/// The kept answer, to the byte if the caller may see all of it, else without what they may not see.
///
/// What they have no part in looks as if it were not there, as it does when they read.
pub(super) async fn as_seen(app: &App, caller: &Caller, about: &About, kept: Receipt) -> Outcome<Receipt> {
    if caller.sees_all() {
        return Ok(kept);
    }
    let sight = Sight { caller, holders: holders(app, caller, about).await? };
    for [source, destination] in &about.orders {
        if !sight.is_own(*source) && !sight.is_own(*destination) {
            let is_of_bank = ledger::is_line_account(*destination);
            return Err(account_not_found(if is_of_bank { *source } else { *destination }));
        }
    }
    match sight.trim(&kept.body).map_err(|error| Problem::internal(format!("a kept answer is damaged: {error}")))? {
        Some(body) => Ok(Receipt { body, ..kept }),
        None => Ok(kept),
    }
}

async fn holders(app: &App, caller: &Caller, about: &About) -> Outcome<HashMap<AccountId, Option<UserId>>> {
    let ordered: Vec<AccountId> = about.orders.iter().flatten().copied().collect();
    let accounts = if ordered.is_empty() { Vec::new() } else { ledger::accounts(&app.db, &ordered).await? };
    let of_ledger = accounts.into_iter().map(|account| (account.id, account.holder_id.map(UserId::from_uuid)));
    let mut holders: HashMap<AccountId, Option<UserId>> = of_ledger.collect();
    for id in &about.transactions {
        let transaction = visible_transaction(app, caller, *id).await?;
        holders.extend([&transaction.source, &transaction.destination].map(|side| (side.account, side.holder)));
    }
    Ok(holders)
}

impl Sight<'_> {
    fn holder(&self, account: AccountId) -> Option<UserId> {
        self.holders.get(&account).copied().flatten()
    }

    fn is_own(&self, account: AccountId) -> bool {
        self.holder(account) == Some(self.caller.user_id())
    }

    /// The body without what the caller may not see; `None`: they may see all of it.
    fn trim(&self, body: &[u8]) -> serde_json::Result<Option<Vec<u8>>> {
        let mut reply: Fields = serde_json::from_slice(body)?;
        let is_trimmed = match reply.get("data") {
            Some(data) => {
                let mut items: Vec<Fields> = serde_json::from_str(data.get())?;
                let mut is_trimmed = false;
                for item in &mut items {
                    is_trimmed |=
                        self.trim_error(item)? | trim_field(item, "transaction", |it| self.trim_transaction(it))?;
                }
                reply.insert("data".to_owned(), raw(&items)?);
                is_trimmed
            }
            None => self.trim_error(&mut reply)? | self.trim_transaction(&mut reply)?,
        };
        if is_trimmed { serde_json::to_vec(&reply).map(Some) } else { Ok(None) }
    }

    /// Who started it is for the bank's own people, and a balance for whose it is, with a credential that reads.
    fn trim_transaction(&self, transaction: &mut Fields) -> serde_json::Result<bool> {
        let started_by = transaction.remove("startedBy");
        let is_hidden = |side: &RawValue| {
            let account =
                serde_json::from_str::<Map<String, Value>>(side.get()).ok().and_then(|side| account_in(&side));
            !account.is_some_and(|account| self.caller.may_see_balance(self.holder(account)))
        };
        let is_trimmed = trim_field(transaction, "balances", |balances| {
            let before = balances.len();
            balances.retain(|_, side| !is_hidden(side));
            Ok(balances.len() < before)
        })?;
        Ok(is_trimmed || started_by.is_some())
    }

    /// Why another's account takes no part is between them and the bank, and so are figures.
    fn trim_error(&self, reply: &mut Fields) -> serde_json::Result<bool> {
        trim_field(reply, "error", |error| {
            let Some(details) = error.get("details") else { return Ok(false) };
            let mut details: Map<String, Value> = serde_json::from_str(details.get())?;
            let account = account_in(&details);
            let has_reason = |word: &str| details.get("reason").and_then(Value::as_str) == Some(word);
            if let Some(account) = account
                && !self.is_own(account)
                && ["FROZEN", "CLOSED"].into_iter().any(has_reason)
            {
                *error = serde_json::from_str(&serde_json::to_string(&unavailable(account).body())?)?;
                return Ok(true);
            }
            let whose = account.map_or(Some(self.caller.user_id()), |account| self.holder(account));
            let before = details.len();
            if !self.caller.may_see_balance(whose) {
                details.retain(|name, _| !is_figure(name));
            }
            let is_trimmed = details.len() < before;
            error.insert("details".to_owned(), raw(&details)?);
            Ok(is_trimmed)
        })
    }
}

/// Trims an object in a field, if it is there; returns whether anything was taken away.
fn trim_field(
    fields: &mut Fields,
    name: &str,
    trim: impl FnOnce(&mut Fields) -> serde_json::Result<bool>,
) -> serde_json::Result<bool> {
    let Some(field) = fields.get(name) else { return Ok(false) };
    let mut inner: Fields = serde_json::from_str(field.get())?;
    let is_trimmed = trim(&mut inner)?;
    fields.insert(name.to_owned(), raw(&inner)?);
    Ok(is_trimmed)
}

fn account_in(object: &Map<String, Value>) -> Option<AccountId> {
    AccountId::parse(object.get("accountId")?.as_str()?).ok()
}

fn raw(value: &impl Serialize) -> serde_json::Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value)
}
