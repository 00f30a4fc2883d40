//! The files of the embedded database: private, and one file when it is closed.

use crate::FIRST;
use db::{Db, Engine, Executor as _, WallTime, params, statements};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use testkit::TestDatabase;

statements! {
    COUNT_WORDS -> i64 = "SELECT COUNT(*) FROM testkit_word";
    INSERT_WORD = "INSERT INTO testkit_word (word) VALUES ($1)";
    DELETE_WORD = "DELETE FROM testkit_word WHERE word = $1";
}

/// A database with so many words, open.
pub(crate) async fn with_words(database: &TestDatabase, words: std::ops::Range<u32>) -> Db {
    let db = Db::open(&database.url).await.unwrap();
    db::migrate(&db, &[FIRST], WallTime::now()).await.unwrap();
    add_words(&db, words).await;
    db
}

pub(crate) async fn add_words(db: &Db, words: std::ops::Range<u32>) {
    let tx = db.begin().await.unwrap();
    for number in words {
        tx.execute(&INSERT_WORD, params![format!("word number {number}")]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

pub(crate) async fn count(db: &Db) -> i64 {
    db.query_one(&COUNT_WORDS, params![]).await.unwrap()
}

pub(crate) fn on_sqlite(body: impl AsyncFn(TestDatabase, PathBuf)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(async {
        let database = TestDatabase::create(Engine::Sqlite).await;
        let file = PathBuf::from(database.url.strip_prefix("sqlite:").unwrap());
        body(database, file).await;
    });
}

pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", path.display()))
}

pub(crate) fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_closed_database_is_one_file() {
    on_sqlite(async |database, file| {
        let db = with_words(&database, 0..1000).await;
        assert!(beside(&file, "-wal").metadata().unwrap().len() > 0);
        drop(db);
        assert!(!beside(&file, "-wal").exists() && !beside(&file, "-shm").exists());
        let elsewhere = TestDatabase::create(Engine::Sqlite).await;
        std::fs::copy(&file, elsewhere.url.strip_prefix("sqlite:").unwrap()).unwrap();
        let copy = Db::open(&elsewhere.url).await.unwrap();
        assert_eq!(count(&copy).await, 1000);
    });
}

#[test]
fn a_database_closes_in_the_middle_of_a_transaction_and_of_a_read() {
    on_sqlite(async |database, file| {
        let db = with_words(&database, 0..10).await;
        let (tx, snapshot) = (db.begin().await.unwrap(), db.snapshot().await.unwrap());
        tx.execute(&INSERT_WORD, params!["half"]).await.unwrap();
        drop(db);
        assert!(tx.commit().await.is_err(), "the database is closed");
        drop(snapshot);
        let db = Db::open(&database.url).await.unwrap();
        assert_eq!(count(&db).await, 10);
        drop(db);
        assert!(!beside(&file, "-wal").exists());
    });
}

#[test]
fn files_are_private_and_looser_ones_are_mended() {
    on_sqlite(async |database, file| {
        std::fs::write(&file, "").unwrap();
        for (ending, loose) in [("", 0o666), (".lock", 0o644), ("-wal", 0o604)] {
            std::fs::write(beside(&file, ending), "").unwrap();
            let permissions = std::fs::Permissions::from_mode(loose);
            std::fs::set_permissions(beside(&file, ending), permissions).unwrap();
        }
        let _db = with_words(&database, 0..10).await;
        for ending in ["", "-wal", "-shm", ".lock"] {
            assert_eq!(mode(&beside(&file, ending)), 0o600, "{ending}");
        }
    });
}

#[test]
fn what_is_to_be_overwritten_is_not_left_in_the_file() {
    on_sqlite(async |database, file| {
        let db = with_words(&database, 0..10).await;
        let has = |word: &str| {
            let content = std::fs::read(&file).unwrap();
            content.windows(word.len()).any(|part| part == word.as_bytes())
        };
        db.checkpoint().await.unwrap();
        assert!(has("word number 3") && beside(&file, "-wal").metadata().unwrap().len() == 0);
        for (word, overwrites) in [("word number 3", true), ("word number 4", false)] {
            let tx = db.begin().await.unwrap();
            if overwrites {
                tx.overwrite_deleted().await.unwrap();
            }
            assert_eq!(tx.execute(&DELETE_WORD, params![word]).await, Ok(1));
            tx.commit().await.unwrap();
            db.checkpoint().await.unwrap();
            assert_eq!(has(word), !overwrites, "{word}");
        }
    });
}
