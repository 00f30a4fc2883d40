//! What the bank must say, kept by the story itself from nothing but acknowledged answers.

use crate::{Answer, Client, Door, Memory, Order, decimal, minor_units};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

const ACCOUNTS: usize = 8;
const DEPOSIT_MINOR: i64 = 10_000;
const PAGES_MAX: usize = 10_000;

/// A customer with accounts, and what is on them if every acknowledgement is true.
#[derive(Debug)]
pub struct Books {
    token: String,
    balances: BTreeMap<String, i64>,
    /// Every transfer that was acknowledged, by its identifier.
    settled: HashMap<String, Value>,
}

impl Books {
    /// Makes the customer and pays some money in.
    ///
    /// # Panics
    /// When the bank refuses.
    pub fn open(door: &Door) -> Self {
        Self::open_as(door, "load")
    }

    /// The same for a customer of this name.
    ///
    /// # Panics
    /// When the bank refuses.
    pub fn open_as(door: &Door, username: &str) -> Self {
        let customer = door.register(username);
        let amount = decimal(DEPOSIT_MINOR, 2);
        let balances = (0..ACCOUNTS).map(|_| (customer.open_account_with(&amount), DEPOSIT_MINOR)).collect();
        let token = customer.token().expect("a customer is logged in").to_owned();
        Self { token, balances, settled: HashMap::new() }
    }

    /// The customer, at this door.
    pub fn customer(&self, door: &Door) -> Client {
        door.client(&self.token)
    }

    /// The accounts.
    pub fn accounts(&self) -> Vec<String> {
        self.balances.keys().cloned().collect()
    }

    /// Books what was acknowledged, and nothing else.
    ///
    /// # Panics
    /// When an acknowledgement is not what was ordered, or none at all.
    pub fn book(&mut self, memory: &Memory) {
        assert!(memory.unknown.is_empty(), "every order has its answer");
        for (order, answer) in &memory.answered {
            if answer.status == 422 {
                answer.expect_error(422, "INSUFFICIENT_FUNDS");
                continue;
            }
            let transaction = acknowledged(order, answer);
            *self.balances.get_mut(&order.source).expect("a known account") -= order.amount_minor;
            *self.balances.get_mut(&order.destination).expect("a known account") += order.amount_minor;
            let id = text(&transaction, "id");
            assert!(self.settled.insert(id, transaction).is_none(), "two keys got one transaction: {order:?}");
        }
    }

    /// Asserts that each acknowledged transaction reads as it was acknowledged, and that its key gives the same bytes.
    ///
    /// # Panics
    /// When one does not.
    pub fn expect_kept(&self, client: &Client, memory: &Memory) {
        for (order, answer) in &memory.answered {
            let again = order.send(client).expect("the server answers");
            assert_eq!((again.status, &again.body), (answer.status, &answer.body), "replay of {order:?}");
            assert!(again.is_replayed(), "not marked as replayed: {again:?}");
            if answer.status == 201 {
                let acknowledged = answer.json();
                let path = format!("/api/transactions/{}", text(&acknowledged, "id"));
                assert_eq!(as_paid(client.get(&path).expect(200)), acknowledged);
            }
        }
    }

    /// Asserts that the balances are those of the acknowledged transfers, so that no money came or went.
    ///
    /// # Panics
    /// When they are not.
    pub fn expect_balances(&self, client: &Client) {
        let shown = self.balances.keys().map(|account| {
            let (posted, available) = client.balances(account);
            assert_eq!(posted, available, "nothing is held");
            (account.clone(), minor_units(&posted))
        });
        let shown: BTreeMap<String, i64> = shown.collect();
        assert_eq!(shown, self.balances);
        assert_eq!(shown.values().sum::<i64>(), DEPOSIT_MINOR * ACCOUNTS as i64);
    }

    /// Asserts that the accounts' histories hold exactly the acknowledged transfers, each once on either side.
    ///
    /// # Panics
    /// When one is missing, doubled, different, or was never acknowledged.
    pub fn expect_histories(&self, client: &Client) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for account in self.balances.keys() {
            for transaction in history(client, account).into_iter().map(as_paid) {
                let id = text(&transaction, "id");
                assert_eq!(Some(&transaction), self.settled.get(&id), "listed but not acknowledged");
                *seen.entry(id).or_default() += 1;
            }
        }
        assert_eq!(seen.len(), self.settled.len(), "acknowledged but not listed");
        assert!(seen.values().all(|times| *times == 2), "each is listed once for payer and payee");
    }

    /// How many transfers were acknowledged so far.
    pub fn settled(&self) -> usize {
        self.settled.len()
    }
}

/// A transaction without what only those who look are told: where they stand, and who stands on the other side.
fn as_paid(mut transaction: Value) -> Value {
    let members = transaction.as_object_mut().expect("a transaction");
    for member in ["direction", "counterparty"] {
        assert!(members.remove(member).is_some_and(|value| !value.is_null()), "{member} of {members:?}");
    }
    transaction
}

fn acknowledged(order: &Order, answer: &Answer) -> Value {
    let transaction = answer.expect(201);
    assert_eq!(transaction["status"], "SETTLED");
    assert_eq!(transaction["sourceAccountId"], order.source.as_str());
    assert_eq!(transaction["destinationAccountId"], order.destination.as_str());
    assert_eq!(transaction["amount"], decimal(order.amount_minor, 2));
    transaction
}

/// Every transfer in an account's history, page by page.
fn history(client: &Client, account: &str) -> Vec<Value> {
    let first = format!("/api/transactions/account/{account}?type=TRANSFER&limit=100");
    let mut path = first.clone();
    let mut transactions = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = client.get(&path).expect(200);
        transactions.extend(page["data"].as_array().expect("a page has data").iter().cloned());
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("{first}&cursor={cursor}"),
            None => return transactions,
        }
    }
    panic!("the history of {account} does not end");
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is text in {value}")).to_owned()
}
