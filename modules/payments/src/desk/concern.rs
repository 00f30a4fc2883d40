//! Whom a command concerns: the parties to what it names, as the desk has them loaded.

use super::{Desk, holder};
use crate::{Command, Hat, Transaction};
use ids::UserId;

impl Desk {
    /// The earlier transaction that the command is about.
    pub(crate) fn subject(&self, command: &Command) -> Option<&Transaction> {
        command.subject().and_then(|id| self.known.get(&id))
    }

    /// Whether whoever asks has a part in what the command names, or sees all.
    pub(crate) fn concerns(&self, command: &Command, hat: Hat) -> bool {
        hat.sees_all() || self.owners(command).into_iter().any(|owner| hat.owns(owner))
    }

    /// Whose it is that the command is about: who would pay, else who would be paid.
    pub(crate) fn owner(&self, command: &Command) -> Option<UserId> {
        self.owners(command).into_iter().flatten().next()
    }

    fn owners(&self, command: &Command) -> [Option<UserId>; 2] {
        let holder = |id| self.book.account(id).ok().and_then(holder);
        let ordered = command.head().map(|head| [holder(head.source), holder(head.destination)]);
        ordered.or_else(|| self.subject(command).map(Transaction::parties)).unwrap_or_default()
    }
}
