//! A vault in a folder: once written, never changed, whole or not at all.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use vault_edge::{Folder, Put, VaultError, is_key};

/// A folder that goes when the test ends.
struct Fresh(PathBuf);

impl Fresh {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("florin-vault-{}-{number}", std::process::id())))
    }

    fn vault(&self) -> Folder {
        Folder::at(&format!("file:{}", self.0.display())).unwrap()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[test]
fn what_is_stored_stays_and_whoever_comes_second_is_told_whether_it_is_the_same() {
    let fresh = Fresh::new();
    let vault = fresh.vault();
    assert_eq!(vault.list("audit/segments").unwrap(), Vec::<String>::new());
    assert_eq!(vault.get("audit/segments/1", 9).unwrap(), None);
    assert!(!fresh.0.exists(), "who only reads makes nothing");
    assert_eq!(vault.put("audit/segments/1", b"first").unwrap(), Put::Stored);
    assert_eq!(vault.put("audit/segments/1", b"first").unwrap(), Put::AlreadyThere { is_same: true });
    assert_eq!(vault.put("audit/segments/1", b"other").unwrap(), Put::AlreadyThere { is_same: false });
    assert_eq!(vault.put("audit/segments/1", b"longer than that").unwrap(), Put::AlreadyThere { is_same: false });
    assert_eq!(vault.put("audit/segments/0", b"").unwrap(), Put::Stored);
    assert_eq!(vault.get("audit/segments/1", 5).unwrap().unwrap(), b"first");
    assert!(matches!(vault.get("audit/segments/1", 4), Err(VaultError::TooLong(_))));
    assert_eq!(vault.list("audit/segments").unwrap(), ["0", "1"]);
    let mode = |path: &str| std::fs::metadata(fresh.0.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("audit/segments/1"), mode("audit/segments"), mode("audit")), (0o400, 0o700, 0o700));
}

#[test]
fn what_was_being_written_when_somebody_was_killed_is_taken_away_and_what_is_whole_stays() {
    let fresh = Fresh::new();
    let vault = fresh.vault();
    vault.prepare(&["audit/segments"]).unwrap();
    vault.put("audit/segments/1", b"first").unwrap();
    std::fs::write(fresh.0.join("audit/segments/.part-0123"), b"fir").unwrap();
    assert_eq!(vault.list("audit/segments").unwrap(), ["1"], "a part is nothing");
    vault.prepare(&["audit/segments"]).unwrap();
    let names: Vec<_> =
        std::fs::read_dir(fresh.0.join("audit/segments")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["1"]);
}

#[test]
fn of_many_who_write_at_once_one_is_first_and_nobody_sees_a_part() {
    let fresh = Fresh::new();
    let vault = fresh.vault();
    for round in 0..20 {
        let key = format!("audit/checkpoints/{round}.txt");
        let writers = (0..8_u8).map(|number| {
            let (vault, key) = (vault.clone(), key.clone());
            std::thread::spawn(move || {
                let bytes = vec![number; 100_000];
                let put = vault.put(&key, &bytes).unwrap();
                let there = vault.get(&key, 100_000).unwrap().unwrap();
                assert!(there.len() == 100_000 && there.iter().all(|byte| *byte == there[0]));
                assert_eq!(put != Put::AlreadyThere { is_same: false }, there == bytes);
                put
            })
        });
        let writers: Vec<_> = writers.collect();
        let puts: Vec<Put> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        assert_eq!(puts.iter().filter(|put| **put == Put::Stored).count(), 1, "{puts:?}");
    }
}

#[test]
fn keys_lead_nowhere_else() {
    for key in ["a", "audit/segments/00-01", "statements/acct_1/2026-10.pdf", "0", &"a".repeat(256)] {
        assert!(is_key(key), "{key}");
    }
    for key in ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.b", "A", "a b", "a\0", "ä", &"a".repeat(257)] {
        assert!(!is_key(key), "{key}");
        assert!(matches!(Fresh::new().vault().put(key, b""), Err(VaultError::Key(_))), "{key}");
    }
    for url in ["", "file:", "/somewhere", "s3://bucket"] {
        assert!(matches!(Folder::at(url), Err(VaultError::Url(_))), "{url}");
    }
}

#[test]
fn a_folder_that_fails_stores_nothing() {
    let fresh = Fresh::new();
    std::fs::write(&fresh.0, b"a file where the folder should be").unwrap();
    let failed = fresh.vault().put("a/b", b"c");
    assert!(matches!(failed, Err(VaultError::Folder { .. })), "{failed:?}");
    std::fs::remove_file(&fresh.0).unwrap();
}
