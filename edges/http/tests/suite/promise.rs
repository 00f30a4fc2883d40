//! What the description of the API promises of failures: every answer of this suite has to keep it.

use crate::sending::Answer;
use axum::http::{Method, Uri};
use http_edge::{ROUTES, RouteSpec};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The codes of each method, path and status.
type Codes = HashMap<(&'static str, &'static str, u16), Vec<&'static str>>;

/// The route that a request is for, if there is one.
pub(crate) fn route_of(method: &Method, uri: &Uri) -> Option<&'static RouteSpec> {
    let fits = |spec: &&RouteSpec| spec.method == method.as_str() && is_of_template(uri.path(), spec.path);
    // What is written out goes before what is filled in.
    ROUTES.iter().filter(fits).min_by_key(|spec| spec.path.matches('{').count())
}

/// The failure's code is documented for its route, under the status that it came with.
#[track_caller]
pub(crate) fn require_kept(route: Option<&RouteSpec>, answer: &Answer) {
    static DESCRIBED: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(http_edge::openapi()).unwrap());
    static CODES: LazyLock<Codes> = LazyLock::new(|| codes(&DESCRIBED));
    let body = answer.json();
    if let (Some(route), Some(code)) = (route, body["error"]["code"].as_str()) {
        let status = answer.status.as_u16();
        let is_documented = CODES.get(&(route.method, route.path, status)).is_some_and(|codes| codes.contains(&code));
        assert!(is_documented, "{} {} answers {status} {code}, which its row does not say", route.method, route.path);
    }
}

fn is_of_template(path: &str, template: &str) -> bool {
    let (path, template): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
    let is_one = |(part, of_template): (&&str, &&str)| match of_template.starts_with('{') {
        true => !part.is_empty(),
        false => part == of_template,
    };
    path.len() == template.len() && path.iter().zip(&template).all(is_one)
}

/// The codes that stand in the description of each reply.
fn codes(api: &'static Value) -> Codes {
    let mut found = HashMap::new();
    for spec in ROUTES {
        let operation = &api["paths"][spec.path][spec.method.to_lowercase()];
        for (status, reply) in operation["responses"].as_object().unwrap() {
            let lines = reply["description"].as_str().unwrap().lines();
            let codes = lines.filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect();
            found.insert((spec.method, spec.path, status.parse().unwrap()), codes);
        }
    }
    found
}
