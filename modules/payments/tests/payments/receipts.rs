//! What was kept under a key by any version before is given again to the byte.

use crate::common::{Bank, deposit, migrations};
use db::{Db, Engine};
use ids::UserId;
use payments::{Answer, Hat, IdempotencyKey, Receipt};
use sha2::{Digest as _, Sha256};
use testkit::on_each_engine;

/// The layout of both hashes: each part with its length before it.
fn digest(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// A row as it has been written from the start: what is now a label is in the column `status`.
async fn insert(db: &Db, [hash, fingerprint, body]: [&[u8]; 3], status: u16) {
    let bytes = |bytes: &[u8]| {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match db.engine() {
            Engine::Postgres => format!("'\\x{hex}'"),
            Engine::Sqlite => format!("x'{hex}'"),
        }
    };
    let time = match db.engine() {
        Engine::Postgres => "'2026-01-01T00:00:00Z'",
        Engine::Sqlite => "1767225600000000",
    };
    let (hash, fingerprint, body) = (bytes(hash), bytes(fingerprint), bytes(body));
    let tx = db.begin().await.unwrap();
    tx.run_script(&format!(
        "INSERT INTO payments_idempotency (key_hash, fingerprint, status, body, created_at)
         VALUES ({hash}, {fingerprint}, {status}, {body}, {time});"
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn a_row_of_an_older_version_is_replayed_to_the_byte() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let user = UserId::generate();
        let account = bank.account(user, 0).await;
        let command = deposit(account, 5);
        let asked_for = format!("{:?}", [&command]);
        let (hash, fingerprint) = (digest(&[b"caller", b"POST", b"/route", b"key"]), digest(&[asked_for.as_bytes()]));
        let body = b"{ \"as\":  \"it was\" }\n\xff";
        insert(&bank.db, [&hash, &fingerprint, body], 201).await;
        let receipt = Receipt { label: 201, body: body.to_vec() };

        let again = bank.submit(Hat::Customer(user), vec![command], true, "key").await.1;
        assert_eq!(again, Ok(Answer::Replayed(receipt.clone())));
        let key = |asked_for: &str| IdempotencyKey::new(&["caller", "POST", "/route"], "key", &[asked_for.as_bytes()]);
        assert_eq!(bank.payments.answer_to(&key(&asked_for)).await, Ok(Some(Answer::Replayed(receipt))));
        assert_eq!(bank.payments.answer_to(&key("other")).await, Ok(Some(Answer::KeyReused)));
        assert_eq!(bank.posted(account).await, 0, "nothing of it was done again");
    });
}
