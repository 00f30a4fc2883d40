//! Who brought something about, as the bank's own people are shown it.

use super::Text;
use super::schema;
use ids::{ClientId, UserId};
use outbox::Actor;
use serde::Serialize;
use utoipa::ToSchema;

/// Who brought something about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Actor)]
pub struct ActorReply {
    /// The person; null for what the bank does by itself, and for the command line.
    #[schema(value_type = Option<schema::UserIdText>)]
    user_id: Option<Text<UserId>>,
    /// What they were known by.
    #[schema(value_type = schema::CredentialWord)]
    credential: &'static str,
    /// The identifier of the session, key or grant.
    #[schema(example = "ses_01k6w3m8pq2v5x7z9b1d3f5h7k")]
    credential_id: Option<String>,
    /// The client that acted for them.
    #[schema(value_type = Option<schema::ClientIdText>)]
    client_id: Option<Text<ClientId>>,
    /// Whose it was, where somebody acted on what belongs to another.
    #[schema(value_type = Option<schema::UserIdText>)]
    on_behalf_of: Option<Text<UserId>>,
}

impl From<Actor> for ActorReply {
    fn from(actor: Actor) -> Self {
        Self {
            user_id: actor.user.map(Text),
            credential: actor.means.word(),
            credential_id: actor.means.id_text(),
            client_id: actor.means.client().map(Text),
            on_behalf_of: actor.on_behalf_of.map(Text),
        }
    }
}
