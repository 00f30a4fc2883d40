//! The description of the API says what the API does.

use crate::bank::with_bank;
use http_edge::{ErrorCode, ROUTES};
use serde_json::Value;
use std::collections::BTreeSet;

fn described() -> Value {
    serde_json::to_value(http_edge::openapi()).unwrap()
}

fn operations(api: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    found
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let api = described();
    let described: BTreeSet<(String, String)> =
        operations(&api).into_iter().map(|(method, path, _)| (method, path)).collect();
    let routes: BTreeSet<(String, String)> =
        ROUTES.iter().map(|spec| (spec.method.to_owned(), spec.path.to_owned())).collect();
    assert_eq!(described, routes);
    assert_eq!(routes.len(), ROUTES.len());
}

#[test]
fn parameters_are_described_as_the_tables_of_routes_have_them() {
    let api = described();
    for (method, path, operation) in operations(&api) {
        let spec = ROUTES.iter().find(|spec| spec.method == method && spec.path == path).unwrap();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let names = |kind: &str| -> BTreeSet<String> {
            let of_kind = parameters.iter().filter(|parameter| parameter["in"] == kind);
            of_kind.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
        };
        if let Some(known) = spec.query {
            let query: BTreeSet<String> = known.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(names("query"), query, "{method} {path}");
        }
        let in_path: BTreeSet<String> =
            path.split('/').filter_map(|part| Some(part.strip_prefix('{')?.strip_suffix('}')?.to_owned())).collect();
        assert_eq!(names("path"), in_path, "{method} {path}");
        assert!(operation["responses"]["500"].is_object(), "{method} {path}");
    }
}

#[test]
fn the_codes_are_a_closed_list_and_each_is_answered_by_some_route() {
    let api = described();
    let listed: BTreeSet<&str> = api["components"]["schemas"]["ErrorCode"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let all: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.word()).collect();
    assert_eq!(listed, all);
    let text = api["paths"].to_string();
    // Of a method that is not allowed no operation can tell.
    for code in all.iter().filter(|code| **code != "METHOD_NOT_ALLOWED") {
        assert!(text.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn limits_are_described_wherever_requests_are_limited() {
    let api = described();
    for (method, path, operation) in operations(&api) {
        let is_limited = path != "/health";
        let too_many = &operation["responses"]["429"];
        assert_eq!(too_many["headers"]["Retry-After"].is_object(), is_limited, "{method} {path}");
        for reply in operation["responses"].as_object().unwrap().values() {
            for name in ["RateLimit", "RateLimit-Policy"] {
                assert_eq!(reply["headers"][name].is_object(), is_limited, "{method} {path}");
            }
        }
    }
}

#[test]
fn identifiers_of_operations_are_unique_and_references_lead_somewhere() {
    let api = described();
    let all = operations(&api);
    let names: BTreeSet<&str> =
        all.iter().map(|(_, _, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), all.len());
    assert_eq!(api["openapi"], "3.1.0");
    let text = api.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(api["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
fn words_are_described_as_the_modules_have_them() {
    let api = described();
    let words = |name: &str| -> Vec<String> {
        let listed = api["components"]["schemas"][name]["enum"].as_array().unwrap();
        listed.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let types: Vec<&str> = payments::TransactionType::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(words("TransactionType"), types);
    let statuses: Vec<&str> = payments::TransactionStatus::ALL.iter().map(|status| status.word()).collect();
    assert_eq!(words("TransactionStatus"), statuses);
    assert!(words("AccountStatus").iter().all(|word| ledger::AccountStatus::parse(word).is_some()));
    assert!(words("AccountType").iter().all(|word| accounts::AccountKind::parse(word).is_some()));
    assert!(words("Role").iter().all(|word| identity::Role::parse(word).is_some()));
}

#[test]
fn the_page_of_routes_is_that_of_the_table() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/routes.md")).unwrap();
    assert!(page == http_edge::routes_markdown(), "docs/routes.md is old: florin routes > docs/routes.md");
}

#[test]
fn the_description_in_the_repository_is_that_of_the_program() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../api/openapi.json")).unwrap();
    let written = http_edge::openapi().to_pretty_json().unwrap();
    assert!(committed.trim_end() == written, "api/openapi.json is old: florin openapi > api/openapi.json");
}

#[test]
fn fields_of_replies_are_always_there_and_those_of_requests_may_be_left_out() {
    let api = described();
    let required = |schema: &str| -> BTreeSet<String> {
        let listed = api["components"]["schemas"][schema]["required"].as_array().cloned().unwrap_or_default();
        listed.iter().map(|field| field.as_str().unwrap().to_owned()).collect()
    };
    assert!(required("Account").is_superset(&["id", "userId", "overdraftLimit"].map(str::to_owned).into()));
    assert!(required("AccountPage").contains("nextCursor"));
    assert_eq!(required("OpenAccount"), ["type", "currency"].map(str::to_owned).into());
    assert_eq!(required("ChangeAccount"), BTreeSet::new());
    // A refresh token is left out rather than null, as RFC 6749 has it.
    assert!(required("Tokens").contains("access_token") && !required("Tokens").contains("refresh_token"));
}

#[test]
fn the_description_is_served() {
    with_bank(async |bank| {
        let served = bank.send("GET", "/openapi.json").await_answer().await;
        assert_eq!(served.header("content-type"), Some("application/json"));
        assert_eq!(served.expect(200), described());
    });
}
