//! Who brings something about: the person, what they are known by, and on whose behalf.
//! Kept in columns of its own wherever it is kept, because the busiest tables carry it.

use db::{ColumnList, Columns, DbError, Reading, Result, WallTime, Writing, columns};
use ids::{ApiKeyId, ClientId, GrantId, SessionId, UserId};
use uuid::Uuid;

/// Who brings something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person; nobody for what the program does by itself, and on the command line.
    pub user: Option<UserId>,
    /// What they are known by.
    pub means: Means,
    /// Whose it is, when somebody acts on what belongs to another.
    pub on_behalf_of: Option<UserId>,
}

/// What somebody who acts is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// A login of their own.
    Session(SessionId),
    /// A key that they made for a program.
    ApiKey(ApiKeyId),
    /// What they granted to a client.
    Grant {
        /// The grant.
        id: GrantId,
        /// The client that acts, where it is known.
        client: Option<ClientId>,
    },
    /// A token of an issuer elsewhere that is trusted here.
    External,
    /// A token that was mailed to them.
    MailToken,
    /// Whoever may run commands on the machine.
    CommandLine,
    /// The program itself: time brings it about, or what it noticed.
    Itself,
}

/// That somebody does something at some time. `None` for who is not known, such as the one behind a wrong password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub by: Option<Actor>,
    /// When.
    pub at: WallTime,
}

impl Actor {
    /// The program itself.
    pub const ITSELF: Self = Self { user: None, means: Means::Itself, on_behalf_of: None };

    /// Whoever may run commands on the machine.
    pub const COMMAND_LINE: Self = Self { user: None, means: Means::CommandLine, on_behalf_of: None };

    /// A person, acting for themselves.
    pub const fn person(user: UserId, means: Means) -> Self {
        Self { user: Some(user), means, on_behalf_of: None }
    }

    /// The same, acting on what belongs to the given person, if that is somebody else.
    #[must_use]
    pub fn on_behalf_of(self, owner: Option<UserId>) -> Self {
        Self { on_behalf_of: owner.filter(|owner| self.user != Some(*owner)), ..self }
    }

    /// What they do.
    pub const fn does(self, at: WallTime) -> Act {
        Act { by: Some(self), at }
    }
}

columns! {
    struct StoredActor {
        user: Option<UserId> = user_id,
        credential: Option<String>,
        credential_id: Option<Uuid>,
        client_id: Option<Uuid>,
        on_behalf_of: Option<UserId> = on_behalf_of_id,
    }
}

/// Absent where nobody was known or written down.
impl Columns for Actor {
    const COUNT: usize = StoredActor::COUNT;

    fn list(name: &str, list: &mut ColumnList) {
        StoredActor::list(name, list);
    }

    fn read(row: &mut Reading<'_>) -> Result<Self> {
        Self::read_optional(row)?.ok_or_else(|| DbError::Internal("an actor is missing".to_owned()))
    }

    fn read_optional(row: &mut Reading<'_>) -> Result<Option<Self>> {
        let StoredActor { user, credential, credential_id, client_id, on_behalf_of } = row.take()?;
        let Some(word) = credential else { return Ok(None) };
        let damaged = || DbError::Internal(format!("an actor has a damaged credential {word:?}"));
        let means = Means::parse(&word, credential_id, client_id).ok_or_else(damaged)?;
        Ok(Some(Self { user, means, on_behalf_of }))
    }

    fn write(self, row: &mut Writing<'_>) {
        let Self { user, means, on_behalf_of } = self;
        let credential = Some(means.word().to_owned());
        let (credential_id, client_id) = (means.uuid(), means.client().map(ClientId::uuid));
        StoredActor { user, credential, credential_id, client_id, on_behalf_of }.write(row);
    }
}

impl Act {
    /// Nobody who is known does it.
    pub const fn of_nobody(at: WallTime) -> Self {
        Self { by: None, at }
    }

    /// The person who does it.
    pub fn user(&self) -> Option<UserId> {
        self.by.and_then(|actor| actor.user)
    }

    /// The same, on what belongs to the given person.
    #[must_use]
    pub fn on_behalf_of(self, owner: Option<UserId>) -> Self {
        Self { by: self.by.map(|actor| actor.on_behalf_of(owner)), ..self }
    }
}

impl Means {
    /// Every word.
    pub const WORDS: [&'static str; 7] =
        ["SESSION", "API_KEY", "GRANT", "EXTERNAL", "MAIL_TOKEN", "COMMAND_LINE", "BANK"];

    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        Self::WORDS[match self {
            Self::Session(_) => 0,
            Self::ApiKey(_) => 1,
            Self::Grant { .. } => 2,
            Self::External => 3,
            Self::MailToken => 4,
            Self::CommandLine => 5,
            Self::Itself => 6,
        }]
    }

    /// The identifier of the session, key or grant, as it is shown.
    pub fn id_text(self) -> Option<String> {
        match self {
            Self::Session(id) => Some(id.to_string()),
            Self::ApiKey(id) => Some(id.to_string()),
            Self::Grant { id, .. } => Some(id.to_string()),
            Self::External | Self::MailToken | Self::CommandLine | Self::Itself => None,
        }
    }

    /// The client that acts for the person.
    pub const fn client(self) -> Option<ClientId> {
        match self {
            Self::Grant { client, .. } => client,
            _ => None,
        }
    }

    const fn uuid(self) -> Option<Uuid> {
        match self {
            Self::Session(id) => Some(id.uuid()),
            Self::ApiKey(id) => Some(id.uuid()),
            Self::Grant { id, .. } => Some(id.uuid()),
            Self::External | Self::MailToken | Self::CommandLine | Self::Itself => None,
        }
    }

    fn parse(word: &str, id: Option<Uuid>, client: Option<Uuid>) -> Option<Self> {
        Some(match word {
            "SESSION" => Self::Session(SessionId::from_uuid(id?)),
            "API_KEY" => Self::ApiKey(ApiKeyId::from_uuid(id?)),
            "GRANT" => Self::Grant { id: GrantId::from_uuid(id?), client: client.map(ClientId::from_uuid) },
            "EXTERNAL" => Self::External,
            "MAIL_TOKEN" => Self::MailToken,
            "COMMAND_LINE" => Self::CommandLine,
            "BANK" => Self::Itself,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_come_back_from_what_is_stored() {
        let all = [
            Means::Session(SessionId::generate()),
            Means::ApiKey(ApiKeyId::generate()),
            Means::Grant { id: GrantId::generate(), client: Some(ClientId::generate()) },
            Means::External,
            Means::MailToken,
            Means::CommandLine,
            Means::Itself,
        ];
        for (means, word) in all.into_iter().zip(Means::WORDS) {
            assert_eq!(means.word(), word);
            let client = means.client().map(ClientId::uuid);
            assert_eq!(Means::parse(word, means.uuid(), client), Some(means));
        }
        assert_eq!(Means::parse("SESSION", None, None), None);
        assert_eq!(Means::parse("OTHER", Some(Uuid::nil()), None), None);
    }

    #[test]
    fn nobody_acts_on_their_own_behalf() {
        let (user, other) = (UserId::generate(), UserId::generate());
        let actor = Actor::person(user, Means::External);
        assert_eq!(actor.on_behalf_of(Some(user)), actor);
        assert_eq!(actor.on_behalf_of(None), actor);
        assert_eq!(actor.on_behalf_of(Some(other)).on_behalf_of, Some(other));
    }
}
