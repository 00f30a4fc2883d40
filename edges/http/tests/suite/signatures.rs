//! Signed requests (RFC 9421) over HTTP: what counts, and everything that somebody on the way could try.

mod refusals;

use crate::bank::{Answer, Bank, Person, deposit, with_bank};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use db::WallTime;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

const HOST: &str = "bank.example";

/// A program whose requests have to be signed.
struct Program<'a> {
    holder: Person<'a>,
    key_id: String,
    signing_key: SigningKey,
}

/// A signed request that can still be changed.
#[derive(Clone)]
struct Signed {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// What is signed, and how.
#[derive(Clone)]
struct Plan {
    components: Vec<&'static str>,
    created: i64,
    rest: String,
}

impl<'a> Program<'a> {
    async fn of(bank: &'a Bank, owner: &Person<'_>) -> Self {
        let scopes = json!(["accounts:read", "transactions:write", "transactions:read"]);
        let made = owner.post("/api/auth/api-keys", &json!({ "name": "signed", "scopes": scopes })).await.expect(201);
        let key_id = made["apiKey"]["id"].as_str().unwrap().to_owned();
        let signing_key = SigningKey::from_bytes(&Sha256::digest(&key_id).into());
        let x = URL_SAFE_NO_PAD.encode(signing_key.verifying_key().as_bytes());
        let body = json!({ "publicKey": { "kty": "OKP", "crv": "Ed25519", "x": x }, "algorithm": "ed25519" });
        let path = format!("/api/auth/api-keys/{key_id}/signing-key");
        let set = owner.send("PUT", &path).json(&body).await.expect(200);
        assert_eq!(set["signatureAlgorithm"], "ed25519");
        Self { holder: bank.person(made["key"].as_str().unwrap()), key_id, signing_key }
    }

    fn plan(&self, components: &[&'static str]) -> Plan {
        Plan {
            components: components.to_vec(),
            created: WallTime::now().unix_seconds(),
            rest: format!(";keyid=\"{}\";nonce=\"{}\"", self.key_id, Uuid::now_v7()),
        }
    }

    /// A deposit with all that a signature has to cover.
    fn deposit(&self, account: &str) -> Signed {
        self.signed(unsigned_deposit(account), &self.plan(&ALL))
    }

    /// Writes the base down by hand, as RFC 9421 has it.
    fn signed(&self, mut request: Signed, plan: &Plan) -> Signed {
        let mut base = String::new();
        for name in &plan.components {
            let value = match *name {
                "@method" => request.method.to_owned(),
                "@target-uri" => format!("http://{HOST}{}", request.target),
                "@authority" => HOST.to_owned(),
                "@path" => request.target.split('?').next().unwrap().to_owned(),
                "@query" => format!("?{}", request.target.split_once('?').map_or("", |(_, query)| query)),
                name => request.header(name).to_owned(),
            };
            base.push_str(&format!("\"{name}\": {value}\n"));
        }
        let quoted: Vec<String> = plan.components.iter().map(|name| format!("\"{name}\"")).collect();
        let input = format!("({});created={}{}", quoted.join(" "), plan.created, plan.rest);
        base.push_str(&format!("\"@signature-params\": {input}"));
        let signature = STANDARD.encode(self.signing_key.sign(base.as_bytes()).to_bytes());
        request.headers.push(("signature-input", format!("florin={input}")));
        request.headers.push(("signature", format!("florin=:{signature}:")));
        request
    }

    async fn send(&self, request: Signed) -> Answer {
        let mut sending = self.holder.send(request.method, &request.target);
        for (name, value) in &request.headers {
            sending = sending.header(name, value);
        }
        sending.body(request.body).await_answer().await
    }

    /// The reason why a request is refused.
    #[track_caller]
    fn reason(answer: &Answer) -> Value {
        answer.expect_error(401, "INVALID_SIGNATURE")["details"]["reason"].clone()
    }
}

/// What a signature of a deposit has to cover.
const ALL: [&str; 5] = ["@method", "@target-uri", "content-type", "content-digest", "idempotency-key"];

fn unsigned_deposit(account: &str) -> Signed {
    let body = deposit(account, "10.00").to_string();
    Signed {
        method: "POST",
        target: "/api/transactions".to_owned(),
        headers: vec![
            ("host", HOST.to_owned()),
            ("content-type", "application/json".to_owned()),
            ("content-digest", digest(&body)),
            ("idempotency-key", Uuid::now_v7().to_string()),
        ],
        body,
    }
}

fn digest(body: &str) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

impl Signed {
    fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(known, _)| *known == name).unwrap().1
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value.into();
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }
}

#[test]
fn a_parameter_that_is_no_string_does_not_pass_as_absent() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (account, program) = (ann.account().await, Program::of(&bank, &ann).await);
        let with = |more: &str| {
            let plan = program.plan(&ALL);
            let rest = format!("{}{more}", plan.rest);
            program.signed(unsigned_deposit(&account), &Plan { rest, ..plan })
        };
        for wrong in [";alg=ed25519", ";alg=ecdsa-p256-sha256", ";alg=1", ";alg"] {
            let reason = Program::reason(&program.send(with(wrong)).await);
            assert_eq!(reason, "keyid, alg and nonce must be strings", "{wrong}");
        }
        program.send(with(";alg=\"ed25519\"")).await.expect(201);
        program.send(with("")).await.expect(201);
    });
}

#[test]
fn a_signed_request_counts_once() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let program = Program::of(&bank, &ann).await;
        let request = program.deposit(&account);
        program.send(request.clone()).await.expect(201);
        program.send(request).await.expect_error(401, "SIGNATURE_REPLAYED");
        assert_eq!(ann.balance(&account).await, "10.00");
        // Once more with a new signature: the idempotency key says that it is the same deposit.
        let again = unsigned_deposit(&account).with("idempotency-key", "same");
        for replayed in [None, Some("true")] {
            let answer = program.send(program.signed(again.clone(), &program.plan(&ALL))).await;
            answer.expect(201);
            assert_eq!(answer.header("idempotent-replayed"), replayed);
        }
        assert_eq!(ann.balance(&account).await, "20.00");
    });
}

#[test]
fn the_target_may_be_covered_whole_or_in_parts() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let program = Program::of(&bank, &ann).await;
        let reading = |target: &str| Signed {
            method: "GET",
            target: target.to_owned(),
            headers: vec![("host", HOST.to_owned())],
            body: String::new(),
        };
        for (target, components) in [
            ("/api/accounts?limit=5", vec!["@method", "@target-uri"]),
            ("/api/accounts?limit=5", vec!["@method", "@authority", "@path", "@query"]),
            ("/api/accounts", vec!["@method", "@authority", "@path", "@query"]),
            ("/api/accounts", vec!["host", "@path", "@authority", "@method"]),
        ] {
            program.send(program.signed(reading(target), &program.plan(&components))).await.expect(200);
        }
        for components in [
            vec!["@target-uri"],
            vec!["@method"],
            vec!["@method", "@path", "@query"],
            vec!["@method", "@authority", "@path"],
            vec!["@method", "@authority", "@query"],
            vec![],
        ] {
            let request = program.signed(reading("/api/accounts?limit=5"), &program.plan(&components));
            let reason = Program::reason(&program.send(request).await);
            assert!(reason.as_str().unwrap().starts_with("the signature must cover @"), "{reason}");
        }
    });
}

#[test]
fn whatever_is_changed_on_the_way_is_noticed() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (account, other) = (ann.account().await, ann.account().await);
        let program = Program::of(&bank, &ann).await;
        let request = || program.deposit(&account);
        let other_body = deposit(&other, "10.00").to_string();
        let does_not_fit = json!("the signature does not fit the request");
        for changed in [
            Signed { method: "PUT", target: "/api/accounts/x".to_owned(), ..request() },
            Signed { target: "/api/transactions/transfer".to_owned(), ..request() },
            Signed { target: "/api/transactions?".to_owned(), ..request() },
            request().with("host", "other.example"),
            request().with("idempotency-key", "other"),
            request().with("content-type", "application/json; charset=utf-8"),
            Signed { body: other_body.clone(), ..request() }.with("content-digest", digest(&other_body)),
        ] {
            assert_eq!(Program::reason(&program.send(changed).await), does_not_fit);
        }
        let changed = Signed { body: other_body, ..request() };
        program.send(changed).await.expect_error(400, "DIGEST_MISMATCH");
        for account in [&account, &other] {
            assert_eq!(ann.balance(account).await, "0.00");
        }
    });
}

#[test]
fn what_is_not_covered_is_not_accepted() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let program = Program::of(&bank, &ann).await;
        for missing in ["content-type", "content-digest", "idempotency-key"] {
            let components: Vec<&str> = ALL.into_iter().filter(|name| *name != missing).collect();
            let request = program.signed(unsigned_deposit(&account), &program.plan(&components));
            let reason = Program::reason(&program.send(request).await);
            assert_eq!(reason, format!("the signature must cover {missing}"));
        }
        let components: Vec<&str> = ALL.into_iter().filter(|name| *name != "content-digest").collect();
        let request = unsigned_deposit(&account).without("content-digest");
        let answer = program.send(program.signed(request, &program.plan(&components))).await;
        assert_eq!(Program::reason(&answer), "a signed request with a body needs Content-Digest");
    });
}

#[test]
fn stale_early_and_ended_signatures_are_refused() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let program = Program::of(&bank, &ann).await;
        let now = WallTime::now().unix_seconds();
        let plan = program.plan(&ALL);
        let ended = Plan { rest: format!("{};expires={}", plan.rest, now - 1), ..plan.clone() };
        let textual = Plan { rest: format!("{};expires=\"never\"", plan.rest), ..plan.clone() };
        for plan in [Plan { created: now - 65, ..plan.clone() }, Plan { created: now + 65, ..plan }, ended, textual] {
            Program::reason(&program.send(program.signed(unsigned_deposit(&account), &plan)).await);
        }
        let plan = program.plan(&ALL);
        let open = Plan { rest: format!("{};expires={};tag=\"florin\";alg=\"ed25519\"", plan.rest, now + 30), ..plan };
        program.send(program.signed(unsigned_deposit(&account), &open)).await.expect(201);
    });
}

#[test]
fn unsigned_and_halfway_signed_requests_are_refused() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let program = Program::of(&bank, &ann).await;
        let request = || program.deposit(&account);
        let key_id = format!("keyid=\"{}\"", program.key_id);
        let nonce_free = Plan { rest: format!(";{key_id}"), ..program.plan(&ALL) };
        let input = request().header("signature-input").to_owned();
        for changed in [
            unsigned_deposit(&account),
            request().without("signature"),
            request().without("signature-input"),
            request().with("signature", "florin=:AAAA:"),
            request().with("signature", "florin=\"text\""),
            request().with("signature", "other=:AAAA:"),
            request().with("signature", "not a dictionary!"),
            request().with("signature-input", "florin"),
            request().with("signature-input", input.replace(&key_id, "keyid=\"key_x\"")),
            request().with("signature-input", format!("{input}, {}", input.replacen("florin", "other", 1))),
            request().with("signature-input", input.replace("\"@method\"", "\"@method\" \"@method\"")),
            program.signed(unsigned_deposit(&account), &nonce_free),
        ] {
            Program::reason(&program.send(changed).await);
        }
        assert_eq!(ann.balance(&account).await, "0.00");
    });
}

#[test]
fn anothers_signature_does_not_count_and_others_may_stand_beside() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let (program, other) = (Program::of(&bank, &ann).await, Program::of(&bank, &ann).await);
        // Signed by the other program, in its own name and in this one's.
        Program::reason(&program.send(other.deposit(&account)).await);
        let forged = other.signed(unsigned_deposit(&account), &program.plan(&ALL));
        Program::reason(&program.send(forged).await);
        // A proxy on the way may add its own.
        let request = program.deposit(&account);
        let input = format!("proxy=(\"@method\");keyid=\"proxy\", {}", request.header("signature-input"));
        let signature = format!("proxy=:AAAA:, {}", request.header("signature"));
        let request = request.with("signature-input", input).with("signature", signature);
        program.send(request).await.expect(201);
    });
}

#[test]
fn a_key_without_a_signing_key_needs_no_signature() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let program = Program::of(&bank, &ann).await;
        program.holder.get("/api/accounts").await.expect_error(401, "INVALID_SIGNATURE");
        let path = format!("/api/auth/api-keys/{}/signing-key", program.key_id);
        let removed = ann.send("DELETE", &path).await_answer().await.expect(200);
        assert_eq!(removed["signatureAlgorithm"], Value::Null);
        program.holder.get("/api/accounts").await.expect(200);
        program.send(unsigned_deposit(&account)).await.expect(201);
        let wrong = json!({ "publicKey": "-----BEGIN PUBLIC KEY-----", "algorithm": "ed25519" });
        let error = ann.send("PUT", &path).json(&wrong).await.expect_error(400, "INVALID_REQUEST");
        assert_eq!(error["details"]["field"], "publicKey");
        let wrong = json!({ "publicKey": "x", "algorithm": "hmac-sha256" });
        let error = ann.send("PUT", &path).json(&wrong).await.expect_error(400, "INVALID_REQUEST");
        assert_eq!(error["details"]["field"], "algorithm");
    });
}

#[test]
fn a_digest_is_checked_whoever_sends_it() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let body = json!({ "name": "Everyday", "type": "CHECKING", "currency": "USD" });
        let open =
            async |digest: &str| ann.send("POST", "/api/accounts").header("content-digest", digest).json(&body).await;
        open(&digest(&body.to_string())).await.expect(201);
        let error = open(&digest("something else")).await.expect_error(400, "DIGEST_MISMATCH");
        assert_eq!(error["details"]["algorithm"], "sha-256");
        open("sha-256=oops").await.expect_error(400, "INVALID_REQUEST");
        assert_eq!(ann.get("/api/accounts").await.expect(200)["data"].as_array().unwrap().len(), 1);
    });
}
