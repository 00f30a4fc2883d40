//! What takes two people in this bank: each module registers what is its business. How it is asked for and decided is the
//! matter of the module of approvals.

use crate::opening::People;
use approvals::{Actions, Approvals};
use db::Db;
use payments::Payments;
use std::sync::Arc;

/// The service of approvals, over all that can be asked for.
pub(crate) fn open(db: &Db, people: &People, payments: &Payments) -> Approvals {
    let known: Arc<dyn approvals::People> = people.identity.clone();
    let actions = accounts::register_actions(Actions::default());
    let actions = payments::register_actions(actions, payments, Arc::clone(&known));
    let actions = fraud::register_actions(actions, payments.fraud());
    let actions = identity::register_actions(actions, &people.identity);
    let actions = programs::register_actions(actions, &people.programs);
    Approvals::new(db.clone(), known, actions)
}

#[cfg(test)]
mod tests;
