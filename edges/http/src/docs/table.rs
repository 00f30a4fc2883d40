//! The table of routes as Markdown: `docs/routes.md`, which a test compares.

use crate::policy::{Needs, Who};
use crate::routes::{ROUTES, RouteSpec};

const HEAD: &str = "# Routes

Every route, who may call it, and how far their credential has to reach. `florin routes` prints this page from the table
in `edges/http/src/routes.rs`, which the server asks before each request.

A *scope* is had by a session, and by an API key or a grant that was given it. A *session* is a login of the person
themselves. A *fresh session* is one whose holder proved within the last five minutes who they are; else the answer is
`STEP_UP_REQUIRED`. Whatever the route, a customer's own is all that a customer sees: the identifiers of others are
answered like unknown ones.

| method | path | who | needs |
| --- | --- | --- | --- |
";

/// The page.
pub fn routes_markdown() -> String {
    let mut page = HEAD.to_owned();
    for spec in ROUTES {
        page.push_str(&row(spec));
    }
    page
}

fn row(spec: &RouteSpec) -> String {
    format!("| {} | `{}` | {} | {} |\n", spec.method, spec.path, who(spec.who), needs(spec.needs))
}

fn who(who: Who) -> String {
    match who {
        Who::Public => "everybody".to_owned(),
        Who::Everyone => "every role".to_owned(),
        who => who.roles().iter().map(|role| role.word()).collect::<Vec<_>>().join(", "),
    }
}

fn needs(needs: Needs) -> String {
    match needs {
        Needs::Nothing => String::new(),
        Needs::Scope(scope) => format!("scope `{}`", scope.word()),
        Needs::Session => "session".to_owned(),
        Needs::FreshSession => "fresh session".to_owned(),
    }
}
