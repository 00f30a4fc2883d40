//! Access tokens of a trusted issuer: which are taken. Whom they speak for is in `external/people.rs`.

mod people;

use crate::common::{Process, START, TestPrograms, by, password, with_programs};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::Db;
use identity::{Caller, Credential, IdentityError, Role};
use ids::UserId;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use outsiders::{IssuerKey, TestIssuer};
use programs::{IdentityLink, ProgramError, Subject, TrustedIssuer, UnknownSubjects};
use serde_json::{Value, json};

const NAME: &str = "https://login.example/realms/people";
const AUDIENCE: &str = "https://bank.example";
const SUBJECT: &str = "auth0|Ann's \"id\"";

/// A bank that trusts an issuer, and somebody whom it has linked.
struct Trusting {
    process: Process,
    db: Db,
    issuer: TestIssuer,
    ann: UserId,
    root: UserId,
}

impl Trusting {
    async fn open(test: &TestPrograms) -> Self {
        let process = test.open_trusting(trusted(UnknownSubjects::Refuse)).await;
        let issuer = TestIssuer::new(NAME, AUDIENCE);
        process.programs.issuer_keys().unwrap().learn(&issuer.key_set()).unwrap();
        let ann = test.register("ann").await.user.id;
        let root = process.identity.create_admin("root", password(), START).await.unwrap().id;
        let trusting = Self { process, db: test.db.clone(), issuer, ann, root };
        trusting.link(ann, SUBJECT).await.unwrap();
        trusting
    }

    async fn link(&self, user_id: UserId, subject: &str) -> Result<(), ProgramError> {
        let link = IdentityLink { issuer: NAME.to_owned(), subject: Subject::parse(subject).unwrap(), user_id };
        let tx = self.db.begin().await.unwrap();
        let ended = self.process.programs.link_identity_in_tx(&tx, link, self.root, by(self.root, START)).await?;
        tx.commit().await.unwrap();
        self.process.identity.refuse(ended);
        Ok(())
    }

    fn token(&self) -> String {
        self.issuer.token(&self.issuer.claims(SUBJECT, START))
    }

    /// A token with a claim changed, or with null taken out.
    fn with(&self, name: &str, value: Value) -> String {
        let mut claims = self.issuer.claims(SUBJECT, START);
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        self.issuer.token(&claims)
    }

    fn with_header(&self, change: impl FnOnce(&mut Header)) -> String {
        let mut header = self.issuer.key().header();
        change(&mut header);
        self.issuer.key().sign(&header, &self.issuer.claims(SUBJECT, START))
    }

    async fn authenticate(&self, token: &str) -> Result<Caller, ProgramError> {
        self.process.programs.authenticate_external(token, START).await
    }

    async fn assert_invalid(&self, token: &str, why: &str) {
        assert_eq!(self.authenticate(token).await, Err(IdentityError::InvalidToken.into()), "{why}");
    }
}

fn trusted(unknown: UnknownSubjects) -> TrustedIssuer {
    TrustedIssuer { issuer: NAME.to_owned(), audience: AUDIENCE.to_owned(), unknown }
}

/// Runs the test body once on each engine.
fn with_issuer(body: impl AsyncFn(TestPrograms, Trusting)) {
    with_programs(async |test| {
        let trusting = Trusting::open(&test).await;
        body(test, trusting).await;
    });
}

#[test]
fn a_token_of_the_issuer_speaks_for_whom_the_subject_is_linked_to() {
    with_issuer(async |_, it| {
        let token = it.token();
        assert!(it.process.programs.is_external(&token));
        let caller = it.authenticate(&token).await.unwrap();
        assert_eq!((caller.user_id, caller.role, caller.credential), (it.ann, Role::Customer, Credential::External));
        assert_eq!(caller.scopes.to_string(), "profile:read accounts:read");
        assert!(!caller.has_second_factor && !caller.proof.factors.is_multi_factor());
        assert_eq!(it.authenticate(&token).await, Ok(caller), "from memory it is the same");
        for typ in ["AT+JWT", "application/at+jwt", "JWT"] {
            assert!(
                it.authenticate(&it.with_header(|header| header.typ = Some(typ.to_owned()))).await.is_ok(),
                "{typ}"
            );
        }
        for (name, value) in [
            ("aud", json!(["other", AUDIENCE])),
            ("nbf", json!(START.unix_seconds())),
            ("nbf", json!(START.unix_seconds() + 20)),
            ("typ", json!("Bearer")),
            ("jti", Value::Null),
            ("amr", Value::Null),
        ] {
            assert!(it.authenticate(&it.with(name, value.clone())).await.is_ok(), "{name}: {value}");
        }
        assert_eq!(
            it.process.identity.authenticate(&token, START),
            Err(IdentityError::InvalidToken),
            "it is none of ours"
        );
    });
}

#[test]
fn each_of_three_algorithms_is_taken_with_a_key_of_its_own_kind() {
    with_issuer(async |_, mut it| {
        for algorithm in [Algorithm::ES256, Algorithm::RS256] {
            it.issuer.rotate(algorithm);
            it.process.programs.issuer_keys().unwrap().learn(&it.issuer.key_set()).unwrap();
            assert_eq!(it.authenticate(&it.token()).await.map(|caller| caller.user_id), Ok(it.ann), "{algorithm:?}");
        }
        // The name of one key and the algorithm of another.
        let other = IssuerKey::generate(Algorithm::EdDSA);
        let header = Header { kid: Some(it.issuer.key().id.clone()), ..other.header() };
        it.assert_invalid(&other.sign(&header, &it.issuer.claims(SUBJECT, START)), "another algorithm").await;
    });
}

#[test]
fn a_token_that_is_not_signed_by_the_issuer_is_refused() {
    with_issuer(async |_, it| {
        let claims = it.issuer.claims(SUBJECT, START);
        let kid = it.issuer.key().id.clone();
        let encoded = URL_SAFE_NO_PAD.encode(claims.to_string());
        for alg in ["none", "None", "NONE", "", "EdDSA"] {
            let header = json!({ "typ": "at+jwt", "alg": alg, "kid": kid }).to_string();
            it.assert_invalid(&format!("{}.{encoded}.", URL_SAFE_NO_PAD.encode(header)), alg).await;
        }
        // What is public, as a shared secret.
        let published = it.issuer.key().published();
        let x = published["x"].as_str().unwrap();
        for secret in [URL_SAFE_NO_PAD.decode(x).unwrap(), x.as_bytes().to_vec(), published.to_string().into_bytes()] {
            for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let header = Header { alg, ..it.issuer.key().header() };
                let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap();
                it.assert_invalid(&token, "HMAC").await;
            }
        }
        let thief = IssuerKey::generate(Algorithm::EdDSA);
        let header = Header { kid: Some(kid), ..thief.header() };
        it.assert_invalid(&thief.sign(&header, &claims), "another key under the same name").await;
        it.assert_invalid(&thief.sign(&thief.header(), &claims), "another key").await;
        let mut token = it.token();
        token.push('A');
        it.assert_invalid(&token, "another signature").await;
    });
}

#[test]
fn headers_that_bring_a_key_or_ask_for_something_are_refused() {
    with_issuer(async |_, it| {
        let own = serde_json::from_value::<jsonwebtoken::jwk::Jwk>(it.issuer.key().published()).unwrap();
        let text = || Some("https://evil.example/keys".to_owned());
        for (token, why) in [
            (it.with_header(|header| header.jwk = Some(own)), "jwk"),
            (it.with_header(|header| header.jku = text()), "jku"),
            (it.with_header(|header| header.x5u = text()), "x5u"),
            (it.with_header(|header| header.x5c = Some(vec!["MIIB".to_owned()])), "x5c"),
            (it.with_header(|header| header.crit = Some(vec!["exp".to_owned()])), "crit"),
            (it.with_header(|header| header.cty = Some("JWT".to_owned())), "cty"),
            (it.with_header(|header| header.kid = None), "no kid"),
            (it.with_header(|header| header.typ = None), "no typ"),
            (it.with_header(|header| header.typ = Some("id_token".to_owned())), "typ"),
            (it.with_header(|header| header.typ = Some("logout+jwt".to_owned())), "typ"),
            (it.with_header(|header| header.typ = Some("dpop+jwt".to_owned())), "typ"),
        ] {
            it.assert_invalid(&token, why).await;
        }
    });
}

#[test]
fn what_a_token_says_has_to_be_all_right() {
    with_issuer(async |_, it| {
        let now = START.unix_seconds();
        for (name, value) in [
            ("iss", Value::Null),
            ("iss", json!("https://login.example/realms/other")),
            ("iss", json!([NAME, "https://evil.example"])),
            ("aud", Value::Null),
            ("aud", json!("florin")),
            ("aud", json!(["other"])),
            ("aud", json!(format!("{AUDIENCE}/"))),
            ("sub", Value::Null),
            ("sub", json!("")),
            ("sub", json!("a\nb")),
            ("sub", json!("x".repeat(256))),
            ("exp", Value::Null),
            ("exp", json!(now + 25 * 3600)),
            ("exp", json!(i64::MAX)),
            ("exp", json!("soon")),
            ("iat", Value::Null),
            ("iat", json!(now + 60)),
            ("nbf", json!(now + 60)),
            ("auth_time", json!(i64::MIN)),
            // ID tokens, logout tokens, refresh tokens, and tokens that go with a key.
            ("nonce", json!("n-0S6_WzA2Mj")),
            ("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")),
            ("c_hash", json!("LDktKdoQak3Pk0cnXxCltA")),
            ("s_hash", json!("LDktKdoQak3Pk0cnXxCltA")),
            ("typ", json!("ID")),
            ("typ", json!("Refresh")),
            ("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} })),
            ("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })),
        ] {
            it.assert_invalid(&it.with(name, value.clone()), &format!("{name}: {value}")).await;
        }
        let long = it.with("more", json!("x".repeat(9_000)));
        assert!(!it.process.programs.is_external(&long));
        it.assert_invalid(&long, "length").await;
    });
}

#[test]
fn a_token_counts_in_its_time_also_from_memory() {
    with_issuer(async |_, it| {
        let token = it.token();
        let at = async |seconds| {
            it.process.programs.authenticate_external(&token, START.plus_seconds(seconds)).await.map(drop)
        };
        assert_eq!(at(-31).await, Err(IdentityError::InvalidToken.into()));
        assert_eq!(at(-29).await, Ok(()));
        assert_eq!(at(599).await, Ok(()));
        assert_eq!(at(600).await, Err(IdentityError::ExpiredToken.into()));
        let old = it.issuer.token(&it.issuer.claims(SUBJECT, START.plus_seconds(-600)));
        assert_eq!(it.authenticate(&old).await, Err(IdentityError::ExpiredToken.into()));
    });
}

#[test]
fn only_tokens_of_the_issuer_are_taken_for_its_tokens() {
    with_programs(async |test| {
        let ours = test.register("ann").await.access_token;
        let issuer = TestIssuer::new(NAME, AUDIENCE);
        let token = issuer.token(&issuer.claims(SUBJECT, START));
        assert!(!test.programs.is_external(&token) && test.programs.issuer_keys().is_none());
        assert_eq!(test.programs.authenticate_external(&token, START).await, Err(IdentityError::InvalidToken.into()));
        let trusting = test.open_trusting(trusted(UnknownSubjects::Refuse)).await;
        for text in ["", ".", "a.b.c", "florin_key_x", &ours, &token.replace('.', ",")] {
            assert!(!trusting.programs.is_external(text), "{text}");
        }
        assert!(trusting.programs.is_external(&token));
        // The claim twice: one reader might see the first, another the last.
        let claims = format!(r#"{{"iss":"https://other.example","iss":"{NAME}"}}"#);
        assert!(!trusting.programs.is_external(&format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims))));
        assert_eq!(trusting.programs.authenticate_external(&token, START).await, Err(ProgramError::IssuerAway));
    });
}

#[test]
fn a_key_that_the_issuer_took_back_verifies_nothing_any_more() {
    with_issuer(async |_, it| {
        let token = it.token();
        assert!(it.authenticate(&token).await.is_ok());
        let keys = it.process.programs.issuer_keys().unwrap();
        keys.missed();
        assert!(it.authenticate(&token).await.is_ok(), "the issuer is only away");
        keys.learn(&TestIssuer::new(NAME, AUDIENCE).key_set()).unwrap();
        it.assert_invalid(&token, "the key is gone").await;
    });
}
