//! The description of the API in OpenAPI 3.1, made of the tables of routes and of what the handlers say of themselves.
//! It becomes `api/openapi.json` in the repository and `/openapi.json` of a server; `docs.rs` shows it.

mod codes;
mod limits;
mod operation;
mod table;
mod whole;

pub use table::routes_markdown;

use crate::routes::{ROUTES, described};
use http_core::problem::Envelope;
use std::sync::LazyLock;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema as _, ToSchema as _};

const TOKEN: &str = "accessToken";
const API_KEY: &str = "apiKey";

const API_KEY_MEANING: &str = "`flk_…`, of `POST /api/auth/api-keys`; reaches the scopes that it was made with. \
                               It may ask for signed requests (RFC 9421).";

/// The API in OpenAPI 3.1.
pub fn openapi() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Florin")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("A bank: accounts, and money that moves between them."))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()));
    let own = OpenApiBuilder::new().info(info.build()).components(Some(components())).build();
    let mut api = described().into_iter().fold(own, OpenApi::merge_from);
    whole::require_what_is_always_there(&mut api);
    for spec in ROUTES {
        let item = api.paths.paths.get_mut(spec.path);
        if let Some(operation) = item.and_then(|item| operation_mut(item, spec.method)) {
            operation::complete(operation, spec);
        }
    }
    api
}

/// The description as JSON; the same for the whole life of the process.
pub(crate) fn openapi_json() -> &'static str {
    static JSON: LazyLock<String> =
        LazyLock::new(|| openapi().to_json().expect("the description is plain data and serialises"));
    &JSON
}

/// The error envelope, and the two kinds of credentials.
fn components() -> Components {
    let mut schemas = vec![(Envelope::name().into_owned(), Envelope::schema())];
    Envelope::schemas(&mut schemas);
    let bearer = || HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let token = bearer().bearer_format("JWT").build();
    let api_key = bearer().description(Some(API_KEY_MEANING)).build();
    ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme(TOKEN, SecurityScheme::Http(token))
        .security_scheme(API_KEY, SecurityScheme::Http(api_key))
        .build()
}

fn operation_mut<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    match method {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}
