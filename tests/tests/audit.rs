//! The auditor's story: what the log gives out is checked by a program that shares no line with the bank.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use stories::{Answer, Client, Folder, PASSWORD, Server, on_each_engine};

/// What the independent checker says; nothing where there is no Python.
fn checked(arguments: &[&str]) -> Option<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/audit_check.py");
    let Ok(done) = Command::new("python3").arg(script).args(arguments).output() else {
        let is_promised = std::env::var_os("CI").is_some() || testkit::postgres_url().is_some();
        assert!(!is_promised, "python3 is not installed");
        println!("python3 is not installed; proofs are not checked");
        return None;
    };
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    Some((done.status.success(), said))
}

#[track_caller]
pub(crate) fn expect_right(arguments: &[&str]) -> String {
    let Some((is_right, said)) = checked(arguments) else { return String::new() };
    assert!(is_right, "{arguments:?}: {said}");
    said
}

#[track_caller]
pub(crate) fn expect_wrong(arguments: &[&str], why: &str) {
    let Some((is_right, said)) = checked(arguments) else { return };
    assert!(!is_right && said.contains(why), "{arguments:?}: {said}");
}

/// Asks until it is logged.
pub(crate) fn logged(client: &Client, path: &str) -> Answer {
    let since = Instant::now();
    loop {
        let answer = client.get(path);
        if answer.status != 404 {
            return answer;
        }
        answer.expect_error(404, "NOT_YET_LOGGED");
        assert!(since.elapsed() < Duration::from_secs(30), "{path} was never logged");
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub(crate) fn checkpoint(server: &Server) -> String {
    let answer = logged(&server.anonymous(), "/api/audit/checkpoint");
    answer.expect(200);
    String::from_utf8(answer.body).expect("a note is text")
}

fn size(note: &str) -> u64 {
    note.lines().nth(1).expect("a note has a size").parse().expect("a size is a number")
}

pub(crate) fn vkey(server: &Server) -> String {
    let keys = server.anonymous().get("/api/audit/key").expect(200);
    keys["data"][0]["vkey"].as_str().expect("a key is text").to_owned()
}

#[test]
fn a_proof_of_a_transfer_is_checked_by_who_trusts_nothing_of_the_bank() {
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let file = |name: &str, text: &str| folder.write(name, text).display().to_string();
        let server = bank.serve();
        let ann = server.register("ann");
        let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
        let first = checkpoint(&server);
        let pay = |amount: &str| -> Value {
            ann.pay("/api/transactions/transfer", &stories::transfer(&source, &destination, amount)).expect(201)
        };
        let paid = pay("12.50");
        let path = format!("/api/transactions/{}/proof", paid["id"].as_str().expect("it has an id"));
        let key = vkey(&server);
        let proof = logged(&ann, &path).expect(200);
        let said = expect_right(&["proof", &file("proof.json", &proof.to_string()), "--vkey", &key]);
        assert!(said.is_empty() || said.contains(paid["id"].as_str().expect("it has an id")), "{said}");
        for (member, value, why) in [
            ("index", json!(proof["index"].as_u64().expect("a number") - 1), "does not lead to the root"),
            ("entry", proof["leafHash"].clone(), ""),
            ("treeSize", json!(1), "another size"),
            ("proof", json!([]), "does not lead to the root"),
        ] {
            let mut forged = proof.clone();
            forged[member] = value;
            expect_wrong(&["proof", &file("forged.json", &forged.to_string()), "--vkey", &key], why);
        }
        // The head of before leads to that of now, and to no other.
        let last = proof["checkpoint"].as_str().expect("a head is text");
        let between = format!("/api/audit/consistency?first={}&second={}", size(&first), size(last));
        let grown = server.anonymous().get(&between).expect(200).to_string();
        let files = [file("grown.json", &grown), file("first", &first), file("last", last)];
        let arguments: Vec<&str> = files.iter().map(String::as_str).collect();
        expect_right(&[&["consistency"], &arguments[..], &["--vkey", &key]].concat());
        let touched =
            file("touched", &last.replace(&format!("\n{}\n", size(last)), &format!("\n{}\n", size(last) + 1)));
        expect_wrong(&["head", &touched, "--vkey", &key], "signature");
        server.stop();
    });
}

#[test]
fn the_checker_judges_published_examples_as_their_authors_do() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernel/merkle/tests/suite/vectors");
    let file = |name: &str| vectors.join(name).display().to_string();
    let key = std::fs::read_to_string(file("florin_example.vkey")).expect("there is a key");
    let said = expect_right(&["segment", &file("florin_example.segment")]);
    assert!(said.is_empty() || said.contains("7 entries, root 6mTpbL7JGM+LrI0Io/nJJzNJoIkveUN/mLx7zOmLf3s="), "{said}");
    let (head, segment) = (file("florin_example.checkpoint"), file("florin_example.segment"));
    expect_right(&["head", &head, "--vkey", key.trim_end(), "--segments", &segment]);
    let folder = Folder::fresh();
    let mut bytes = std::fs::read(&segment).expect("there is a segment");
    bytes.truncate(bytes.len() - 1);
    let cut = folder.write("cut", &bytes).display().to_string();
    expect_wrong(&["segment", &cut], "in the middle of entry 6");
}

#[test]
fn heads_go_on_where_they_were_though_the_bank_is_killed() {
    on_each_engine(|bank| {
        let mut notes: Vec<String> = Vec::new();
        for (round, point) in ["", "audit::added", "audit::signed", "stream::before_commit", ""].iter().enumerate() {
            let failpoints = format!("{point}=6%panic");
            let environment: &[(&str, &str)] = if point.is_empty() { &[] } else { &[("FAILPOINTS", &failpoints)] };
            let server = bank.serve_with(&["serve"], environment);
            let name = format!("ann{round}");
            let ann = server.register(&name);
            let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
            for _ in 0..12 {
                ann.pay("/api/transactions/transfer", &stories::transfer(&source, &destination, "1.00")).expect(201);
                std::thread::sleep(Duration::from_millis(60));
            }
            if point.is_empty() {
                notes.push(checkpoint(&server));
            }
            server.kill();
        }
        let server = bank.serve();
        let ann = server.log_in("ann0", PASSWORD);
        let last = ann.pay("/api/transactions/transfer", &{
            let (source, destination) = (ann.open_account_with("5.00"), ann.open_account("USD"));
            stories::transfer(&source, &destination, "1.00")
        });
        let path = format!("/api/transactions/{}/proof", last.expect(201)["id"].as_str().expect("it has an id"));
        logged(&ann, &path).expect(200);
        notes.push(checkpoint(&server));
        for pair in notes.windows(2) {
            let between = format!("/api/audit/consistency?first={}&second={}", size(&pair[0]), size(&pair[1]));
            server.anonymous().get(&between).expect(200);
        }
        assert!(!server.log().contains("AUDIT_FORKED"), "{}", server.log());
        server.stop();
    });
}

#[test]
fn a_bank_does_not_start_without_the_key_of_its_log() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let first = vkey(&server);
        server.stop();
        let key = bank.folder().join("audit.key");
        let own = std::fs::read(&key).expect("the bank has a key");
        std::fs::remove_file(&key).expect("the key is there");
        let said = bank.run(&["serve"]).expect_refusal();
        assert!(said.contains("there is no key at") && said.contains("replace-audit"), "{said}");
        assert!(!key.exists(), "none is made");
        bank.run(&["keys", "replace-audit"]).expect_success();
        let server = bank.serve();
        let second = vkey(&server);
        server.stop();
        assert_ne!(first, second);
        std::fs::write(&key, own).expect("the folder takes a key");
        let said = bank.run(&["serve"]).expect_refusal();
        assert!(said.contains("is not the key that signs the audit log"), "{said}");
    });
}
