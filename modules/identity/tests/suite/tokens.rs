//! Access tokens that are not exactly as they must be. Most are signed with the true key: everything else has to be
//! right as well.

use crate::common::{ISSUER, START, TestIdentity, with_identity};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use identity::IdentityError;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

/// A true token, taken apart so that a test can change one thing.
struct Forgery {
    header: Header,
    claims: Value,
    pem: String,
}

impl Forgery {
    async fn of_a_true_token(test: &TestIdentity) -> Self {
        let token = test.register("john_doe").await.access_token;
        let claims = token.split('.').nth(1).unwrap();
        Self {
            header: jsonwebtoken::decode_header(&token).unwrap(),
            claims: serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap(),
            pem: std::fs::read_to_string(test.settings().token_keys_folder.join("0001.pem")).unwrap(),
        }
    }

    fn signed(&self) -> String {
        let key = EncodingKey::from_ed_pem(self.pem.as_bytes()).unwrap();
        jsonwebtoken::encode(&self.header, &self.claims, &key).unwrap()
    }

    fn with_claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        Self { header: self.header.clone(), claims, pem: self.pem.clone() }.signed()
    }

    fn without_claim(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        Self { header: self.header.clone(), claims, pem: self.pem.clone() }.signed()
    }

    fn with_header(&self, change: impl FnOnce(&mut Header)) -> String {
        let mut header = self.header.clone();
        change(&mut header);
        Self { header, claims: self.claims.clone(), pem: self.pem.clone() }.signed()
    }

    fn public_key(&self) -> [u8; 32] {
        ed25519_dalek::SigningKey::from_pkcs8_pem(&self.pem).unwrap().verifying_key().to_bytes()
    }
}

fn assert_invalid(test: &TestIdentity, token: &str) {
    assert_eq!(test.identity.authenticate(token, START), Err(IdentityError::InvalidToken), "{token}");
}

#[test]
fn a_token_says_what_it_must() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        assert_eq!(forgery.header.alg, Algorithm::EdDSA);
        assert_eq!(forgery.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(forgery.header.kid.as_ref().unwrap().len(), 16);
        let claims = &forgery.claims;
        assert_eq!(
            (&claims["iss"], &claims["aud"], &claims["role"]),
            (&json!(ISSUER), &json!("florin"), &json!("customer"))
        );
        assert!(claims["sub"].as_str().unwrap().starts_with("usr_"));
        assert!(claims["sid"].as_str().unwrap().starts_with("ses_"));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
        test.identity.authenticate(&forgery.signed(), START).expect("unchanged it is accepted");
    });
}

#[test]
fn a_token_without_a_signature_is_refused() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        let kid = forgery.header.kid.clone();
        let claims = URL_SAFE_NO_PAD.encode(forgery.claims.to_string());
        for alg in ["none", "None", "NONE", ""] {
            let header = json!({"typ": "at+jwt", "alg": alg, "kid": kid}).to_string();
            assert_invalid(&test, &format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header)));
        }
        let header = json!({"typ": "at+jwt", "alg": "EdDSA", "kid": kid}).to_string();
        assert_invalid(&test, &format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header)));
    });
}

#[test]
fn a_token_signed_with_the_public_key_as_a_shared_secret_is_refused() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        let key = EncodingKey::from_secret(&forgery.public_key());
        for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header { alg, ..forgery.header.clone() };
            assert_invalid(&test, &jsonwebtoken::encode(&header, &forgery.claims, &key).unwrap());
        }
    });
}

#[test]
fn a_token_signed_with_another_key_is_refused() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        let other = test.settings().token_keys_folder.with_file_name("other-keys");
        identity::token_keys(&other, START).unwrap();
        let pem = std::fs::read_to_string(other.join("0001.pem")).unwrap();
        assert_invalid(&test, &Forgery { pem, ..forgery }.signed());
    });
}

#[test]
fn a_token_for_or_from_somebody_else_is_refused() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        let mut strange = vec![json!("other"), json!(""), json!(null), json!(1), json!("https://bank.example/")];
        strange.extend([json!(["florin", "other"]), json!(["florin"]), json!([ISSUER])]);
        for value in strange {
            assert_invalid(&test, &forgery.with_claim("aud", value.clone()));
            assert_invalid(&test, &forgery.with_claim("iss", value));
        }
    });
}

#[test]
fn a_token_is_good_from_its_first_second_to_its_last() {
    with_identity(async |test| {
        let token = test.register("john_doe").await.access_token;
        test.identity.authenticate(&token, START.plus_seconds(899)).expect("its time is not over");
        // Cached by now, which must not make it live longer.
        assert_eq!(test.identity.authenticate(&token, START.plus_seconds(900)), Err(IdentityError::ExpiredToken));
        let unseen = test.login("john_doe", crate::common::password(), START).await.unwrap().access_token;
        assert_eq!(test.identity.authenticate(&unseen, START.plus_seconds(900)), Err(IdentityError::ExpiredToken));
    });
}

#[test]
fn a_token_that_is_not_valid_yet_is_refused_beyond_the_skew_of_clocks() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        let now = START.unix_seconds();
        assert_invalid(&test, &forgery.with_claim("nbf", json!(now + 60)));
        assert_invalid(&test, &forgery.with_claim("nbf", json!(i64::MAX)));
        let soon = forgery.with_claim("nbf", json!(now + 3));
        test.identity.authenticate(&soon, START).expect("the other clock is a little ahead");
        assert_eq!(test.identity.authenticate(&soon, START.plus_seconds(-60)), Err(IdentityError::InvalidToken));
    });
}

#[test]
fn a_token_of_another_type_or_key_is_refused() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        for typ in [None, Some("JWT"), Some("id+jwt"), Some("AT+JWT "), Some("")] {
            assert_invalid(&test, &forgery.with_header(|header| header.typ = typ.map(ToOwned::to_owned)));
        }
        for kid in [None, Some("0000000000000000"), Some("../../etc/passwd")] {
            assert_invalid(&test, &forgery.with_header(|header| header.kid = kid.map(ToOwned::to_owned)));
        }
    });
}

#[test]
fn a_token_that_brings_its_own_key_or_conditions_is_refused() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        let url = || Some("https://evil.example/keys.json".to_owned());
        assert_invalid(&test, &forgery.with_header(|header| header.jku = url()));
        assert_invalid(&test, &forgery.with_header(|header| header.x5u = url()));
        assert_invalid(&test, &forgery.with_header(|header| header.x5c = Some(vec!["MIIB".to_owned()])));
        assert_invalid(&test, &forgery.with_header(|header| header.crit = Some(vec!["exp".to_owned()])));
        assert_invalid(&test, &forgery.with_header(|header| header.extras.insert("b64", false)));
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(forgery.public_key())});
        assert_invalid(&test, &forgery.with_header(|header| header.jwk = serde_json::from_value(jwk).ok()));
    });
}

#[test]
fn rotating_the_key_logs_nobody_out_and_every_process_follows() {
    with_identity(async |test| {
        let other = test.open_again(START).await;
        let before = test.register("john_doe").await.access_token;
        other.authenticate(&before, START).expect("verified, and cached");
        identity::rotate_token_keys(&test.settings().token_keys_folder, START).unwrap();
        test.identity.refresh_token_keys(START).unwrap();
        let after = test.login("john_doe", crate::common::password(), START).await.unwrap().access_token;
        let key_id = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        assert_ne!(key_id(&before), key_id(&after));
        assert_eq!(test.identity.public_keys()[0].key_id, key_id(&after));
        // The other process has not looked yet: the unknown key makes it look.
        for token in [&before, &after] {
            other.authenticate(token, START).expect("both keys stand");
            test.identity.authenticate(token, START).expect("both keys stand");
        }
    });
}

#[test]
fn every_signing_key_is_told_once_by_whichever_process_notices_it_first() {
    with_identity(async |test| {
        let other = test.open_again(START).await;
        let folder = test.settings().token_keys_folder;
        for expected in 1..=2 {
            for auth in [&test.identity, &other, &test.identity] {
                auth.refresh_token_keys(START).unwrap();
                auth.record_token_keys().await.unwrap();
            }
            let told = test.events_of("auth.signing_key_made").await;
            let names: Vec<_> = test.identity.public_keys().into_iter().map(|key| key.key_id).collect();
            assert_eq!(told.len(), expected);
            let newest = told.last().unwrap();
            assert_eq!(
                (newest.payload.as_str(), newest.subject_id),
                (&*format!(r#"{{"keyId":"{}"}}"#, names[0]), Uuid::nil())
            );
            identity::rotate_token_keys(&folder, START.plus_seconds(1)).unwrap();
        }
        let restarted = test.open_again(START).await;
        restarted.record_token_keys().await.unwrap();
        assert_eq!(test.events_of("auth.signing_key_made").await.len(), 3, "it knows the two before");
    });
}

#[test]
fn a_key_that_is_taken_away_by_hand_takes_its_tokens_with_it_although_they_are_cached() {
    with_identity(async |test| {
        let token = test.register("john_doe").await.access_token;
        test.identity.authenticate(&token, START).unwrap();
        let folder = test.settings().token_keys_folder;
        identity::rotate_token_keys(&folder, START).unwrap();
        std::fs::remove_file(folder.join("0001.pem")).unwrap();
        test.identity.refresh_token_keys(START).unwrap();
        assert_invalid(&test, &token);
    });
}

#[test]
fn a_token_with_missing_or_strange_claims_is_refused() {
    with_identity(async |test| {
        let forgery = Forgery::of_a_true_token(&test).await;
        for claim in ["iss", "aud", "sub", "sid", "role", "iat", "nbf", "exp", "jti"] {
            assert_invalid(&test, &forgery.without_claim(claim));
        }
        let session = forgery.claims["sid"].clone();
        assert_invalid(&test, &forgery.with_claim("sub", session));
        assert_invalid(&test, &forgery.with_claim("role", json!("superuser")));
        assert_invalid(&test, &forgery.with_claim("exp", json!("9999999999")));
    });
}

#[test]
fn a_token_changed_in_any_place_is_refused() {
    with_identity(async |test| {
        let token = test.register("john_doe").await.access_token;
        test.identity.authenticate(&token, START).unwrap();
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert_invalid(&test, std::str::from_utf8(&changed).unwrap());
        }
        assert_invalid(&test, &token[..token.len() - 1]);
        assert_invalid(&test, &format!("{token}="));
        assert_invalid(&test, &format!("{token}.{token}"));
        assert_invalid(&test, &format!("Bearer {token}"));
    });
}

#[test]
fn what_is_no_token_at_all_is_refused() {
    with_identity(async |test| {
        let endless = "a.".repeat(100_000);
        for text in ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "\u{1F600}.\u{1F600}.\u{1F600}", &endless] {
            assert_invalid(&test, text);
        }
    });
}
