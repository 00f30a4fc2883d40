//! The parameters behind the question mark: known ones only, each at most once.

use crate::problem::{Outcome, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::borrow::Cow;

/// The parameters of a request that has passed the gate.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

/// Refuses parameters that the route does not have, and repeated ones.
pub(crate) fn require_known(query: &str, known: &[&str]) -> Outcome<()> {
    let mut seen: Vec<Cow<'_, str>> = Vec::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if !known.contains(&&*name) {
            return Err(Problem::invalid(shortened(&name), "is not a parameter of this route"));
        }
        if seen.contains(&name) {
            return Err(Problem::invalid(name, "is given twice"));
        }
        seen.push(name);
    }
    Ok(())
}

/// What a client made up is not repeated at length.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

impl Parameters {
    /// The value of a parameter, if it was given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, read; what the reader says of a wrong one becomes the reason.
    pub(crate) fn read<T, E: std::fmt::Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Outcome<Option<T>> {
        self.text(name).map(|text| read(text).map_err(|error| Problem::invalid(name, error.to_string()))).transpose()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}
