//! Backups of the embedded database, while it is in use, and their way back.

use crate::embedded::{add_words, beside, count, mode, on_sqlite, with_words};
use crate::{FIRST, SECOND};
use db::{Db, Migration, back_up_sqlite, restore_sqlite};
use std::path::Path;
use testkit::TestDatabase;

const KNOWN: &[Migration] = &[FIRST];

fn refusal(outcome: db::Result<db::Copied>) -> String {
    outcome.unwrap_err().to_string()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_backup_is_the_database_at_one_moment_and_does_not_disturb_who_uses_it() {
    on_sqlite(async |database, file| {
        let db = with_words(&database, 0..100).await;
        let backup = file.with_file_name("backup.db");
        let copied = back_up_sqlite(&file, &backup, KNOWN).unwrap();
        assert_eq!((copied.bytes, copied.pending), (backup.metadata().unwrap().len(), 0));
        assert_eq!(mode(&backup), 0o600);
        add_words(&db, 100..200).await;
        assert_eq!(count(&db).await, 200);
        assert!(Db::open(&database.url).await.is_err(), "the lock of who serves still holds");
        let expected = ["backup.db", "florin.db", "florin.db-shm", "florin.db-wal", "florin.db.lock"];
        assert_eq!(files(file.parent().unwrap()), expected, "nothing unfinished is left");

        let place = TestDatabase::create(db::Engine::Sqlite).await;
        let restored = Path::new(place.url.strip_prefix("sqlite:").unwrap());
        restore_sqlite(&backup, restored, KNOWN).unwrap();
        assert_eq!((mode(restored), mode(&beside(restored, ".lock"))), (0o600, 0o600));
        assert_eq!(count(&Db::open(&place.url).await.unwrap()).await, 100);
        assert!(backup.exists(), "the backup is a copy still");
    });
}

#[test]
fn a_backup_overwrites_nothing_and_is_of_a_florin_that_is_known() {
    on_sqlite(async |database, file| {
        let db = with_words(&database, 0..10).await;
        let backup = file.with_file_name("backup.db");
        std::fs::write(&backup, "something").unwrap();
        assert!(refusal(back_up_sqlite(&file, &backup, KNOWN)).contains("is not overwritten"));
        assert_eq!(std::fs::read(&backup).unwrap(), b"something");
        std::fs::remove_file(&backup).unwrap();
        assert!(refusal(back_up_sqlite(&file, &backup, &[])).contains("by a newer florin; this one knows 0"));
        assert!(refusal(back_up_sqlite(&file.with_file_name("no.db"), &backup, KNOWN)).contains("no such database"));
        assert_eq!(back_up_sqlite(&file, &backup, &[FIRST, SECOND]).unwrap().pending, 1);
        drop(db);
    });
}

#[test]
fn a_backup_of_a_database_that_nobody_serves_has_what_only_the_log_had() {
    on_sqlite(async |database, file| {
        let db = with_words(&database, 0..100).await;
        // As after a crash: the files as they are, without a close.
        let crashed = TestDatabase::create(db::Engine::Sqlite).await;
        let copy = Path::new(crashed.url.strip_prefix("sqlite:").unwrap());
        for ending in ["", "-wal"] {
            std::fs::copy(beside(&file, ending), beside(copy, ending)).unwrap();
        }
        drop(db);
        let backup = file.with_file_name("backup.db");
        assert!(refusal(restore_sqlite(copy, &file.with_file_name("new.db"), KNOWN)).contains("is no whole database"));
        back_up_sqlite(copy, &backup, KNOWN).unwrap();
        let place = file.with_file_name("restored.db");
        restore_sqlite(&backup, &place, KNOWN).unwrap();
        assert_eq!(count(&Db::open(&format!("sqlite:{}", place.display())).await.unwrap()).await, 100);
    });
}

#[test]
fn only_whole_databases_of_a_known_florin_are_restored_and_only_into_a_new_place() {
    on_sqlite(async |database, file| {
        drop(with_words(&database, 0..1000).await);
        let place = file.with_file_name("new.db");
        let restore = |from: &Path| refusal(restore_sqlite(from, &place, KNOWN));
        assert!(refusal(restore_sqlite(&place, &file, KNOWN)).contains("no such file"));
        let taken = file.with_file_name("copy.db");
        std::fs::copy(&file, &taken).unwrap();
        assert!(refusal(restore_sqlite(&taken, &file, KNOWN)).contains("is not overwritten"));
        assert!(refusal(restore_sqlite(&taken, &place, &[])).contains("by a newer florin"));
        for (name, content) in [("empty", vec![]), ("text", b"these are no books, only text".repeat(40))] {
            let other = file.with_file_name(name);
            std::fs::write(&other, content).unwrap();
            let said = restore(&other);
            assert!(said.contains("not the database of a Florin") && said.contains(name), "{said}");
        }
        let mut damaged = std::fs::read(&file).unwrap();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 4096].fill(7);
        std::fs::write(&taken, damaged).unwrap();
        assert!(restore(&taken).contains("copy.db: the database is damaged"));
        assert!(!beside(&place, ".lock").exists(), "what failed leaves nothing behind");
        std::fs::write(beside(&place, "-wal"), "left over").unwrap();
        assert!(restore(&file).contains("a database was here"));
        std::fs::remove_file(beside(&place, "-wal")).unwrap();
        restore_sqlite(&file, &place, KNOWN).unwrap();
        assert!(files(file.parent().unwrap()).iter().all(|name| !name.ends_with("unfinished")));
    });
}
