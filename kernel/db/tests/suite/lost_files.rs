//! A log whose database is gone is all that is left of it, and is not taken for rubbish.

use crate::FIRST;
use crate::embedded::{beside, count, on_sqlite, with_words};
use db::{Db, DbError, Snapshot, back_up_sqlite};

/// A journal of rollbacks that leads back to so many pages.
fn journal(pages_before: u8) -> Vec<u8> {
    let mut journal = vec![0; 512];
    journal[..8].copy_from_slice(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
    journal[19] = pages_before;
    journal[22] = 2;
    journal[26] = 0x10;
    journal
}

/// The same before it was synced.
fn unsynced(pages_before: u8) -> Vec<u8> {
    let mut journal = journal(pages_before);
    journal[..8].fill(0);
    journal
}

#[test]
fn a_log_without_its_database_is_left_alone_by_everybody() {
    for is_missing in [true, false] {
        for (ending, content) in [
            ("-wal", b"words".to_vec()),
            ("-journal", b"words".to_vec()),
            ("-journal", journal(3)),
            ("-journal", unsynced(3)),
        ] {
            on_sqlite(async |database, file| {
                if !is_missing {
                    std::fs::write(&file, "").unwrap();
                }
                let log = beside(&file, ending);
                std::fs::write(&log, &content).unwrap();
                let copy = file.with_file_name("copy.db");
                for refused in [
                    Db::open(&database.url).await.map(drop),
                    Snapshot::open(&database.url).await.map(drop),
                    back_up_sqlite(&file, &copy, &[FIRST]).map(drop),
                ] {
                    assert!(matches!(&refused, Err(DbError::Absent(_))), "{refused:?}");
                    assert_eq!(std::fs::read(&log).unwrap(), content);
                    assert_eq!(file.exists(), !is_missing);
                    assert!(!copy.exists() && !beside(&file, ".lock").exists());
                }
                assert!(db::refuse_lost_sqlite(&file).unwrap_err().to_string().contains(ending));
            });
        }
    }
}

#[test]
fn what_a_first_start_left_that_was_cut_short_stops_nobody() {
    for journal in [journal(0), unsynced(0)] {
        on_sqlite(async |database, file| {
            std::fs::write(&file, "").unwrap();
            std::fs::write(beside(&file, "-journal"), &journal).unwrap();
            std::fs::write(beside(&file, "-wal"), "").unwrap();
            assert_eq!(count(&with_words(&database, 0..10).await).await, 10);
        });
    }
}

#[test]
fn a_database_behind_a_link_has_its_log_where_it_is() {
    on_sqlite(async |database, file| {
        let elsewhere = file.with_file_name("elsewhere.db");
        std::fs::write(&elsewhere, "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
        let db = with_words(&database, 0..10).await;
        assert!(beside(&elsewhere, "-wal").metadata().unwrap().len() > 0);
        let by_its_name = format!("sqlite:{}", elsewhere.display());
        assert!(Db::open(&by_its_name).await.is_err(), "it has one lock, whatever it is called");
        drop(db);
        std::fs::write(&elsewhere, "").unwrap();
        std::fs::write(beside(&elsewhere, "-wal"), "words").unwrap();
        assert!(matches!(Db::open(&database.url).await.map(drop), Err(DbError::Absent(_))));
        assert_eq!(std::fs::read(beside(&elsewhere, "-wal")).unwrap(), b"words");
    });
}
