//! Segments are sealed by the day or by their number of entries, once, and are from then on what their leaves are; `verify` compares them
//! with what is in the vault.

use super::verifying::{report, tamper, told};
use super::{KEY, ORIGIN, append, follow, migrations, signed};
use audit::verify::{Given, InVault, Vault};
use audit::{Audit, AuditError, SealedSegment, checkpoint_key};
use db::Db;
use merkle::Segment;
use outbox::{Act, Actor, Event};
use std::collections::BTreeMap;
use testkit::SetClock;
use uuid::Uuid;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// A log whose time is set.
struct Scene {
    db: Db,
    clock: SetClock,
    audit: Audit,
    logged: u64,
}

impl Scene {
    async fn at(db: Db, time: &str) -> Self {
        let clock = SetClock::at(time);
        let audit = Audit::open(&db, clock.reader(), ORIGIN, &KEY).await.unwrap();
        Self { db, clock, audit, logged: 1 }
    }

    /// So many events happen now, are logged, and signed.
    async fn happen(&mut self, count: u64) {
        let act = Act { by: Some(Actor::COMMAND_LINE), at: self.clock.now() };
        let event = || Event::new(Uuid::now_v7(), "auth.logged_in", "{}".to_owned(), act);
        append(&self.db, (0..count).map(|_| event()).collect()).await;
        self.logged += count;
        let running = follow(&self.db, &self.audit).await;
        signed(&self.audit, self.logged).await;
        running.stop().await;
    }

    /// Seals, and has what is told of it logged.
    async fn seal(&mut self) -> Option<SealedSegment> {
        let sealed = self.audit.seal().await.unwrap()?;
        assert_eq!(self.audit.last_segment().await.unwrap().as_ref(), Some(&sealed));
        self.logged += 1;
        self.happen(0).await;
        Some(sealed)
    }

    /// What is sealed, carried to a vault.
    async fn vault(&self, segments: &[SealedSegment]) -> Memory {
        let mut memory = Memory::default();
        for segment in segments {
            memory.0.insert(segment.key(), self.audit.segment_bytes(segment).await.unwrap());
        }
        let head = self.audit.checkpoint().await.unwrap();
        memory.0.insert(checkpoint_key(head.size), head.note.into_bytes());
        memory
    }
}

/// A vault in memory.
#[derive(Clone, Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Vault for Memory {
    fn get(&self, key: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, String> {
        let found = self.0.get(key).cloned();
        if found.as_ref().is_some_and(|bytes| bytes.len() as u64 > bytes_max) {
            return Err("it is too long".to_owned());
        }
        Ok(found)
    }
}

impl Memory {
    fn given(&self) -> Given {
        let names = |folder: &str| {
            let names = self.0.keys().filter_map(|key| key.strip_prefix(folder)?.strip_prefix('/'));
            names.map(str::to_owned).collect()
        };
        let (segments, heads) = (names(audit::SEGMENTS), names(audit::CHECKPOINTS));
        Given { vault: Some(InVault { vault: Box::new(self.clone()), segments, heads }), ..Given::default() }
    }

    fn with(&self, key: &str, bytes: &[u8]) -> Self {
        let mut other = self.clone();
        other.0.insert(key.to_owned(), bytes.to_vec());
        other
    }

    fn without(&self, key: &str) -> Self {
        let mut other = self.clone();
        other.0.remove(key);
        other
    }
}

#[test]
fn a_day_is_sealed_when_it_is_over_and_a_later_one_ends_it() {
    testkit::on_each_engine(&migrations(), async |db| {
        let mut scene = Scene::at(db, "2026-11-27T20:00:00.000000Z").await;
        assert_eq!(scene.audit.last_segment().await.unwrap(), None);
        scene.happen(9).await;
        scene.clock.shift(4 * HOUR);
        assert_eq!(scene.seal().await, None, "what happened just before midnight may still come");
        scene.happen(3).await;
        scene.clock.shift(HOUR);
        let first = scene.seal().await.unwrap();
        // The key that was made known, and the nine of that day; of the next day none.
        assert_eq!((first.first, first.last), (0, 9));
        assert_eq!(first.key(), "audit/segments/00000000000000000000-00000000000000000009");
        assert_eq!(scene.seal().await, None);
        let bytes = scene.audit.segment_bytes(&first).await.unwrap();
        let entries: Vec<String> =
            Segment::entries(&bytes).unwrap().iter().map(|entry| String::from_utf8(entry.to_vec()).unwrap()).collect();
        assert!(entries.len() == 10 && entries[0].contains(r#""kind":"audit.key_made""#), "{entries:?}");
        assert!(entries.iter().all(|entry| entry.contains(r#""at":"2026-11-27T20:"#)), "{entries:?}");
        assert_eq!(scene.audit.segment_bytes(&first).await.unwrap(), bytes, "the same bytes each time");
        scene.clock.shift(DAY);
        let second = scene.seal().await.unwrap();
        assert_eq!((second.first, second.last), (10, 13), "the rest of that day, and that the first was sealed");
        let of_second = scene.audit.segment_bytes(&second).await.unwrap();
        assert!(String::from_utf8_lossy(&of_second).contains(r#""kind":"audit.segment_sealed""#));
        let report = report(&scene.db, scene.vault(&[first, second]).await.given()).await;
        assert_eq!((report.segments, told(&report)), (2, String::new()));
    });
}

#[test]
fn only_what_is_signed_is_sealed_and_no_segment_has_more_entries_than_it_may() {
    testkit::on_each_engine(&migrations(), async |db| {
        let mut scene = Scene::at(db, "2026-11-27T20:00:00.000000Z").await;
        scene.happen(70_000).await;
        let act = Act { by: None, at: scene.clock.now() };
        append(&scene.db, vec![Event::new(Uuid::now_v7(), "auth.logged_in", "{}".to_owned(), act)]).await;
        let first = scene.audit.seal().await.unwrap().unwrap();
        assert_eq!((first.first, first.last), (0, 65_535));
        assert_eq!(scene.audit.seal().await.unwrap(), None, "the rest of the day may still come");
        scene.clock.shift(DAY);
        let second = scene.audit.seal().await.unwrap().unwrap();
        assert_eq!((second.first, second.last), (65_536, 70_000), "the last is not signed");
        assert_eq!(scene.audit.seal().await.unwrap(), None);
        let report = report(&scene.db, scene.vault(&[first, second]).await.given()).await;
        assert_eq!((report.segments, told(&report)), (2, String::new()));
    });
}

#[test]
fn of_two_who_seal_at_once_one_does() {
    testkit::on_each_engine(&migrations(), async |db| {
        let mut scene = Scene::at(db, "2026-11-27T20:00:00.000000Z").await;
        scene.happen(50).await;
        scene.clock.shift(DAY);
        let both = tokio::join!(scene.audit.seal(), scene.audit.seal());
        let sealed: Vec<SealedSegment> =
            [both.0, both.1].into_iter().filter_map(|sealed| sealed.ok().flatten()).collect();
        assert_eq!(sealed.len(), 1, "{sealed:?}");
        let last = scene.audit.last_segment().await.unwrap().unwrap();
        assert_eq!((last.first, last.last), (0, 50));
    });
}

#[test]
fn what_of_segments_was_changed_is_told() {
    testkit::on_each_engine(&migrations(), async |db| {
        let mut scene = Scene::at(db, "2026-11-27T20:00:00.000000Z").await;
        let mut sealed = Vec::new();
        for _ in 0..3 {
            scene.happen(7).await;
            scene.clock.shift(DAY);
            sealed.push(scene.seal().await.unwrap());
        }
        let vault = scene.vault(&sealed).await;
        let keys: Vec<String> = sealed.iter().map(SealedSegment::key).collect();
        let bytes = vault.0[&keys[1]].clone();
        let mut flipped = bytes.clone();
        flipped[100] ^= 0x40;
        let head = vault.0.keys().find(|key| key.starts_with(audit::CHECKPOINTS)).unwrap().clone();
        let longer = [bytes.as_slice(), b"more"].concat();
        for (vault, named) in [
            (vault.with(&keys[1], &flipped), format!("{}: byte 100 is ", keys[1])),
            (
                vault.with(&keys[1], &bytes[..50]),
                format!("{}: it has 50 bytes and should have {}", keys[1], bytes.len()),
            ),
            (vault.with(&keys[1], &longer), format!("{}: it is too long", keys[1])),
            (vault.without(&keys[1]), format!("{}, which is not in the vault", keys[1])),
            (vault.with("audit/segments/stray", b""), "audit/segments/stray, which was never sealed".to_owned()),
            (
                vault.with("audit/checkpoints/1.txt", b""),
                "audit/checkpoints/1.txt of the vault, which is no head".to_owned(),
            ),
            (
                vault.with(&checkpoint_key(3), &vault.0[&head]),
                "03.txt of the vault, which no key of the log signed".to_owned(),
            ),
        ] {
            let told = told(&report(&scene.db, vault.given()).await);
            assert!(told.contains(&named), "{named}: {told}");
        }
        // The last may still be on its way.
        assert_eq!(told(&report(&scene.db, vault.without(&keys[2]).given()).await), "");
        for (change, named) in [
            ("UPDATE audit_segment SET size_bytes = 7 WHERE first_leaf = 0", "audit_segment 0: its size_bytes is not"),
            (
                "UPDATE audit_segment SET last_leaf = last_leaf - 1 WHERE first_leaf = 0",
                "audit_segment 0, of audit_leaf 0 to 6",
            ),
            (
                "UPDATE audit_segment SET last_leaf = 99999999 WHERE first_leaf = 0",
                "audit_segment 0, of 100000000 leaves",
            ),
            ("DELETE FROM audit_segment WHERE first_leaf = 0", "audit_segment 8, before which one is missing"),
        ] {
            tamper(&scene.db, change).await;
            let told = told(&report(&scene.db, Given::default()).await);
            assert!(told.contains(named), "{named}: {told}");
        }
        // What was sealed is not made anew of other leaves.
        let zero = SealedSegment { sha256: [0; 32], ..sealed[1].clone() };
        assert!(matches!(scene.audit.segment_bytes(&zero).await, Err(AuditError::Forked(_))));
    });
}
