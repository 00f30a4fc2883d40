//! Which events are logged: all that changes what the bank is or whose money is where, and whoever looked. News about
//! deliveries are not: they repeat what was logged.

/// What kinds begin with that are not logged.
const NOT_LOGGED: [&str; 2] = ["notifications.", "webhooks."];
/// The kind of event that books an entry of the ledger under the identifier of its subject.
pub(crate) const SETTLED: &str = "payments.transaction_settled";

/// Whether events of the kind are logged. Whatever is new is.
pub fn is_logged(kind: &str) -> bool {
    !NOT_LOGGED.iter().any(|beginning| kind.starts_with(beginning))
}
