//! What a database remembers about itself.

use db::{MIGRATIONS, exchange_mark, mark, mark_once, replace_mark};

#[test]
fn a_mark_is_set_once_and_replaced_only_by_who_says_so() {
    testkit::on_each_engine(MIGRATIONS, async |db| {
        assert_eq!(mark(&db, "colour").await, Ok(None));
        assert_eq!(mark_once(&db, "colour", "red").await.as_deref(), Ok("red"));
        assert_eq!(mark_once(&db, "colour", "blue").await.as_deref(), Ok("red"));
        assert_eq!(mark(&db, "size").await, Ok(None));
        replace_mark(&db, "colour", "blue").await.unwrap();
        assert_eq!(mark(&db, "colour").await.unwrap().as_deref(), Some("blue"));
        assert_eq!(exchange_mark(&db, "colour", "red", "green").await, Ok(false));
        assert_eq!(exchange_mark(&db, "colour", "blue", "green").await, Ok(true));
        assert_eq!(exchange_mark(&db, "size", "small", "large").await, Ok(false));
        assert_eq!(mark(&db, "colour").await.unwrap().as_deref(), Some("green"));
        assert_eq!(mark(&db, "size").await, Ok(None));
    });
}

#[test]
fn a_database_from_before_there_were_marks_remembers_nothing() {
    testkit::on_each_engine(&MIGRATIONS[..1], async |db| assert_eq!(mark(&db, "colour").await, Ok(None)));
}
