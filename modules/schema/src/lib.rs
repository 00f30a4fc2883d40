//! The tables of the whole bank: the migrations of every crate that has any, once, for the program and for tests that need
//! all of it. What is in them is each module's own matter.

use db::Migration;

/// The migrations of every crate, bottom first.
pub fn migrations() -> Vec<Migration> {
    [
        db::MIGRATIONS,
        outbox::MIGRATIONS,
        stream::MIGRATIONS,
        clock::MIGRATIONS,
        ledger::MIGRATIONS,
        notifications::MIGRATIONS,
        identity::MIGRATIONS,
        factors::MIGRATIONS,
        programs::MIGRATIONS,
        accounts::MIGRATIONS,
        fraud::MIGRATIONS,
        payments::MIGRATIONS,
        approvals::MIGRATIONS,
        standing::MIGRATIONS,
        webhooks::MIGRATIONS,
        audit::MIGRATIONS,
        analytics::MIGRATIONS,
    ]
    .concat()
}
