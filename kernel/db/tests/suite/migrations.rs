//! Migrations are applied once, and a program that is older than its database keeps its hands off.

use crate::{FIRST, SECOND, THIRD};
use db::{Db, DbError, Migration, WallTime, pending_migrations};

async fn migrate(db: &Db, migrations: &[Migration]) -> db::Result<usize> {
    db::migrate(db, migrations, WallTime::now()).await.map(|report| report.applied)
}

#[test]
fn what_is_pending_is_applied_once() {
    testkit::on_each_engine(&[], async |db| {
        assert_eq!(pending_migrations(&db, &[FIRST, SECOND]).await, Ok(2));
        assert_eq!(migrate(&db, &[FIRST]).await, Ok(1));
        assert_eq!(migrate(&db, &[FIRST, SECOND]).await, Ok(1));
        assert_eq!(migrate(&db, &[FIRST, SECOND]).await, Ok(0));
        assert_eq!(pending_migrations(&db, &[FIRST, SECOND, THIRD]).await, Ok(1));
    });
}

#[test]
fn a_database_of_a_newer_program_is_refused_with_both_numbers() {
    testkit::on_each_engine(&[FIRST, SECOND, THIRD], async |db| {
        let newer = "this database was brought to testkit 3 by a newer florin; this one knows 2";
        let refused = Err(DbError::Configuration(newer.to_owned()));
        assert_eq!(migrate(&db, &[FIRST, SECOND]).await, refused);
        assert_eq!(pending_migrations(&db, &[FIRST, SECOND]).await, refused);
        let unknown = migrate(&db, &[]).await.unwrap_err().to_string();
        assert!(unknown.contains("brought to testkit 3") && unknown.contains("knows 0"), "{unknown}");
    });
}

#[test]
fn a_migration_that_was_edited_after_it_was_applied_is_refused() {
    testkit::on_each_engine(&[FIRST, SECOND], async |db| {
        let edited = Migration { sql: "ALTER TABLE testkit_word ADD COLUMN sense TEXT;", ..SECOND };
        let refused = migrate(&db, &[FIRST, edited, THIRD]).await.unwrap_err().to_string();
        assert_eq!(refused, "migration testkit 2 was edited after it was applied");
    });
}
