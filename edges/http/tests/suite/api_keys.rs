//! API keys over HTTP: what they open and what not, and that nobody sees their text twice.

use crate::bank::{Answer, Bank, Person, transfer, with_bank};
use http_edge::{Needs, ROUTES, RouteSpec, Who};
use identity::{Role, Scope, Scopes};
use serde_json::{Value, json};

/// Makes a key with the scopes; gives the whole reply.
async fn make_key(owner: &Person<'_>, scopes: &[&str]) -> Value {
    owner.post("/api/auth/api-keys", &json!({ "name": "payroll", "scopes": scopes })).await.expect(201)
}

/// A program that holds such a key.
async fn program<'a>(bank: &'a Bank, owner: &Person<'_>, scopes: &[&str]) -> Person<'a> {
    bank.person(make_key(owner, scopes).await["key"].as_str().unwrap())
}

async fn call(person: &Person<'_>, spec: &RouteSpec) -> Answer {
    let path = spec.path.replace("{id}", "x").replace("{accountId}", "x").replace("{file}", "index.css");
    let path = path.replace("{page}", "home").replace("{item}", "x");
    person.send(spec.method, &path).await_answer().await
}

#[test]
fn every_scope_opens_its_routes_and_no_others() {
    with_bank(async |bank| {
        let root = bank.admin("root").await;
        let all: Vec<&str> = Scope::ALL.iter().map(|scope| scope.word()).collect();
        let everything = program(&bank, &root, &all).await;
        for scope in Scope::ALL {
            let exact = program(&bank, &root, &[scope.word()]).await;
            let others: Vec<&str> = all.iter().copied().filter(|word| *word != scope.word()).collect();
            let others = program(&bank, &root, &others).await;
            let mut tried = 0;
            for spec in ROUTES.iter().filter(|spec| spec.needs == Needs::Scope(scope)) {
                let answer = call(&exact, spec).await;
                assert!(!matches!(answer.status.as_u16(), 401 | 403), "{} {} {answer:?}", spec.method, spec.path);
                let error = call(&others, spec).await.expect_error(403, "INSUFFICIENT_SCOPE");
                assert_eq!(error["details"]["scope"], scope.word());
                tried += 1;
            }
            assert!(tried > 0, "no route needs {scope:?}");
        }
        let of_sessions = |spec: &&RouteSpec| matches!(spec.needs, Needs::Session | Needs::FreshSession);
        for spec in ROUTES.iter().filter(of_sessions) {
            call(&everything, spec).await.expect_error(403, "SESSION_REQUIRED");
        }
    });
}

#[test]
fn a_role_has_the_scopes_that_it_can_use() {
    for role in Role::ALL {
        let usable: Scopes = Scope::ALL
            .into_iter()
            .filter(|scope| {
                let mut routes = ROUTES.iter().filter(|spec| spec.needs == Needs::Scope(*scope));
                routes.any(|spec| spec.who != Who::Public && spec.who.roles().contains(&role))
            })
            .collect();
        assert_eq!(role.scopes(), usable, "{role:?}");
    }
}

#[test]
fn a_program_moves_its_owners_money_under_the_same_idempotency_keys() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
        let payroll = program(&bank, &ann, &["transactions:write"]).await;
        let order = transfer(&source, &destination, "12.50");
        let first = payroll.pay_as("march", "/api/transactions/transfer", &order).await;
        first.expect(201);
        let again = ann.pay_as("march", "/api/transactions/transfer", &order).await;
        assert_eq!((again.header("idempotent-replayed"), again.expect(201)), (Some("true"), first.json()));
        assert_eq!(ann.balance(&source).await, "87.50");
        // Bob's money is not Ann's, whatever she calls with.
        let theirs = transfer(&destination, &source, "1.00");
        payroll.pay("/api/transactions/transfer", &theirs).await.expect_error(404, "INVALID_ACCOUNT");
    });
}

#[test]
fn the_text_of_a_key_is_shown_once() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let made = make_key(&ann, &["accounts:read", "profile:read"]).await;
        let (text, key) = (made["key"].as_str().unwrap(), &made["apiKey"]);
        let prefix = key["prefix"].as_str().unwrap();
        assert!(text.starts_with(prefix) && text.len() == 103, "{text}");
        assert_eq!(key["scopes"], json!(["profile:read", "accounts:read"]));
        assert_eq!((&key["status"], &key["allowedAddresses"]), (&json!("ACTIVE"), &json!([])));
        let listed = ann.get("/api/auth/api-keys").await;
        assert_eq!(listed.expect(200), json!({ "data": [key], "nextCursor": null }));
        let secret = text.strip_prefix(prefix).unwrap();
        assert!(!String::from_utf8(listed.bytes).unwrap().contains(secret));
        let program = bank.person(text);
        assert_eq!(program.get("/api/auth/me").await.expect(200)["username"], "ann");
        program.get("/api/auth/api-keys").await.expect_error(403, "SESSION_REQUIRED");
    });
}

#[test]
fn keys_are_rotated_and_revoked() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let made = make_key(&ann, &["profile:read"]).await;
        let path = format!("/api/auth/api-keys/{}", made["apiKey"]["id"].as_str().unwrap());
        let old = bank.person(made["key"].as_str().unwrap());
        let rotated = ann.send("POST", &format!("{path}/rotate")).await_answer().await.expect(200);
        let new = bank.person(rotated["key"].as_str().unwrap());
        assert!(rotated["apiKey"]["previousSecretUntil"].is_string());
        for program in [&old, &new] {
            program.get("/api/auth/me").await.expect(200);
        }
        let at_once = ann.post(&format!("{path}/rotate"), &json!({ "overlapSeconds": 0 })).await.expect(200);
        assert_eq!(at_once["apiKey"]["previousSecretUntil"], Value::Null);
        let newest = bank.person(at_once["key"].as_str().unwrap());
        newest.get("/api/auth/me").await.expect(200);
        for seconds in [-1, 604_801] {
            let body = json!({ "overlapSeconds": seconds });
            ann.post(&format!("{path}/rotate"), &body).await.expect_error(400, "INVALID_REQUEST");
        }
        for _ in 0..2 {
            ann.send("DELETE", &path).await_answer().await.expect(204);
        }
        for program in [&old, &new, &newest] {
            let refused = program.get("/api/auth/me").await;
            refused.expect_error(401, "INVALID_TOKEN");
            assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
        }
        ann.post(&format!("{path}/rotate"), &json!({})).await.expect_error(422, "API_KEY_ENDED");
        assert_eq!(ann.get("/api/auth/api-keys").await.expect(200)["data"][0]["status"], "REVOKED");
    });
}

#[test]
fn what_a_key_cannot_be_made_of_is_named() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let whole = json!({ "name": "payroll", "scopes": ["accounts:read"] });
        for (field, value) in [
            ("name", json!("")),
            ("name", json!("a\u{7}b")),
            ("scopes", json!([])),
            ("scopes", json!(["everything"])),
            ("scopes", json!(["accounts:read", "accounts:read"])),
            ("allowedAddresses", json!(["nowhere"])),
            ("expiresAt", json!("2020-01-01T00:00:00Z")),
            ("expiresAt", json!("tomorrow")),
            ("secret", json!("mine")),
        ] {
            let mut body = whole.clone();
            body[field] = value;
            let error = ann.post("/api/auth/api-keys", &body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field, "{body}");
        }
    });
}

#[test]
fn a_key_works_from_its_addresses_only() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let body = json!({ "name": "p", "scopes": ["profile:read"], "allowedAddresses": ["192.0.2.0/24"] });
        let made = ann.post("/api/auth/api-keys", &body).await.expect(201);
        let program = bank.person(made["key"].as_str().unwrap());
        let from = async |address: &str| program.send("GET", "/api/auth/me").coming_from(address).await_answer().await;
        let last_used_at = async || {
            bank.programs.record_key_uses().await.unwrap();
            ann.get("/api/auth/api-keys").await.expect(200)["data"][0]["lastUsedAt"].clone()
        };
        from("192.0.3.9").await.expect_error(403, "ADDRESS_NOT_ALLOWED");
        assert!(last_used_at().await.is_null(), "what was refused is no use");
        from("192.0.2.9").await.expect(200);
        assert!(last_used_at().await.is_string());
        program.get("/api/auth/me").await.expect_error(403, "ADDRESS_NOT_ALLOWED");
    });
}

#[test]
fn what_only_looks_like_a_key_opens_nothing() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let text = make_key(&ann, &["profile:read"]).await["key"].as_str().unwrap().to_owned();
        let mut mistyped = text.clone();
        mistyped.replace_range(60..61, if &text[60..61] == "0" { "1" } else { "0" });
        for token in ["flk_", "flk_x", &text[..102], &mistyped, &format!("{text}0"), &text.to_uppercase()] {
            bank.person(token).get("/api/auth/me").await.expect_error(401, "INVALID_TOKEN");
        }
        bank.person(&text).get("/api/auth/me").await.expect(200);
    });
}

#[test]
fn anothers_key_is_answered_like_an_unknown_one() {
    with_bank(async |bank| {
        let (ann, eve) = (bank.customer("ann").await, bank.customer("eve").await);
        let root = bank.admin("root").await;
        let made = make_key(&ann, &["profile:read"]).await;
        let theirs = made["apiKey"]["id"].as_str().unwrap();
        let unknown = ids::ApiKeyId::generate().to_string();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs" });
        let mut tried = 0;
        for spec in ROUTES.iter().filter(|spec| spec.path.starts_with("/api/auth/api-keys/{id}")) {
            let body = match spec.method {
                "PUT" => json!({ "publicKey": jwk, "algorithm": "ed25519" }),
                _ => json!({}),
            };
            for person in [&eve, &root] {
                let answer = async |id: &str| {
                    let sending = person.send(spec.method, &spec.path.replace("{id}", id));
                    let error = sending.header("x-request-id", "same").json(&body).await.expect_error(404, "NOT_FOUND");
                    error.to_string().replace(id, "{id}")
                };
                assert_eq!(answer(theirs).await, answer(&unknown).await, "{} {}", spec.method, spec.path);
                tried += 1;
            }
        }
        assert_eq!(tried, 8);
        assert_eq!(eve.get("/api/auth/api-keys").await.expect(200)["data"], json!([]));
        bank.person(made["key"].as_str().unwrap()).get("/api/auth/me").await.expect(200);
    });
}

#[test]
fn a_key_that_only_moves_money_reads_no_balance() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, other) = (ann.account_with("5.00").await, ann.account().await);
        for (scopes, expected) in [
            (vec!["transactions:write"], 0),
            (vec!["transactions:write", "accounts:read"], 2),
            (vec!["transactions:write", "transactions:read"], 2),
        ] {
            let program = program(&bank, &ann, &scopes).await;
            let paid = program.pay("/api/transactions/transfer", &transfer(&source, &other, "0.01")).await.expect(201);
            assert_eq!(paid["balances"].as_object().unwrap().len(), expected, "{scopes:?}");
        }
    });
}
