//! `/api/auth/oauth/clients`: the programs that somebody has registered.

use crate::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use db::WallTime;
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::{Head, InTable, Wanted};
use http_core::wire::Text;
use http_core::wire::schema::{ClientIdText, ScopeWord, Time};
use identity::{Scope, Scopes};
use ids::ClientId;
use programs::oauth::{Client, ClientSecret, NewClient, RedirectUri};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A program to register.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewClient)]
pub(crate) struct NewClientBody {
    /// What people are asked about: 1 to 64 characters.
    name: String,
    /// Where browsers may be sent back to: https, http on a loopback address, or a scheme of an app's own.
    #[serde(default)]
    redirect_uris: Vec<String>,
    /// Whether it runs where only its makers look, and so can keep a secret.
    confidential: bool,
    /// The most that may be granted to it.
    #[schema(value_type = Vec<ScopeWord>)]
    scopes: Vec<String>,
}

/// A program that acts for people.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Client)]
pub(crate) struct ClientReply {
    #[schema(value_type = ClientIdText)]
    id: Text<ClientId>,
    name: String,
    redirect_uris: Vec<String>,
    confidential: bool,
    #[schema(value_type = Vec<ScopeWord>)]
    scopes: Vec<&'static str>,
    #[schema(value_type = Time)]
    created_at: Text<WallTime>,
}

impl InTable for ClientReply {
    const HEAD: Head =
        Head { file_name: "clients", columns: &["id", "name", "redirectUris", "confidential", "scopes", "createdAt"] };
}

/// A program that was just registered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RegisteredClient)]
pub(crate) struct RegisteredClientReply {
    client: ClientReply,
    /// Shown this once; null for a public client.
    secret: Option<String>,
}

/// A page of programs.
#[derive(ToSchema)]
#[schema(as = ClientPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "this type only describes")]
pub(crate) struct ClientPageReply {
    data: Vec<ClientReply>,
    next_cursor: Option<String>,
}

/// Registers a program.
#[utoipa::path(
    post,
    path = "/api/auth/oauth/clients",
    tag = "oauth",
    operation_id = "register_client",
    request_body = NewClientBody,
    responses((status = 201, description = "Registered", body = RegisteredClientReply)),
)]
pub(crate) async fn register(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let NewClientBody { name, redirect_uris, confidential, scopes } = body.read()?;
    let secret = if confidential { ClientSecret::Kept } else { ClientSecret::None };
    let new = NewClient { name, redirect_uris, scopes: read_scopes(&scopes)?, secret };
    let (client, secret) = app.programs.register_client(&caller.identity, new, app.now()).await?;
    Ok(json(StatusCode::CREATED, &RegisteredClientReply { client: client.into(), secret }))
}

/// The caller's programs.
#[utoipa::path(
    get,
    path = "/api/auth/oauth/clients",
    tag = "oauth",
    operation_id = "list_clients",
    params(http_core::wire::schema::PageParameters),
    responses((
        status = 200, description = "The oldest first",
        content((ClientPageReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<ClientId>::read(&parameters)?;
    let clients = app.programs.clients(caller.user_id(), page.after, page.rows()).await?;
    Ok(page.answer(wanted, clients, |client| client.id, ClientReply::from))
}

/// Removes a program; everything granted to it ends at once.
#[utoipa::path(
    delete,
    path = "/api/auth/oauth/clients/{id}",
    tag = "oauth",
    operation_id = "remove_client",
    params(("id" = ClientIdText, Path)),
    responses((status = 204, description = "Removed")),
)]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<ClientId>,
) -> Outcome<Response> {
    app.programs.remove_client(&caller.identity, id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn read_scopes(words: &[String]) -> Outcome<Scopes> {
    let scopes: Option<Scopes> = words.iter().map(|word| Scope::parse(word)).collect();
    scopes.ok_or_else(|| Problem::invalid("scopes", "must be scopes of this bank"))
}

impl From<Client> for ClientReply {
    fn from(client: Client) -> Self {
        Self {
            id: Text(client.id),
            confidential: client.is_confidential(),
            redirect_uris: client.redirect_uris.iter().map(RedirectUri::as_str).map(str::to_owned).collect(),
            scopes: client.scopes.iter().map(Scope::word).collect(),
            created_at: Text(client.created_at),
            name: client.name,
        }
    }
}
