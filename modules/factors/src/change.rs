//! What people are mailed when a second factor of theirs comes or goes.

use identity::Change;

pub(crate) fn app_added() -> Change {
    factor("A second factor was added", "an authenticator app was added.")
}

pub(crate) fn app_removed() -> Change {
    factor("A second factor was removed", "its authenticator app was removed.")
}

pub(crate) fn passkey_added(name: &str) -> Change {
    factor("A second factor was added", &format!("the passkey \"{name}\" was added."))
}

pub(crate) fn passkey_removed() -> Change {
    factor("A second factor was removed", "a passkey was removed.")
}

pub(crate) fn factors_reset() -> Change {
    factor("Your second factors were removed", "the bank took every second factor away.")
}

pub(crate) fn recovery_codes_replaced() -> Change {
    let what = "new recovery codes were made; the old ones are worth nothing now.";
    factor("Your recovery codes were made anew", what)
}

fn factor(subject: &'static str, what: &str) -> Change {
    Change::new("second_factor_changed", subject, what)
}
