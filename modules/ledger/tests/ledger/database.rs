//! The ledger on both engines: what is stored is what is loaded, and what was booked stays as it was.

mod append_only;
mod books;
mod own_accounts;
mod races;
mod reports;
mod round_trip;
mod tampering;
mod upgrade;

#[test]
fn every_statement_prepares() {
    testkit::prepare_every_statement(&[ledger::MIGRATIONS]);
}
