//! What of an event's data people are shown: nothing of the bank's own accounts, of who acted for the bank, or of legs that are
//! others'.

use ids::{AccountId, UserId};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use stream::{Envelope, Recorded};

const PARTIES: [&str; 2] = ["sourceAccountId", "destinationAccountId"];

/// An account's side of a payment: what only its owner is shown, and what is for the books.
const OF_A_SIDE: [(&str, &str, &str); 2] =
    [(PARTIES[0], "sourceSequence", "sourceBalance"), (PARTIES[1], "destinationSequence", "destinationBalance")];

/// Who acted for the bank, how the bank books, with whom else; and why an order was refused, which may tell how an account of
/// somebody else stands: whoever ordered has an answer in words that fit them.
pub(crate) const HIDDEN: [&str; 4] = ["by", "bookedAs", "legs", "reason"];

/// So large an envelope may be; what is larger tells only that it happened.
const BYTES_MAX: usize = 20_000;

/// Whom an event concerns, as far as its data says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Concerned {
    pub(crate) source: Option<AccountId>,
    pub(crate) destination: Option<AccountId>,
    pub(crate) user: Option<UserId>,
}

/// Of all that stands there only this is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    #[serde(borrow, default)]
    source_account_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    destination_account_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    user_id: Option<Cow<'a, str>>,
}

impl Concerned {
    /// Nothing where the data is none that an event has.
    pub(crate) fn read(payload: &str) -> Option<Self> {
        let said: Said<'_> = serde_json::from_str(payload).ok()?;
        let account = |text: Option<Cow<'_, str>>| text.and_then(|text| AccountId::parse(&text).ok());
        Some(Self {
            source: account(said.source_account_id),
            destination: account(said.destination_account_id),
            user: said.user_id.and_then(|text| UserId::parse(&text).ok()),
        })
    }

    /// The accounts of the two sides.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = AccountId> + use<> {
        [self.source, self.destination].into_iter().flatten()
    }
}

fn account(data: &Map<String, Value>, member: &str) -> Option<AccountId> {
    AccountId::parse(data.get(member)?.as_str()?).ok()
}

/// The data as a person is shown it.
pub(crate) fn pared(
    user: UserId,
    kind: &str,
    mut data: Map<String, Value>,
    owners: &HashMap<AccountId, Option<UserId>>,
) -> Map<String, Value> {
    for (member, sequence, balance) in OF_A_SIDE {
        let is_theirs = account(&data, member).is_some_and(|account| owners.get(&account) == Some(&Some(user)));
        if !is_theirs {
            data.remove(balance);
        }
        data.remove(sequence);
    }
    let is_of_payment = kind.starts_with("payments.");
    for member in HIDDEN {
        // A session, a grant or a signature that was refused says why to its owner.
        if is_of_payment || member == "by" {
            data.remove(member);
        }
    }
    for member in PARTIES {
        let is_own = account(&data, member).is_some_and(|account| !owners.contains_key(&account));
        if is_own {
            data.insert(member.to_owned(), Value::Null);
        }
    }
    data
}

/// The envelope with that data.
pub(crate) fn envelope(recorded: &Recorded, data: Map<String, Value>) -> String {
    let data = serde_json::to_string(&data).ok().and_then(|text| RawValue::from_string(text).ok());
    let whole = Envelope { data: data.as_deref(), ..Envelope::of(recorded) };
    let text = whole.to_json();
    if text.len() <= BYTES_MAX { text } else { Envelope { data: None, ..whole }.to_json() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown_to(user: UserId, kind: &str, data: Value, owners: &[(AccountId, Option<UserId>)]) -> Value {
        let Value::Object(data) = data else { panic!("data is an object") };
        Value::Object(pared(user, kind, data, &owners.iter().copied().collect()))
    }

    fn shown(kind: &str, data: Value, owners: &[(AccountId, Option<UserId>)]) -> Value {
        shown_to(UserId::generate(), kind, data, owners)
    }

    #[test]
    fn each_side_is_shown_its_own_balance_only() {
        let (ann, bob) = (UserId::generate(), UserId::generate());
        let (source, destination) = (AccountId::generate(), AccountId::generate());
        let owners = [(source, Some(ann)), (destination, Some(bob))];
        let parties = json!({ "sourceAccountId": source, "destinationAccountId": destination });
        let mut data = parties.clone();
        data["sourceSequence"] = json!(2);
        data["sourceBalance"] = json!("1.00");
        data["destinationSequence"] = json!(7);
        data["destinationBalance"] = json!("9.00");
        let kind = "payments.transaction_settled";
        let mut expected = parties.clone();
        expected["sourceBalance"] = json!("1.00");
        assert_eq!(shown_to(ann, kind, data.clone(), &owners), expected);
        let mut expected = parties.clone();
        expected["destinationBalance"] = json!("9.00");
        assert_eq!(shown_to(bob, kind, data.clone(), &owners), expected);
        assert_eq!(shown(kind, data, &owners), parties);
    }

    #[test]
    fn the_banks_own_accounts_and_how_it_books_are_not_shown() {
        let (own, theirs) = (AccountId::generate(), AccountId::generate());
        let data = json!({
            "amount": "1.00", "sourceAccountId": own, "destinationAccountId": theirs, "bookedAs": "interest",
            "legs": [{ "accountId": own, "amount": "-1.00" }]
        });
        let expected = json!({ "amount": "1.00", "sourceAccountId": null, "destinationAccountId": theirs });
        assert_eq!(shown("payments.transaction_settled", data, &[(theirs, None)]), expected);
    }

    #[test]
    fn who_acted_for_the_bank_is_not_shown_and_why_a_session_ended_is() {
        let data = json!({ "username": "ann", "by": "usr_x", "reason": "revoked" });
        assert_eq!(shown("auth.logged_out", data, &[]), json!({ "username": "ann", "reason": "revoked" }));
    }

    #[test]
    fn why_an_order_was_refused_is_not_shown() {
        let account = AccountId::generate();
        let data = json!({ "command": "transfer", "reason": "ACCOUNT_FROZEN", "sourceAccountId": account });
        let expected = json!({ "command": "transfer", "sourceAccountId": account });
        assert_eq!(shown("payments.refused", data, &[(account, None)]), expected);
    }
}
