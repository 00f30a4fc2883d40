//! Access tokens on the wire: what everybody may know of their keys, and forgeries, none of which gets in.

use crate::bank::{Bank, PUBLIC_URL, with_bank};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// A true token, taken apart, and the keys to sign another.
#[derive(Clone)]
struct Forgery {
    header: Value,
    claims: Value,
    key: EncodingKey,
    public_key: Vec<u8>,
}

impl Forgery {
    async fn at(bank: &Bank) -> Self {
        let token = bank.customer("ann").await.token;
        let part = |index| URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap();
        let keys = bank.send("GET", "/.well-known/jwks.json").await_answer().await.expect(200);
        Self {
            header: serde_json::from_slice(&part(0)).unwrap(),
            claims: serde_json::from_slice(&part(1)).unwrap(),
            key: EncodingKey::from_ed_pem(bank.signing_key_pem().as_bytes()).unwrap(),
            public_key: URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap(),
        }
    }

    /// With the true key, whatever the header says.
    fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    fn with_header(&self, name: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[name] = value;
        self.signed(&header, &self.claims)
    }

    fn with_claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.signed(&self.header, &claims)
    }

    fn unsigned(&self, alg: &str) -> String {
        let mut header = self.header.clone();
        header["alg"] = alg.into();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&header), part(&self.claims))
    }

    fn with_public_key_as_secret(&self) -> String {
        let kid = self.header["kid"].as_str().map(ToOwned::to_owned);
        let header = Header { typ: Some("at+jwt".to_owned()), kid, ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &self.claims, &EncodingKey::from_secret(&self.public_key)).unwrap()
    }
}

async fn try_token(bank: &Bank, token: &str) -> crate::bank::Answer {
    bank.send("GET", "/api/auth/me").header("authorization", &format!("Bearer {token}")).await_answer().await
}

#[test]
fn the_public_keys_are_published_and_may_be_kept_for_a_while() {
    with_bank(async |bank| {
        let forgery = Forgery::at(&bank).await;
        let answer = bank.send("GET", "/.well-known/jwks.json").await_answer().await;
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        let key = json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "kid": forgery.header["kid"], "x": URL_SAFE_NO_PAD.encode(&forgery.public_key),
        });
        assert_eq!(answer.expect(200), json!({ "keys": [key] }));
        assert_eq!((&forgery.claims["iss"], &forgery.header["typ"]), (&json!(PUBLIC_URL), &json!("at+jwt")));
    });
}

#[test]
fn no_forgery_gets_in() {
    with_bank(async |bank| {
        let forgery = Forgery::at(&bank).await;
        let now = forgery.claims["iat"].as_i64().unwrap();
        try_token(&bank, &forgery.signed(&forgery.header, &forgery.claims)).await.expect(200);
        let url = || json!("https://evil.example/keys.json");
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(&forgery.public_key) });
        let other = EncodingKey::from_ed_pem(OTHER_KEY.as_bytes()).unwrap();
        let forgeries = [
            ("alg none", forgery.unsigned("none")),
            ("alg None", forgery.unsigned("None")),
            ("no signature", forgery.unsigned("EdDSA")),
            ("HS256 with the public key", forgery.with_public_key_as_secret()),
            ("RS256 in the header", forgery.with_header("alg", json!("RS256"))),
            ("another key", Forgery { key: other, ..forgery.clone() }.signed(&forgery.header, &forgery.claims)),
            ("another audience", forgery.with_claim("aud", json!("somebody-else"))),
            ("another issuer", forgery.with_claim("iss", json!("https://evil.example"))),
            ("not yet valid", forgery.with_claim("nbf", json!(now + 3600))),
            ("jku", forgery.with_header("jku", url())),
            ("x5u", forgery.with_header("x5u", url())),
            ("jwk", forgery.with_header("jwk", jwk)),
            ("crit", forgery.with_header("crit", json!(["exp"]))),
            ("another type", forgery.with_header("typ", json!("JWT"))),
            ("kid that leaves the folder", forgery.with_header("kid", json!("../../../../etc/passwd"))),
            ("kid with SQL", forgery.with_header("kid", json!("' OR 1=1 --"))),
            ("kid unknown", forgery.with_header("kid", json!("0000000000000000"))),
            ("kid that is no text", forgery.with_header("kid", json!(1))),
            ("another role", forgery.with_claim("role", json!("root"))),
        ];
        for (name, token) in forgeries {
            let answer = try_token(&bank, &token).await;
            assert_eq!(answer.status.as_u16(), 401, "{name}");
            answer.expect_error(401, "INVALID_TOKEN");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{name}");
        }
        try_token(&bank, &forgery.with_claim("exp", json!(now - 1))).await.expect_error(401, "TOKEN_EXPIRED");
    });
}

/// The private key of RFC 8410, section 10.3: known to everybody, and to no bank.
const OTHER_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
