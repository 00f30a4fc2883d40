//! Events about a person, as other files and modules write them. The subject is the person; payloads are JSON of
//! identifiers, usernames and fixed words, none of which needs escaping. Never a password, token or e-mail address.

use super::User;
use outbox::{Act, Event};

/// `KIND {"username"}`
pub fn about(user: &User, kind: &str, act: Act) -> Event {
    Event::new(user.id.uuid(), kind, format!(r#"{{"username":"{}"}}"#, user.username), act)
}

/// `KIND {"username", "by"}`: what an administrator did, or the command line, which is null.
pub fn administered(user: &User, kind: &str, act: Act) -> Event {
    administered_with(user, kind, "", act)
}

/// The same with members in between, each with a comma behind it.
pub(crate) fn administered_with(user: &User, kind: &str, members: &str, act: Act) -> Event {
    let by = act.user().map_or_else(|| "null".to_owned(), |by| format!("\"{by}\""));
    let payload = format!(r#"{{"username":"{}",{members}"by":{by}}}"#, user.username);
    Event::new(user.id.uuid(), kind, payload, act)
}
