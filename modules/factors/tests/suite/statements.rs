//! The SQL of the module, before it is used.

#[test]
fn every_statement_is_accepted_by_the_engine() {
    testkit::prepare_every_statement(&crate::common::migrations());
}
