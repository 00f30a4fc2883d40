//! The body of a request that has nothing to say.

use serde::Deserialize;
use utoipa::ToSchema;

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Nothing)]
pub struct EmptyBody {}
