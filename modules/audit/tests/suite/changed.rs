//! What somebody changed in the log's own tables stops it, before anything is signed that contradicts an earlier head.

use super::{append, event, follow, head, migrations, open, signed};
use audit::{Audit, AuditError};
use db::{Db, Engine, params, statements};
use merkle::TileId;
use std::time::Duration;

statements! {
    SPOIL_HEAD = "UPDATE audit_head SET root = $1";
    LOSE_LEAF = "UPDATE audit_head SET size = size - 1";
}

async fn spoil(db: &Db, statement: &'static db::Statement, parameters: Vec<db::Value>) {
    let tx = db.begin().await.unwrap();
    tx.execute(statement, parameters).await.unwrap();
    tx.commit().await.unwrap();
}

async fn grown(db: &Db) -> Audit {
    let audit = open(db).await;
    let running = follow(db, &audit).await;
    append(db, (0..20).map(|_| event("auth.logged_in")).collect()).await;
    signed(&audit, 21).await;
    running.stop().await;
    audit
}

#[test]
fn a_log_whose_head_was_changed_stands_still() {
    testkit::on_each_engine(&migrations(), async |db| {
        let audit = grown(&db).await;
        let before = head(&audit).await;
        for statement in [&SPOIL_HEAD, &LOSE_LEAF] {
            let parameters = if statement.name == SPOIL_HEAD.name { params![vec![9_u8; 32]] } else { params![] };
            spoil(&db, statement, parameters).await;
            let running = follow(&db, &audit).await;
            append(&db, vec![event("auth.logged_in")]).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            let outcome = audit.sign_head().await;
            assert!(matches!(outcome, Err(AuditError::Forked(_))), "{outcome:?}");
            assert_eq!(head(&audit).await, before, "nothing was signed");
            running.stop().await;
        }
    });
}

#[test]
fn leaves_heads_and_keys_cannot_be_changed_by_the_way() {
    testkit::on_each_engine(&migrations(), async |db| {
        grown(&db).await;
        let tables = ["audit_leaf", "audit_part", "audit_key", "audit_checkpoint"];
        for table in tables.into_iter().filter(|table| *table != "audit_part") {
            let tx = db.begin().await.unwrap();
            let refused = tx.run_script(&format!("DELETE FROM {table}")).await;
            assert!(refused.unwrap_err().to_string().contains("is append-only"), "{table}");
        }
        if db.engine() == Engine::Sqlite {
            let tx = db.begin().await.unwrap();
            let refused = tx.run_script("INSERT OR REPLACE INTO audit_leaf SELECT * FROM audit_leaf").await;
            assert!(refused.unwrap_err().to_string().contains("is append-only"));
        }
    });
}

#[test]
fn another_key_or_name_is_made_known_and_the_earlier_one_stays_known() {
    testkit::on_each_engine(&migrations(), async |db| {
        let audit = grown(&db).await;
        let again = open(&db).await;
        assert_eq!(again.keys().await.unwrap().len(), 1);
        let clock: db::Clock = std::sync::Arc::new(db::WallTime::now);
        let renamed = Audit::open(&db, clock.clone(), "other.example/audit", &super::KEY).await.unwrap();
        let other = Audit::open(&db, clock, "other.example/audit", &[8; 32]).await.unwrap();
        let keys = other.keys().await.unwrap();
        let vkeys: Vec<&str> = keys.iter().map(|key| key.vkey.as_str()).collect();
        assert_eq!(vkeys, [other.vkey(), renamed.vkey(), audit.vkey()]);
        assert_eq!((keys[0].to_size, keys[2].from_size, keys[2].to_size), (None, 0, Some(21)));
        let running = follow(&db, &other).await;
        let head = signed(&other, 23).await;
        assert_eq!(head.origin, "other.example/audit");
        running.stop().await;
        let made = outbox::numbered_after(&db, 0, 100).await.unwrap();
        let made = made.iter().filter(|event| event.kind == "audit.key_made");
        let said: Vec<bool> = made.zip(vkeys.iter().rev()).map(|(event, vkey)| event.payload.contains(vkey)).collect();
        assert_eq!(said, [true; 3]);
        assert!(audit.tile(TileId { level: 0, index: 0 }, 23).await.is_ok());
    });
}
