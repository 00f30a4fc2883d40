//! The log grows with what happens, and every head is where the ones before it lead.

use super::{append, event, follow, follow_at, head, migrations, naive_root, open, signed};
use audit::{Audit, AuditError, Search};
use db::{Clock, WallTime};
use ids::EventId;
use merkle::{Checkpoint, TileId, leaf_hash, salted_hash, verify_consistency, verify_inclusion};
use outbox::{Actor, Event};
use std::sync::Arc;
use std::time::Duration;
use testkit::SetClock;

#[test]
fn every_event_that_matters_is_a_leaf_and_is_proved() {
    testkit::on_each_engine(&migrations(), async |db| {
        let audit = open(&db).await;
        assert_eq!(head(&audit).await, None);
        let running = follow(&db, &audit).await;
        let events: Vec<Event> = (0..300).map(|_| event("auth.logged_in")).collect();
        append(&db, events.clone()).await;
        append(&db, vec![event("notifications.mail_sent"), event("webhooks.called")]).await;
        // The key that was made known is the first.
        let head = signed(&audit, 301).await;
        assert_eq!((head.size, head.origin.as_str()), (301, super::ORIGIN));
        let mut leaves = vec![audit.tile(TileId { level: 0, index: 0 }, 1).await.unwrap()[0]];
        for (index, event) in events.iter().enumerate() {
            let proof = audit.proof_of_event(event.id, None).await.unwrap();
            assert_eq!(proof.index, index as u64 + 1);
            assert_eq!(proof.leaf_hash, leaf_hash(&proof.entry));
            assert!(verify_inclusion(proof.index, head.size, &proof.leaf_hash, &proof.proof, &head.root));
            let entry = String::from_utf8(proof.entry).unwrap();
            let disclosed = proof.disclosed.unwrap();
            assert_eq!(
                disclosed.payload,
                r#"{"actor":{"user":null,"credential":"COMMAND_LINE"},"data":{"username":"ann"}}"#
            );
            let salt = disclosed.salt.try_into().unwrap();
            let hash: String =
                salted_hash(&salt, disclosed.payload.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            let expected = format!(
                r#"{{"v":1,"id":"{}","at":"{}","kind":"auth.logged_in","subject":"{}","payload":"{hash}"}}"#,
                event.id, event.happened_at, event.subject_id
            );
            assert!(entry.replace("usr_", "").len() <= expected.len() && entry.contains(&hash), "{entry}");
            assert!(entry.starts_with(&expected[..expected.find("\"subject\"").unwrap()]), "{entry}");
            leaves.push(proof.leaf_hash);
        }
        assert_eq!(head.root, naive_root(&leaves));
        let whole = audit.tile(TileId { level: 0, index: 0 }, 256).await.unwrap();
        assert_eq!(whole, leaves[..256]);
        assert_eq!(audit.tile(TileId { level: 1, index: 0 }, 1).await.unwrap(), [naive_root(&leaves[..256])]);
        assert_eq!(audit.tile(TileId { level: 0, index: 1 }, 46).await, Err(AuditError::NotFound));
        assert_eq!(audit.proof_of_event(EventId::generate(), None).await, Err(AuditError::NotFound));
        assert_eq!(audit.proof_of_event(events[0].id, Some(5)).await, Err(AuditError::NoCheckpoint));
        for (first, second) in [(0, 1), (2, 1), (1, 302)] {
            assert_eq!(audit.consistency(first, second).await, Err(AuditError::OutOfRange));
        }
        running.stop().await;
    });
}

#[test]
fn what_is_not_logged_yet_is_told_from_what_never_was() {
    testkit::on_each_engine(&migrations(), async |db| {
        let audit = open(&db).await;
        let waiting = event("auth.logged_in");
        append(&db, vec![waiting.clone()]).await;
        assert_eq!(audit.proof_of_event(waiting.id, None).await, Err(AuditError::NotYetLogged));
        let running = follow(&db, &audit).await;
        signed(&audit, 2).await;
        assert_eq!(audit.proof_of_event(waiting.id, None).await.unwrap().index, 1);
        running.stop().await;
    });
}

#[test]
fn heads_follow_from_each_other_though_the_sequencer_is_killed_and_has_rivals() {
    testkit::on_each_engine(&migrations(), async |db| {
        let audit = open(&db).await;
        let mut heads: Vec<Checkpoint> = Vec::new();
        for round in 0..8_u64 {
            // What who was killed had a lease of is over by then.
            let ahead = i64::try_from(round).unwrap() * 11;
            let clock: Clock = Arc::new(move || WallTime::now().plus_seconds(ahead));
            // Two at once: one has the lease, and is dropped as it stands.
            let one = follow_at(&db, &audit, Arc::clone(&clock)).await;
            let other = follow_at(&db, &open(&db).await, clock).await;
            for _ in 0..10 {
                append(&db, (0..20).map(|_| event("auth.logged_in")).collect()).await;
                // Whoever signs beside is as good.
                drop(audit.sign_head().await);
                heads.extend(head(&audit).await.filter(|head| heads.last() != Some(head)));
            }
            tokio::time::sleep(Duration::from_millis(11 * round)).await;
            drop(one);
            if round % 2 == 0 { drop(other) } else { other.stop().await }
        }
        let written = 8 * 10 * 20;
        let running = follow_at(&db, &audit, Arc::new(|| WallTime::now().plus_seconds(120))).await;
        heads.push(signed(&audit, written + 1).await);
        running.stop().await;
        assert_eq!(heads.last().unwrap().size, written + 1, "each event once");
        for pair in heads.windows(2) {
            let (older, newer) = (&pair[0], &pair[1]);
            let proof = audit.consistency(older.size, newer.size).await.unwrap();
            assert!(verify_consistency((older.size, &older.root), (newer.size, &newer.root), &proof));
        }
        assert!(heads.len() > 1, "{} heads", heads.len());
    });
}

#[test]
fn entries_are_found_by_what_who_whom_and_when_and_who_looked_is_logged() {
    testkit::on_each_engine(&migrations(), async |db| {
        let audit = open(&db).await;
        let running = follow(&db, &audit).await;
        let (early, late) = (event("auth.logged_in"), event("accounts.opened"));
        append(&db, vec![early.clone()]).await;
        append(&db, vec![late.clone()]).await;
        signed(&audit, 3).await;
        let by = Actor::person(ids::UserId::generate(), outbox::Means::External);
        let ids = async |search: Search| -> Vec<EventId> {
            let found = audit.search(&search, None, 100, by.does(WallTime::now())).await.unwrap();
            found.into_iter().map(|found| found.event_id).collect()
        };
        let kind = Search { kind: Some("acc".to_owned()), ..Search::default() };
        assert_eq!(ids(kind).await, [late.id]);
        let subject = Search { subject_id: Some(early.subject_id), ..Search::default() };
        assert_eq!(ids(subject).await, [early.id]);
        let from = Search { from: Some(late.happened_at), kind: Some("a".to_owned()), ..Search::default() };
        assert!(!ids(from).await.contains(&early.id));
        let to = Search { to: Some(late.happened_at), ..Search::default() };
        assert!(!ids(to).await.contains(&late.id));
        // Five looked: the four above and this one's page before it.
        signed(&audit, 7).await;
        let looked = Search { kind: Some("audit.read".to_owned()), actor: by.user, ..Search::default() };
        let found = audit.search(&looked, None, 2, by.does(WallTime::now())).await.unwrap();
        assert_eq!(found.len(), 2);
        let before = Some(found[1].event_id);
        let rest = audit.search(&looked, before, 100, by.does(WallTime::now())).await.unwrap();
        assert_eq!(rest.len(), 2);
        assert!(rest[1].disclosed.as_ref().unwrap().payload.contains(r#""kind":"acc""#), "{rest:?}");
        running.stop().await;
    });
}

#[test]
fn one_head_of_ten_minutes_stays_and_proofs_reach_from_those_that_were_forgotten() {
    testkit::on_each_engine(&migrations(), async |db| {
        let clock = SetClock::at("2026-11-01T12:00:00Z");
        let audit = Audit::open(&db, clock.reader(), super::ORIGIN, &super::KEY).await.unwrap();
        let running = follow(&db, &audit).await;
        let (first, mut heads) = (event("auth.logged_in"), Vec::new());
        append(&db, vec![first.clone()]).await;
        for round in 2..=24 {
            append(&db, vec![event("auth.logged_in")]).await;
            heads.push(signed(&audit, round + 1).await);
            clock.shift(60);
        }
        let at_size = async |size| audit.proof_of_event(first.id, Some(size)).await;
        for head in &heads {
            assert_eq!(at_size(head.size).await.unwrap().tree_size, head.size, "for a week, every head is there");
        }
        running.stop().await;
        clock.shift(8 * 24 * 3_600);
        let forgotten = audit.forget_heads().await.unwrap();
        assert!(forgotten >= 18, "{forgotten}");
        assert_eq!(audit.forget_heads().await, Ok(0));
        let mut kept = 0;
        for head in &heads {
            kept += usize::from(at_size(head.size).await.is_ok());
        }
        assert!((3..=6).contains(&kept), "of 24 minutes there are {kept}");
        let newest = audit.checkpoint().await.unwrap().size;
        let root = head(&audit).await.unwrap().root;
        for head in heads.iter().filter(|head| head.size < newest) {
            let proof = audit.consistency(head.size, newest).await.unwrap();
            assert!(verify_consistency((head.size, &head.root), (newest, &root), &proof), "{}", head.size);
        }
        let findings = super::verifying::report(&db, audit::verify::Given::default()).await.findings;
        assert_eq!(findings, []);
    });
}
