//! Callers with tokens of a trusted issuer: what opens to them, what does not, and how two people link them.

use crate::bank::{Bank, Person, transfer, with_bank, with_bank_that_trusts};
use db::WallTime;
use http_edge::{MfaPolicy, Needs, ROUTES, Who};
use ids::UserId;
use outbox::Actor;
use outsiders::{IssuerKey, TestIssuer};
use programs::{IdentityLink, Subject, UnknownSubjects};
use serde_json::{Value, json};
use uuid::Uuid;

const EVERYTHING: &str = "profile:read accounts:read accounts:write transactions:read transactions:write";

fn issuer() -> TestIssuer {
    TestIssuer::new("https://login.example/", "https://bank.example")
}

fn with_linked(mfa: MfaPolicy, body: impl AsyncFn(Bank, TestIssuer)) {
    let known = issuer();
    with_bank_that_trusts(&known, mfa, UnknownSubjects::Refuse, async |bank| {
        // Each engine has an issuer of its own.
        let issuer = issuer();
        bank.programs.issuer_keys().unwrap().learn(&issuer.key_set()).unwrap();
        body(bank, issuer).await;
    });
}

/// Links somebody behind the back of the API.
async fn link(bank: &Bank, person: &Person<'_>, subject: &str) {
    let user_id = UserId::parse(&person.id().await).unwrap();
    let link = IdentityLink {
        issuer: "https://login.example/".to_owned(),
        subject: Subject::parse(subject).unwrap(),
        user_id,
    };
    let tx = bank.db.begin().await.unwrap();
    let act = Actor::COMMAND_LINE.does(WallTime::now());
    let ended = bank.programs.link_identity_in_tx(&tx, link, user_id, act).await.unwrap();
    tx.commit().await.unwrap();
    bank.identity.refuse(ended);
}

/// The subject with a token whose claims are changed.
fn caller<'a>(bank: &'a Bank, issuer: &TestIssuer, subject: &str, changes: &[(&str, Value)]) -> Person<'a> {
    let mut claims = issuer.claims(subject, WallTime::now());
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    bank.person(&issuer.token(&claims))
}

fn scope(words: &str) -> (&'static str, Value) {
    ("scope", json!(words))
}

fn proved(factors: &[&str], seconds_ago: i64) -> [(&'static str, Value); 3] {
    let at = WallTime::now().unix_seconds() - seconds_ago;
    [scope(EVERYTHING), ("amr", json!(factors)), ("auth_time", json!(at))]
}

#[test]
fn a_token_opens_what_its_scopes_reach_and_nothing_that_needs_the_person_here() {
    with_linked(MfaPolicy::Optional, async |bank, issuer| {
        let session = bank.customer("ann").await;
        link(&bank, &session, "ann").await;
        let account = session.account_with("10.00").await;
        let ann = caller(&bank, &issuer, "ann", &[]);
        assert_eq!(ann.get("/api/auth/me").await.expect(200)["username"], "ann");
        assert_eq!(ann.get("/api/accounts").await.expect(200)["data"][0]["id"], account);
        let refused = ann.get("/api/transactions").await.expect_error(403, "INSUFFICIENT_SCOPE");
        assert_eq!(refused["details"]["scope"], "transactions:read");

        let ann = caller(&bank, &issuer, "ann", &[scope(EVERYTHING)]);
        let own = ann.account().await;
        ann.pay("/api/transactions/transfer", &transfer(&account, &own, "4.00")).await.expect(201);
        assert_eq!(session.balance(&own).await, "4.00");
        for spec in ROUTES.iter().filter(|spec| matches!(spec.who, Who::Everyone | Who::Enrolling)) {
            if matches!(spec.needs, Needs::Session | Needs::FreshSession) {
                let path = spec.path.replace("{id}", &Uuid::now_v7().to_string());
                let answer = ann.send(spec.method, &path).json(&json!({})).await;
                assert_eq!(answer.json()["error"]["code"], "SESSION_REQUIRED", "{} {path}", spec.method);
            }
        }
        // Another's account is as if it were not there.
        let foreign = bank.customer("bob").await.account().await;
        ann.get(&format!("/api/accounts/{foreign}")).await.expect_error(404, "INVALID_ACCOUNT");
    });
}

#[test]
fn a_token_that_is_not_right_is_401_in_the_envelope() {
    with_linked(MfaPolicy::Optional, async |bank, issuer| {
        let session = bank.customer("ann").await;
        link(&bank, &session, "ann").await;
        let claims = issuer.claims("ann", WallTime::now());
        let thief = IssuerKey::generate(jsonwebtoken::Algorithm::EdDSA);
        let mut header = thief.header();
        header.kid = Some(issuer.key().id.clone());
        let answer = bank.person(&thief.sign(&header, &claims)).get("/api/auth/me").await;
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
        answer.expect_error(401, "INVALID_TOKEN");
        let past = issuer.claims("ann", WallTime::now().plus_seconds(-3600));
        bank.person(&issuer.token(&past)).get("/api/auth/me").await.expect_error(401, "TOKEN_EXPIRED");
        let nobody = caller(&bank, &issuer, "nobody", &[]).get("/api/auth/me").await;
        assert_eq!(nobody.expect_error(401, "INVALID_TOKEN")["details"]["reason"], "UNKNOWN_SUBJECT");
        let id_token = caller(&bank, &issuer, "ann", &[("nonce", json!("n"))]);
        id_token.get("/api/auth/me").await.expect_error(401, "INVALID_TOKEN");

        let ann = caller(&bank, &issuer, "ann", &[]);
        ann.get("/api/auth/me").await.expect(200);
        let root = bank.admin("root").await;
        let path = format!("/api/admin/users/{}/disable", session.id().await);
        root.post(&path, &json!({})).await.expect(200);
        ann.get("/api/auth/me").await.expect_error(403, "USER_DISABLED");
    });
}

#[test]
fn while_the_issuers_keys_were_never_there_its_people_are_told_to_come_back() {
    let known = issuer();
    with_bank_that_trusts(&known, MfaPolicy::Optional, UnknownSubjects::Refuse, async |bank| {
        bank.programs.issuer_keys().unwrap().missed();
        let answer = caller(&bank, &known, "ann", &[]).get("/api/auth/me").await;
        assert_eq!(answer.header("retry-after"), Some("1"));
        answer.expect_error(503, "SERVICE_UNAVAILABLE");
        bank.customer("ann").await.get("/api/auth/me").await.expect(200);
    });
}

#[test]
fn where_a_second_factor_is_needed_the_issuer_has_to_have_seen_one() {
    with_linked(MfaPolicy::Required, async |bank, issuer| {
        let session = bank.customer("ann").await;
        link(&bank, &session, "ann").await;
        for ways in [&[][..], &["pwd"], &["otp"], &["hwk"], &["pwd", "sms"]] {
            let refused = caller(&bank, &issuer, "ann", &proved(ways, 0)).get("/api/accounts").await;
            assert_eq!(refused.expect_error(401, "STEP_UP_REQUIRED")["details"]["reason"], "SECOND_FACTOR");
            let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=300";
            assert_eq!(refused.header("www-authenticate"), Some(challenge));
        }
        for ways in [&["mfa"][..], &["pwd", "otp"]] {
            caller(&bank, &issuer, "ann", &proved(ways, 0)).get("/api/accounts").await.expect(200);
        }
    });
}

#[test]
fn staff_and_who_has_a_second_factor_here_need_one_there() {
    with_linked(MfaPolicy::Optional, async |bank, issuer| {
        for (name, session) in [
            ("teller", bank.staff("teller", identity::Role::Teller).await),
            ("root", bank.admin("root").await),
            ("auditor", bank.staff("auditor", identity::Role::Auditor).await),
        ] {
            link(&bank, &session, name).await;
            let weak = caller(&bank, &issuer, name, &proved(&["pwd"], 0));
            weak.get("/api/accounts").await.expect_error(401, "STEP_UP_REQUIRED");
            caller(&bank, &issuer, name, &proved(&["pwd", "hwk"], 0)).get("/api/accounts").await.expect(200);
        }
        // What only staff does stays with sessions, however they proved it.
        let root = caller(&bank, &issuer, "root", &proved(&["mfa"], 0));
        root.get("/api/admin/users").await.expect_error(403, "SESSION_REQUIRED");
        root.post("/api/admin/users", &json!({})).await.expect_error(403, "SESSION_REQUIRED");

        let (ann, _, _) = crate::second_factors::with_passkey(&bank, &bank.customer("ann").await).await;
        link(&bank, &ann, "ann").await;
        let weak = caller(&bank, &issuer, "ann", &proved(&["pwd"], 0));
        weak.get("/api/accounts").await.expect_error(401, "STEP_UP_REQUIRED");
        caller(&bank, &issuer, "ann", &proved(&["pwd", "otp"], 0)).get("/api/accounts").await.expect(200);
    });
}

#[test]
fn large_and_first_payments_need_a_fresh_proof_at_the_issuer() {
    with_linked(MfaPolicy::Optional, async |bank, issuer| {
        let (session, _, _) = crate::second_factors::with_passkey(&bank, &bank.customer("ann").await).await;
        link(&bank, &session, "ann").await;
        let source = session.account_with("9000.00").await;
        let payee = bank.customer("bob").await.account().await;
        let pay = async |who: &Person<'_>, amount: &str| {
            who.pay("/api/transactions/transfer", &transfer(&source, &payee, amount)).await
        };
        let old = caller(&bank, &issuer, "ann", &proved(&["pwd", "otp"], 301));
        let refused = pay(&old, "5.00").await.expect_error(401, "STEP_UP_REQUIRED");
        assert_eq!(refused["details"]["reason"], "NEW_PAYEE");
        let mut timeless = issuer.claims("ann", WallTime::now());
        timeless["amr"] = json!(["mfa"]);
        timeless["scope"] = json!(EVERYTHING);
        timeless.as_object_mut().unwrap().remove("auth_time");
        let timeless = bank.person(&issuer.token(&timeless));
        pay(&timeless, "5.00").await.expect_error(401, "STEP_UP_REQUIRED");
        let fresh = caller(&bank, &issuer, "ann", &proved(&["pwd", "otp"], 10));
        pay(&fresh, "5.00").await.expect(201);
        pay(&old, "5.00").await.expect(201);
        let refused = pay(&old, "1000.01").await.expect_error(401, "STEP_UP_REQUIRED");
        assert_eq!(refused["details"]["reason"], "AMOUNT");
        pay(&fresh, "1000.01").await.expect(201);
        assert_eq!(session.balance(&source).await, "7989.99");
    });
}

#[test]
fn limits_count_by_user_whatever_they_call_with() {
    with_linked(MfaPolicy::Optional, async |bank, issuer| {
        let session = bank.customer("ann").await;
        link(&bank, &session, "ann").await;
        let ann = caller(&bank, &issuer, "ann", &[]);
        let left = async |who: &Person<'_>, from: &str| {
            let answer = who.send("GET", "/api/auth/me").coming_from(from).await_answer().await;
            let header = answer.header("ratelimit").unwrap().to_owned();
            assert!(header.starts_with("\"reading-user\";r="), "{header}");
            header.split(['=', ';']).nth(2).unwrap().parse::<u64>().unwrap()
        };
        // What was taken comes back within milliseconds, which a busy machine may let pass between two requests.
        let mut tries = Vec::new();
        for _ in 0..100 {
            let left =
                [left(&ann, "192.0.2.1").await, left(&ann, "192.0.2.2").await, left(&session, "192.0.2.3").await];
            if left.is_sorted_by(|before, after| before > after) {
                return;
            }
            tries.push(left);
        }
        panic!("three requests of one user, from three addresses: {tries:?}");
    });
}

#[test]
fn two_administrators_link_somebody_and_one_unlinks_them() {
    with_linked(MfaPolicy::Optional, async |bank, issuer| {
        let session = bank.customer("ann").await;
        let id = session.id().await;
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let path = format!("/api/admin/users/{id}/external-identity");
        let ann = caller(&bank, &issuer, "ann", &[]);
        root.get(&path).await.expect_error(404, "NOT_FOUND");
        root.send("DELETE", &path).await_answer().await.expect_error(404, "NOT_FOUND");
        let ask =
            async |who: &Person<'_>, subject: &str| who.send("PUT", &path).json(&json!({ "subject": subject })).await;
        ask(&root, "").await.expect_error(400, "INVALID_REQUEST");
        ask(&root, "a\nb").await.expect_error(400, "INVALID_REQUEST");
        let asked = ask(&root, "ann").await.expect(202);
        assert_eq!((&asked["action"], &asked["status"]), (&json!("IDENTITY_LINK"), &json!("PENDING")));
        let details = json!({ "userId": id, "issuer": "https://login.example/", "subject": "ann" });
        assert_eq!(asked["details"], details);
        // Asking again asks for the same; asking for something else is another matter.
        assert_eq!(ask(&root, "ann").await.expect(202), asked);
        let again = ask(&root, "ann.2").await.expect(202);
        ann.get("/api/auth/me").await.expect_error(401, "INVALID_TOKEN");
        let approve = |approval: &Value| format!("/api/admin/approvals/{}/approve", approval["id"].as_str().unwrap());
        root.post(&approve(&asked), &json!({})).await.expect_error(403, "SECOND_PERSON_REQUIRED");
        assert_eq!(second.post(&approve(&asked), &json!({})).await.expect(200)["status"], "EXECUTED");
        ann.get("/api/auth/me").await.expect(200);
        // Who has just agreed on a way in for somebody does not decide for them.
        second.post(&approve(&again), &json!({})).await.expect_error(403, "DECIDER_TIED");
        let third = bank.admin("third").await;
        assert_eq!(third.post(&approve(&again), &json!({})).await.expect(200)["status"], "FAILED");
        ask(&root, "other").await.expect_error(409, "ALREADY_LINKED");
        assert_eq!(second.get(&path).await.expect(200)["subject"], "ann");
        let auditor = bank.staff("auditor", identity::Role::Auditor).await;
        let seen = auditor.get(&format!("/api/admin/events?kind=auth.identity_linked&subject={id}")).await.expect(200);
        assert_eq!(seen["data"][0]["details"]["username"], "ann");

        root.send("DELETE", &path).await_answer().await.expect(204);
        ann.get("/api/auth/me").await.expect_error(401, "INVALID_TOKEN");
        session.get("/api/auth/me").await.expect(200);
        // Nobody says yes to a way into their own accounts.
        let path = format!("/api/admin/users/{}/external-identity", second.id().await);
        let own = root.send("PUT", &path).json(&json!({ "subject": "second" })).await.expect(202);
        second.post(&approve(&own), &json!({})).await.expect_error(403, "SECOND_PERSON_REQUIRED");
    });
}

#[test]
fn a_bank_that_trusts_nobody_links_nobody() {
    with_bank(async |bank| {
        let root = bank.admin("root").await;
        let path = format!("/api/admin/users/{}/external-identity", bank.customer("ann").await.id().await);
        root.get(&path).await.expect_error(409, "NO_TRUSTED_ISSUER");
        root.send("PUT", &path).json(&json!({ "subject": "x" })).await.expect_error(409, "NO_TRUSTED_ISSUER");
        root.send("DELETE", &path).await_answer().await.expect_error(409, "NO_TRUSTED_ISSUER");
    });
}

#[test]
fn somebody_who_comes_for_the_first_time_is_a_customer_without_a_way_in_but_the_issuers() {
    let known = issuer();
    with_bank_that_trusts(&known, MfaPolicy::Optional, UnknownSubjects::Register, async |bank| {
        bank.programs.issuer_keys().unwrap().learn(&known.key_set()).unwrap();
        let bob = caller(&bank, &known, "bob", &[scope(EVERYTHING)]);
        let me = bob.get("/api/auth/me").await.expect(200);
        assert_eq!((&me["role"], me["username"].as_str().unwrap().starts_with("ext-")), (&json!("customer"), true));
        let account = bob.account().await;
        assert_eq!(caller(&bank, &known, "bob", &[]).get("/api/accounts").await.expect(200)["data"][0]["id"], account);
        let forgot = json!({ "username": me["username"] });
        bank.send("POST", "/api/auth/password/forgot").json(&forgot).await.expect(202);
        bank.identity.answer_reset_requests(WallTime::now()).await.unwrap();
        let kinds = bank.admin("root").await.get("/api/admin/events?kind=auth.password_reset").await.expect(200);
        assert_eq!(kinds["data"], json!([]), "there is no address to mail to");
    });
}
