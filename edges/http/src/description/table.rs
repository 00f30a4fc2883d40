//! The table of routes as Markdown: `docs/routes.md`, which a test compares.

use crate::routes::ROUTES;
use http_core::route::{Needs, RouteSpec, Who};

const HEAD: &str = "# Routes

Every route, who may call it, how far their credential has to reach, and what kind of work it is. `florin routes` prints
this page from the tables of the rooms (`routes.rs` in the folders of `edges/http`), which the server asks before each
request.

A *scope* is had by a session, and by an API key or a grant that was given it. A *session* is a login of the person
themselves. A *fresh session* is one whose holder proved within the last five minutes who they are; else the answer is
`STEP_UP_REQUIRED`. Whatever the route, a customer's own is all that a customer sees: the identifiers of others are
answered like unknown ones.

The kind of *work* says how much of it an address and a user may ask for. What is *money*, a *batch* or a *simulation*
needs an `Idempotency-Key`; simulations are there in sandbox mode only.

| method | path | who | needs | work |
| --- | --- | --- | --- | --- |
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
    let (who, needs, work) = (who(spec.who), needs(spec.needs), spec.work.word());
    format!("| {} | `{}` | {who} | {needs} | {work} |\n", spec.method, spec.path)
}

fn who(who: Who) -> String {
    match who {
        Who::Public => "everybody".to_owned(),
        Who::Everyone => "every role".to_owned(),
        Who::Enrolling => "every role, without a second factor too".to_owned(),
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
