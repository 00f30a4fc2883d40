//! Which fields of replies are always there. A field that may be null is written as null in whatever is only ever written;
//! in what is read it may be left out. So the rule needs no list: it follows from who refers to a schema.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, RefOr, Schema};

/// Requires the fields that may be null in every schema that no request refers to.
pub(super) fn require_what_is_always_there(api: &mut OpenApi) {
    let read = schemas_of_requests(api);
    let Some(components) = &mut api.components else { return };
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::Object(object)) = schema
            && !read.contains(name)
        {
            let nullable = object.properties.iter().filter(|(_, property)| may_be_null(property));
            let nullable: Vec<String> = nullable.map(|(field, _)| field.clone()).collect();
            let missing = nullable.into_iter().filter(|field| !object.required.contains(field));
            let missing: Vec<String> = missing.collect();
            object.required.extend(missing);
        }
    }
}

/// The schemas that requests are read by, and those that these refer to.
fn schemas_of_requests(api: &OpenApi) -> BTreeSet<String> {
    let items = api.paths.paths.values();
    let operations = items.flat_map(|item| [&item.get, &item.post, &item.put, &item.delete]).flatten();
    let mut unseen: Vec<String> =
        operations.flat_map(|Operation { request_body, .. }| referred(request_body)).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = unseen.pop() {
        let schema = api.components.as_ref().and_then(|components| components.schemas.get(&name));
        if seen.insert(name) {
            unseen.extend(schema.map(referred).unwrap_or_default());
        }
    }
    seen
}

fn referred(part: &impl Serialize) -> Vec<String> {
    let text = serde_json::to_string(part).unwrap_or_default();
    let references = text.split("#/components/schemas/").skip(1);
    references.filter_map(|reference| reference.split('"').next()).map(str::to_owned).collect()
}

fn may_be_null(property: &RefOr<Schema>) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let schema = serde_json::to_value(property).unwrap_or_default();
    let listed = schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(is_null));
    listed || schema["oneOf"].as_array().is_some_and(|either| either.iter().any(|one| is_null(&one["type"])))
}
