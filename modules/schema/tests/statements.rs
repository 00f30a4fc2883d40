//! The SQL of the whole bank, before it is used: every statement of every module, on each engine.

use std::collections::HashSet;

#[test]
fn every_statement_is_accepted_by_the_engines() {
    testkit::prepare_every_statement(&[&schema::migrations()]);
}

#[test]
fn every_module_has_its_statements_here() {
    let names: HashSet<&str> = db::all_statements().map(|statement| statement.name).collect();
    assert!(names.len() > 200, "only {} statements are linked into this test", names.len());
}
