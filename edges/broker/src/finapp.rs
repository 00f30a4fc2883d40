//! FinApp's queues: what people do, each time as a line of text in a queue of its own, with a token in the header
//! `Authorization` by which consumers know that it is the bank's and about whom. Programs written for FinApp read them.

use crate::{Message, Place};
use identity::Identity;
use ids::UserId;
use outbox::Event;
use serde::Deserialize;

/// The queues, as FinApp names them.
pub(crate) const QUEUES: [&str; 4] =
    ["user_registered", "user_activity", "application_submitted", "financing_option_selected"];
/// The header with the token, which stands there without a word before it.
pub(crate) const AUTHORIZATION: &str = "Authorization";
/// So many messages wait in each; the oldest give way, so that a queue that nobody reads holds nothing up.
pub(crate) const MESSAGES_MAX: i64 = 100_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    username: String,
    by_registering: Option<bool>,
}

/// A line in one of the queues.
struct Line {
    queue: &'static str,
    username: String,
    text: String,
}

/// What one of the queues gets of an event; nothing of most.
pub(crate) fn message(event: &Event, identity: &Identity) -> Option<Message> {
    let Line { queue, username, text } = line(event)?;
    let token = identity.sign_message(&identity::Message {
        id: event.id,
        user_id: UserId::from_uuid(event.subject_id),
        username: &username,
        at: event.happened_at,
        text: &text,
    });
    Some(Message {
        place: Place::Queue { name: queue, token },
        id: event.id.to_string(),
        kind: event.kind.clone(),
        happened_at: event.happened_at,
        body: text,
    })
}

fn line(event: &Event) -> Option<Line> {
    if !matches!(event.kind.as_str(), "auth.user_registered" | "auth.logged_in") {
        return None;
    }
    let Data { username, by_registering } = serde_json::from_str(&event.payload).ok()?;
    match event.kind.as_str() {
        "auth.user_registered" => Some(Line { queue: "user_registered", text: username.clone(), username }),
        // FinApp counts registrations and logins apart.
        _ if by_registering == Some(true) => None,
        _ => {
            let mut text = format!("User {username} logged in at {}", event.happened_at);
            // Python's isoformat of a time without a zone.
            text.pop();
            Some(Line { queue: "user_activity", text, username })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::WallTime;
    use uuid::Uuid;

    fn line_of(kind: &str, payload: &str) -> Option<(&'static str, String)> {
        let at = WallTime::parse("2026-03-01T09:05:00.000123Z").unwrap();
        let event = Event::new(Uuid::now_v7(), kind, payload.to_owned(), outbox::Act { by: None, at });
        line(&event).map(|line| (line.queue, line.text))
    }

    #[test]
    fn finapps_lines_are_its_own_to_the_letter() {
        let data = r#"{"username":"john_doe","sessionId":"ses_1"}"#;
        assert_eq!(line_of("auth.user_registered", data), Some(("user_registered", "john_doe".to_owned())));
        let expected = "User john_doe logged in at 2026-03-01T09:05:00.000123".to_owned();
        assert_eq!(line_of("auth.logged_in", data), Some(("user_activity", expected)));
    }

    #[test]
    fn a_registration_is_no_login_and_everything_else_is_no_line() {
        assert_eq!(line_of("auth.logged_in", r#"{"username":"john_doe","byRegistering":true}"#), None);
        assert_eq!(line_of("auth.logged_out", r#"{"username":"john_doe"}"#), None);
        assert_eq!(line_of("payments.transaction_settled", r#"{"amount":"1.00"}"#), None);
        assert_eq!(line_of("auth.logged_in", "{}"), None, "what an older version wrote is skipped");
    }
}
