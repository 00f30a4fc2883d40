//! What this module leaves in the outbox, to be logged like everything else.

use outbox::{Act, Event, events};
use uuid::Uuid;

events! {
    /// What happens to the audit log itself.
    pub(crate) enum AuditEvent<'a> about Bank for Staff {
        /// A key signs the heads of the log from now on, or under another name.
        KeyMade = "audit.key_made" { vkey: &'a str, from_size: u64 },
        /// A segment of the log is what it will always be, and goes to the vault.
        SegmentSealed = "audit.segment_sealed" { first_leaf: u64, last_leaf: u64, sha256: &'a str },
        /// Somebody searched the log.
        Read = "audit.read" {
            kind: Option<&'a str>,
            searched_subject: Option<String>,
            searched_actor: Option<String>,
            from: Option<String>,
            to: Option<String>,
        },
    }
}

impl AuditEvent<'_> {
    pub(crate) fn by(&self, act: Act) -> Event {
        Event::of(Uuid::nil(), self, act)
    }
}
