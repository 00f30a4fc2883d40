//! What follows for the description of an operation from the row of its route: who may call it, with which key, and how it
//! fails.

use super::{API_KEY, TOKEN, codes, limits};
use axum::http::StatusCode;
use http_core::ErrorCode;
use http_core::LimitClass;
use http_core::route::{Needs, RouteSpec, Who};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema};

const KEY_IS: &str = "Your name for this request: sent again within 30 days, it has one effect and gets one answer. A refusal \
    (422) is an answer too and is kept under the key: to try anew, after paying in for example, take another key. What was \
    not understood, not allowed or not found (400, 401, 403, 404, 429, 5xx) is not kept. A key belongs to its caller and route.";

/// Adds what the handler does not say of itself.
pub(super) fn complete(operation: &mut Operation, spec: &RouteSpec) {
    if spec.who != Who::Public {
        operation.security = Some(credentials(spec.needs));
    }
    if spec.needs_key() {
        operation.parameters.get_or_insert_default().push(idempotency_key().into());
    }
    allow_absence(operation);
    add_failures(operation, spec);
    if LimitClass::of(spec.work).is_some() {
        limits::describe(operation);
    }
}

fn credentials(needs: Needs) -> Vec<SecurityRequirement> {
    let token = SecurityRequirement::new(TOKEN, [] as [&str; 0]);
    let api_key = match needs {
        Needs::Scope(scope) => Some(SecurityRequirement::new(API_KEY, [scope.word()])),
        Needs::Nothing | Needs::Session | Needs::FreshSession => None,
    };
    std::iter::once(token).chain(api_key).collect()
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(KEY_IS))
        .schema(Some(text))
        .build()
}

/// A body that may be absent is never the word `null`.
fn allow_absence(operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let contents = body.content.values_mut();
    let optional = contents.filter_map(|content| match content {
        RefOr::T(Content { schema: Some(schema), .. }) => without_null(schema),
        _ => None,
    });
    if optional.count() > 0 {
        body.required = Some(Required::False);
    }
}

fn without_null(schema: &mut RefOr<Schema>) -> Option<()> {
    let RefOr::T(Schema::OneOf(either)) = schema else { return None };
    let other = either.items.iter().find(|item| matches!(item, RefOr::Ref(_)))?.clone();
    *schema = other;
    Some(())
}

fn add_failures(operation: &mut Operation, spec: &RouteSpec) {
    let mut by_status: BTreeMap<StatusCode, Vec<ErrorCode>> = BTreeMap::new();
    for failure in codes::of(spec) {
        by_status.entry(failure.status).or_default().push(failure.code);
    }
    for (status, codes) in by_status {
        let described = operation.responses.responses.entry(status.as_str().to_owned());
        match described {
            // What the handler says of the status, such as a page, stands beside the envelope.
            Entry::Occupied(mut said) if spec.failures.is_none() => {
                if let RefOr::T(said) = said.get_mut() {
                    said.content.extend(envelope(&codes).content);
                }
            }
            Entry::Occupied(mut said) => drop(said.insert(envelope(&codes).into())),
            Entry::Vacant(place) => drop(place.insert(envelope(&codes).into())),
        }
    }
}

fn envelope(codes: &[ErrorCode]) -> Response {
    let lines: Vec<String> =
        codes.iter().map(|code| format!("- `{}`: {}", code.word(), code.meaning().trim())).collect();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    ResponseBuilder::new().description(lines.join("\n")).content("application/json", content).build()
}
