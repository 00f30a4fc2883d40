//! The audit log over the API: heads, proofs, who gets what of them, and searching.

use crate::bank::{Answer, Bank, transfer, with_bank};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::Role;
use merkle::{Checkpoint, Hash, VerifierKey, leaf_hash, salted_hash, verify_consistency, verify_inclusion};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use stream::{Running, Stream};

/// Has the log follow what happens.
async fn follow(bank: &Bank) -> Running {
    let stream = Stream::new(&bank.db, Arc::new(db::WallTime::now));
    stream.start(vec![bank.audit.sequencer()]).await.unwrap()
}

/// Asks until it is logged.
async fn logged(bank: &Bank, ask: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..300 {
        bank.audit.sign_head().await.unwrap();
        let answer = ask().await;
        if answer.status != 404 {
            return answer;
        }
        answer.expect_error(404, "NOT_YET_LOGGED");
        assert_eq!(answer.header("retry-after"), Some("1"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it was never logged");
}

/// Asks until an entry is found whose content has the text.
async fn found(text: &str, ask: impl AsyncFn() -> Answer) -> Value {
    for _ in 0..300 {
        let page = ask().await.expect(200);
        let mut entries = page["data"].as_array().unwrap().iter();
        if let Some(entry) = entries.find(|entry| entry["payload"].as_str().is_some_and(|said| said.contains(text))) {
            return entry.clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it was never found");
}

async fn key(bank: &Bank) -> VerifierKey {
    let keys = bank.send("GET", "/api/audit/key").await_answer().await.expect(200);
    VerifierKey::parse(keys["data"][0]["vkey"].as_str().unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(|hash| bytes(hash).try_into().unwrap()).collect()
}

#[test]
fn a_transfer_is_proved_to_its_parties_and_shown_whole_to_auditors() {
    with_bank(async |bank| {
        let (ann, bob, eve) = (bank.customer("ann").await, bank.customer("bob").await, bank.customer("eve").await);
        let (auditor, teller) = (bank.staff("audra", Role::Auditor).await, bank.staff("ted", Role::Teller).await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
        let body = transfer(&source, &destination, "12.50");
        let paid = ann.pay("/api/transactions/transfer", &body).await.expect(201);
        let path = format!("/api/transactions/{}/proof", paid["id"].as_str().unwrap());
        ann.get(&path).await.expect_error(404, "NOT_YET_LOGGED");
        bank.send("GET", "/api/audit/checkpoint").await_answer().await.expect_error(404, "NOT_YET_LOGGED");
        let running = follow(&bank).await;
        let proof = logged(&bank, async || ann.get(&path).await).await.expect(200);
        let key = key(&bank).await;
        let head = Checkpoint::open(proof["checkpoint"].as_str().unwrap(), &key).unwrap();
        let (index, size) = (proof["index"].as_u64().unwrap(), proof["treeSize"].as_u64().unwrap());
        let leaf = leaf_hash(&bytes(&proof["entry"]));
        assert_eq!((head.origin.as_str(), head.size), ("bank.example/audit", size));
        assert_eq!(hashes(&json!([proof["leafHash"]])), [leaf]);
        assert!(verify_inclusion(index, size, &leaf, &hashes(&proof["proof"]), &head.root));
        let entry: Value = serde_json::from_slice(&bytes(&proof["entry"])).unwrap();
        assert_eq!((&entry["kind"], &entry["subject"]), (&json!("payments.transaction_settled"), &paid["id"]));
        // Of the other side's balance nobody is told.
        for person in [&ann, &bob, &teller] {
            let proof = person.get(&path).await.expect(200);
            assert_eq!((&proof["payload"], &proof["salt"]), (&Value::Null, &Value::Null));
        }
        eve.get(&path).await.expect_error(404, "TRANSACTION_NOT_FOUND");
        let whole = auditor.get(&path).await.expect(200);
        let payload = whole["payload"].as_str().unwrap();
        let hash = salted_hash(&bytes(&whole["salt"]).try_into().unwrap(), payload.as_bytes());
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(entry["payload"], hash.as_str());
        let payload: Value = serde_json::from_str(payload).unwrap();
        assert_eq!(payload["actor"]["user"], ann.id().await.as_str());
        let mut sides = vec![json!([source, 2, "-12.50", "87.50"]), json!([destination, 1, "12.50", "12.50"])];
        sides.sort_by_key(|side| side[0].as_str().unwrap().to_owned());
        assert_eq!(payload["ledger"]["postings"], json!(sides));
        assert_eq!(payload["ledger"]["kind"], "TRANSFER");
        let text = ann.send("GET", &path).header("accept", "text/plain").await_answer().await;
        let said = String::from_utf8(text.bytes.clone()).unwrap();
        assert!(said.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {index}\n")), "{said}");
        assert!(said.ends_with(proof["checkpoint"].as_str().unwrap()), "{said}");
        let checkpoint = bank.send("GET", "/api/audit/checkpoint").await_answer().await;
        checkpoint.expect(200);
        assert_eq!(checkpoint.header("cache-control"), Some("max-age=1"));
        running.stop().await;
    });
}

#[test]
fn what_settled_nothing_here_is_told_from_what_waits() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
        let held = ann.pay("/api/transactions/hold", &transfer(&source, &destination, "5.00")).await.expect(201);
        let path = format!("/api/transactions/{}/proof", held["id"].as_str().unwrap());
        assert_eq!(ann.get(&path).await.expect_error(422, "INVALID_STATUS")["details"]["status"], "PENDING");
        let admin = bank.admin("root").await;
        let account = bank.imported_account().await;
        let list = admin.get(&format!("/api/transactions/account/{account}")).await.expect(200);
        let path = format!("/api/transactions/{}/proof", list["data"][0]["id"].as_str().unwrap());
        let refused = admin.get(&path).await.expect_error(422, "INVALID_STATUS");
        assert!(refused["message"].as_str().unwrap().contains("taken over from elsewhere"));
    });
}

#[test]
fn auditors_search_the_log_and_are_logged() {
    with_bank(async |bank| {
        let running = follow(&bank).await;
        let (ann, auditor) = (bank.customer("ann").await, bank.staff("audra", Role::Auditor).await);
        let search = format!("/api/audit/events?kind=auth.&subject={}&from=2020-01-01", ann.id().await);
        let entry = found("ann", async || auditor.get(&search).await).await;
        let entry: Value = serde_json::from_slice(&bytes(&entry["entry"])).unwrap();
        assert_eq!(entry["subject"], ann.id().await.as_str());
        let path = format!("/api/audit/events/{}/proof", entry["id"].as_str().unwrap());
        logged(&bank, async || auditor.get(&path).await).await.expect(200);
        let looked = "/api/audit/events?kind=audit.read&subject=bank&limit=100";
        let read = found(r#""kind":"auth.""#, async || auditor.get(looked).await).await;
        assert!(read["payload"].as_str().unwrap().contains(&auditor.id().await), "{read}");
        for wrong in ["subject=ann", "kind=A", "from=yesterday", "actor=x", "cursor=x"] {
            auditor.get(&format!("/api/audit/events?{wrong}")).await.expect_error(400, "INVALID_REQUEST");
        }
        auditor.get(&format!("{path}?size=999999")).await.expect_error(400, "INVALID_REQUEST");
        // Everybody has the proof of what they did themselves, and no other.
        let found = auditor.get(&format!("/api/audit/events?kind=auth.&actor={}", ann.id().await)).await.expect(200);
        let own = bytes(&found["data"][0]["entry"]);
        let own: Value = serde_json::from_slice(&own).unwrap();
        let own = format!("/api/audit/events/{}/proof", own["id"].as_str().unwrap());
        logged(&bank, async || ann.get(&own).await).await.expect(200);
        bank.customer("eve").await.get(&own).await.expect_error(404, "NOT_FOUND");
        running.stop().await;
    });
}

/// A head of more leaves than are known.
async fn head_after(bank: &Bank, known: u64) -> Checkpoint {
    for _ in 0..300 {
        let answer = logged(bank, async || bank.send("GET", "/api/audit/checkpoint").await_answer().await).await;
        let note = String::from_utf8(answer.bytes).unwrap();
        let head = Checkpoint::open(&note, &key(bank).await).unwrap();
        if head.size > known {
            return head;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the log did not grow");
}

#[test]
fn heads_follow_from_each_other_and_hashes_are_given_in_tiles() {
    with_bank(async |bank| {
        let running = follow(&bank).await;
        let (ann, auditor) = (bank.customer("ann").await, bank.staff("audra", Role::Auditor).await);
        let mut heads: Vec<Checkpoint> = Vec::new();
        for _ in 0..3 {
            ann.account().await;
            let known = heads.last().map_or(0, |head| head.size);
            heads.push(head_after(&bank, known).await);
        }
        let (first, last) = (&heads[0], &heads[2]);
        let path = format!("/api/audit/consistency?first={}&second={}", first.size, last.size);
        let proof = bank.send("GET", &path).await_answer().await.expect(200);
        let proof = hashes(&proof["proof"]);
        assert!(verify_consistency((first.size, &first.root), (last.size, &last.root), &proof));
        for wrong in ["first=0&second=2", "first=3&second=2", "first=1", "first=1&second=99999999", "first=x&second=2"]
        {
            let answer = bank.send("GET", &format!("/api/audit/consistency?{wrong}")).await_answer().await;
            answer.expect_error(400, "INVALID_REQUEST");
        }
        let tile = auditor.get(&format!("/api/audit/tile/0/000.p/{}", last.size)).await;
        assert_eq!(tile.header("content-type"), Some("application/octet-stream"));
        let mut frontier = merkle::Frontier::default();
        tile.bytes.as_chunks::<32>().0.iter().for_each(|leaf| frontier.append(*leaf));
        assert_eq!((frontier.size(), frontier.root()), (last.size, last.root));
        for wrong in ["0/000", "0/000.p/0", "0/001.p/1", "9/000", "0/0", "x", "0/000.p/x", "0/../000"] {
            auditor.get(&format!("/api/audit/tile/{wrong}")).await.expect_error(404, "NOT_FOUND");
        }
        running.stop().await;
    });
}
