//! Proof that customers' accounts and the ledger's accounts are the same ones, with the same owners.

use crate::AccountNumber;
use db::{Result, Snapshot, columns, params, statements};
use ids::AccountId;
use ledger::verify::{Finding, SeenAccount, find};
use std::collections::HashMap;
use uuid::Uuid;

const IN_LEDGER: &str = "every customer's account is in the ledger, in its line of deposits";
const WITH_ACCOUNT: &str = "every account in the ledger's line of deposits is a customer's account";
const OWNER: &str = "an account has the same owner for its customer and in the ledger";
const NUMBER: &str = "an account's number is that of its identifier";

columns! {
    struct Owned { id: AccountId, owner: Option<Uuid> = user_id, number: String }
}

statements! {
    WALK_ACCOUNTS -> Owned = "SELECT {columns} FROM accounts_account";
}

/// The accounts that the ledger has, as its walk shows them: a few words of memory for each.
#[derive(Debug, Default)]
pub struct Register(HashMap<Uuid, Registered>);

/// What of an account others compare with.
#[derive(Debug)]
pub struct Registered {
    /// Whose it is.
    pub holder: Option<Uuid>,
    /// The currency's code.
    pub currency: Box<str>,
    /// Whether it is one of the bank's own.
    pub is_own: bool,
    is_met: bool,
}

impl Register {
    /// Takes an account in.
    pub fn add(&mut self, account: &SeenAccount) {
        // The bank's own accounts are nobody's: whatever their line says, there is nothing of theirs to meet.
        let is_own = account.is_own();
        let currency = account.currency.as_str().into();
        let registered = Registered { holder: account.holder, currency, is_own, is_met: is_own };
        self.0.insert(account.id, registered);
    }

    /// The account, if the ledger has it.
    pub fn get(&self, id: Uuid) -> Option<&Registered> {
        self.0.get(&id)
    }
}

/// Compares customers' accounts with those of the ledger; gives the register back.
///
/// # Errors
/// The database cannot be read. A broken rule is a finding, not an error.
pub async fn verify(snapshot: &Snapshot, register: Register) -> Result<(Register, Vec<Finding>)> {
    let step = |(register, findings): &mut (Register, Vec<Finding>), account: Owned| {
        compare(register, findings, account);
        Ok(())
    };
    let (register, mut findings) = snapshot.fold(&WALK_ACCOUNTS, params![], (register, Vec::new()), step).await?;
    let alone = register.0.iter().filter(|(_, registered)| !registered.is_met).map(|(id, _)| *id);
    if let Some(first) = alone.min() {
        find(&mut findings, WITH_ACCOUNT, || format!("account {}", AccountId::from_uuid(first)));
    }
    Ok((register, findings))
}

fn compare(register: &mut Register, findings: &mut Vec<Finding>, Owned { id, owner, number }: Owned) {
    let name = || format!("account {id}");
    if AccountNumber::of(id).as_str() != number {
        find(findings, NUMBER, name);
    }
    match register.0.get_mut(&id.uuid()) {
        Some(registered) if !registered.is_met => {
            registered.is_met = true;
            if registered.holder != owner {
                find(findings, OWNER, name);
            }
        }
        _ => find(findings, IN_LEDGER, name),
    }
}
