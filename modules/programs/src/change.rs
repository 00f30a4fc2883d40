//! What people are mailed when a program gets in for them, or no longer does.

use identity::Change;

pub(crate) fn api_key_made(name: &str) -> Change {
    Change::new("api_key_made", "An API key was made", &format!("the API key \"{name}\" was made."))
}

pub(crate) fn api_key_rotated(name: &str) -> Change {
    let what = format!("the API key \"{name}\" got a new secret.");
    Change::new("api_key_rotated", "An API key got a new secret", &what)
}

pub(crate) fn program_key_changed(name: &str) -> Change {
    let what = format!("what requests of the API key \"{name}\"\nare signed with was changed.");
    Change::new("signer_key_changed", "What an API key signs with was changed", &what)
}

pub(crate) fn client_registered(name: &str) -> Change {
    let what = format!("the client \"{name}\" was registered;\nwith its secret, if it has one, it acts for you.");
    Change::new("client_registered", "A client was registered", &what)
}

pub(crate) fn granted(client: &str) -> Change {
    let what = format!("the program \"{client}\" was allowed\nto use your accounts.");
    Change::new("granted", "A program may use your accounts", &what)
}

pub(crate) fn identity_linked() -> Change {
    Change::in_words(
        "identity_linked",
        "A login elsewhere opens your accounts",
        "programs that you log in to with your identity elsewhere can use your\naccounts from now on.\n\n\
         If you did not ask for this, tell the bank at once.",
    )
}

pub(crate) fn identity_unlinked() -> Change {
    Change::in_words(
        "identity_unlinked",
        "A login elsewhere no longer opens your accounts",
        "programs that you log in to with your identity elsewhere can not use\nyour accounts any more.\n\n\
         If you did not ask for this, tell the bank.",
    )
}
