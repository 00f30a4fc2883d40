//! A program of others', with a library of others', signs its requests, and the bank takes them.

use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use stories::{Bank, Client, Finished, Folder, Server, Tool, on_each_engine, run, transfer};

const SCOPES: [&str; 2] = ["accounts:read", "transactions:write"];

/// A program with an API key and a key of its own to sign with.
struct Program<'a> {
    python: &'a Path,
    origin: String,
    key: String,
    key_id: String,
    signing_key: PathBuf,
}

impl Program<'_> {
    fn send(&self, method: &str, path: &str, body: Option<&str>) -> Finished {
        let mut command = script(self.python);
        command.args([method, &format!("{}{path}", self.origin)]).args(body);
        command.env("FLORIN_API_KEY", &self.key).env("FLORIN_API_KEY_ID", &self.key_id);
        command.env("FLORIN_SIGNING_KEY", &self.signing_key);
        run(command)
    }

    #[track_caller]
    fn expect(&self, status: u16, (method, path): (&str, &str), body: Option<&str>) -> String {
        let finished = self.send(method, path, body);
        assert!(finished.stdout.starts_with(&format!("{status}\n")), "{finished:?}");
        finished.stdout
    }
}

fn script(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("scripts").join("signed_request.py"));
    command
}

/// Makes a pair of keys and an API key that asks for signatures with it.
fn enrol<'a>(python: &'a Path, (server, owner): (&Server, &Client), algorithm: &str, file: PathBuf) -> Program<'a> {
    let mut command = script(python);
    command.args(["new-key", algorithm]).arg(&file);
    let public_key = run(command).expect_success();
    let made = owner.post("/api/auth/api-keys", &json!({ "name": algorithm, "scopes": SCOPES })).expect(201);
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let (key, key_id) = (text(&made["key"]), text(&made["apiKey"]["id"]));
    let body = json!({ "publicKey": public_key, "algorithm": algorithm });
    owner.put(&format!("/api/auth/api-keys/{key_id}/signing-key"), &body).expect(200);
    Program { python, origin: origin(server), key, key_id, signing_key: file }
}

fn origin(server: &Server) -> String {
    let line = server.printed().iter().find_map(|line| line.split_once("http://")).expect("it says where it listens");
    format!("http://{}", line.1.split_whitespace().next().expect("an address"))
}

#[test]
fn a_python_program_signs_its_transfers() {
    let Some(python) = Tool::HttpSignatures.find() else { return };
    on_each_engine(|bank: Bank| {
        let (server, folder) = (bank.serve(), Folder::fresh());
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let (source, destination) = (ann.open_account_with("100.00"), bob.open_account("USD"));
        let order = transfer(&source, &destination, "12.50").to_string();
        let pay = ("POST", "/api/transactions/transfer");
        let mut programs = Vec::new();
        for algorithm in ["ed25519", "ecdsa-p256-sha256"] {
            let program = enrol(&python, (&server, &ann), algorithm, folder.file(algorithm));
            let reply = program.expect(201, pay, Some(&order));
            assert!(reply.contains("\"SETTLED\""), "{reply}");
            let read = ("GET", "/api/accounts?limit=1");
            assert!(program.expect(200, read, None).contains(&source));
            programs.push(program);
        }
        // One program's API key with the other's signature.
        let mixed = Program {
            signing_key: programs[1].signing_key.clone(),
            origin: programs[0].origin.clone(),
            key: programs[0].key.clone(),
            key_id: programs[0].key_id.clone(),
            python: &python,
        };
        assert!(mixed.expect(401, pay, Some(&order)).contains("INVALID_SIGNATURE"));
        // Without a signature the key opens nothing.
        let unsigned = server.client(&programs[0].key);
        assert_eq!(unsigned.pay(pay.1, &transfer(&source, &destination, "12.50")).status, 401);
        assert_eq!(ann.balances(&source).0, "75.00");
        ann.delete(&format!("/api/auth/api-keys/{}", programs[0].key_id)).expect(204);
        assert!(programs[0].expect(401, pay, Some(&order)).contains("INVALID_TOKEN"));
        programs[1].expect(201, pay, Some(&order));
        server.stop();
        bank.expect_verified();
        let log = std::fs::read_to_string(bank.folder().join("server.log")).expect("the server has a log");
        for program in &programs {
            let (_, secret) = program.key.rsplit_once('_').expect("a key has parts");
            assert!(!log.contains(secret), "the log has an API key in it");
        }
    });
}
