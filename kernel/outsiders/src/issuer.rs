//! An issuer of OpenID Connect that some bank trusts: keys made at run time, tokens signed with them, and a server that
//! publishes them, or does not. For tests only.

mod server;

pub use server::{IssuerServer, Reply};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::WallTime;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use uuid::Uuid;

const RSA_BITS: usize = 2048;

/// What makes tokens.
pub struct TestIssuer {
    /// What they have as `iss`.
    pub name: String,
    /// What they have as `aud`.
    pub audience: String,
    keys: Vec<IssuerKey>,
}

/// A key of an issuer.
pub struct IssuerKey {
    /// Its name, `kid`.
    pub id: String,
    /// How it signs.
    pub algorithm: Algorithm,
    encoding: EncodingKey,
    public: Value,
}

impl IssuerKey {
    /// A new one: `EdDSA`, `ES256` or `RS256`.
    ///
    /// # Panics
    /// For other algorithms.
    pub fn generate(algorithm: Algorithm) -> Self {
        let (encoding, mut public) = match algorithm {
            Algorithm::EdDSA => ed25519(),
            Algorithm::ES256 => p256(),
            Algorithm::RS256 => rsa(),
            other => panic!("no keys are made for {other:?}"),
        };
        let id = Uuid::now_v7().simple().to_string();
        (public["kid"], public["use"]) = (json!(id), json!("sig"));
        Self { id, algorithm, encoding, public }
    }

    /// The public key as it is published: a JWK.
    pub fn published(&self) -> Value {
        self.public.clone()
    }

    /// The header of an access token under this key.
    pub fn header(&self) -> Header {
        Header { typ: Some("at+jwt".to_owned()), kid: Some(self.id.clone()), ..Header::new(self.algorithm) }
    }

    /// A token with exactly this in it.
    ///
    /// # Panics
    /// When the header names another algorithm.
    pub fn sign(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.encoding).expect("the key is of the algorithm")
    }
}

impl TestIssuer {
    /// One with an Ed25519 key.
    pub fn new(name: &str, audience: &str) -> Self {
        let keys = vec![IssuerKey::generate(Algorithm::EdDSA)];
        Self { name: name.to_owned(), audience: audience.to_owned(), keys }
    }

    /// The key that signs: the newest.
    ///
    /// # Panics
    /// Never: there is always one.
    pub fn key(&self) -> &IssuerKey {
        self.keys.last().expect("there is always a key")
    }

    /// From now on another key signs; those before it stay published.
    pub fn rotate(&mut self, algorithm: Algorithm) {
        self.keys.push(IssuerKey::generate(algorithm));
    }

    /// What it publishes.
    pub fn key_set(&self) -> String {
        json!({ "keys": self.keys.iter().map(IssuerKey::published).collect::<Vec<_>>() }).to_string()
    }

    /// What an access token says of a subject that logged in with a password just now, and may read accounts.
    pub fn claims(&self, subject: &str, now: WallTime) -> Value {
        let now = now.unix_seconds();
        json!({
            "iss": self.name, "sub": subject, "aud": self.audience, "exp": now + 600, "iat": now, "jti": Uuid::now_v7().to_string(),
            "client_id": "budget", "scope": "openid profile:read accounts:read", "auth_time": now, "amr": ["pwd"],
        })
    }

    /// An access token that says this.
    pub fn token(&self, claims: &Value) -> String {
        self.key().sign(&self.key().header(), claims)
    }
}

fn ed25519() -> (EncodingKey, Value) {
    let key = ed25519_dalek::SigningKey::from_bytes(&random());
    let encoding = EncodingKey::from_ed_der(key.to_pkcs8_der().expect("the key can be written").as_bytes());
    (encoding, json!({ "kty": "OKP", "crv": "Ed25519", "x": text(key.verifying_key().as_bytes()) }))
}

fn p256() -> (EncodingKey, Value) {
    let key = p256::SecretKey::from_slice(&random()).expect("hardly any number is too large");
    let encoding = EncodingKey::from_ec_der(key.to_pkcs8_der().expect("the key can be written").as_bytes());
    let point = key.public_key().to_encoded_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    (encoding, json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) }))
}

fn rsa() -> (EncodingKey, Value) {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS).expect("there are primes");
    let encoding = EncodingKey::from_rsa_der(key.to_pkcs1_der().expect("the key can be written").as_bytes());
    (encoding, json!({ "kty": "RSA", "n": text(&key.n().to_bytes_be()), "e": text(&key.e().to_bytes_be()) }))
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
