//! A JSON Web Key Set (RFC 7517) as an issuer publishes it: which of its keys may verify a token, and with what algorithm.

use crate::program_key::{ProgramKey, SignatureAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// More than any issuer needs.
const KEYS_MAX: usize = 64;
const KEY_ID_BYTES_MAX: usize = 256;

/// Weaker keys of RSA verify nothing (RFC 7518, section 3.3), and longer ones cost too much.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
const RSA_EXPONENT_BYTES_MAX: usize = 4;

/// Why a document is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is not JSON of the form.
    #[error("it is no JSON Web Key Set")]
    Malformed,
    /// It has more keys than an issuer needs.
    #[error("it has more than {KEYS_MAX} keys")]
    TooMany,
}

/// A public key of an issuer.
#[derive(Clone)]
pub(crate) struct IssuerKey {
    id: String,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
    /// The public key itself, by which two are told apart.
    material: Vec<u8>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// Of a private key.
    d: Option<IgnoredAny>,
}

/// The keys of the document that may verify tokens; others are left out, as the RFC has it.
pub(super) fn parse(text: &str) -> Result<Vec<IssuerKey>, KeySetError> {
    let document: Document = serde_json::from_str(text).map_err(|_| KeySetError::Malformed)?;
    if document.keys.len() > KEYS_MAX {
        return Err(KeySetError::TooMany);
    }
    let jwks = document.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    Ok(jwks.filter_map(IssuerKey::from_jwk).collect())
}

impl IssuerKey {
    /// Whether a token that names this key and this algorithm means it.
    pub(super) fn is_meant(&self, id: &str, algorithm: Algorithm) -> bool {
        self.id == id && self.algorithm == algorithm
    }

    fn from_jwk(jwk: Jwk) -> Option<Self> {
        let id = jwk.kid.clone().filter(|id| (1..=KEY_ID_BYTES_MAX).contains(&id.len()))?;
        if jwk.d.is_some() {
            tracing::warn!(key = id, "the trusted issuer publishes a private key: it is not used");
            return None;
        }
        let is_for_signatures = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let verifies = jwk.key_ops.as_ref().is_none_or(|uses| uses.iter().any(|word| word == "verify"));
        if !is_for_signatures || !verifies {
            return None;
        }
        let (algorithm, material, decoding) = jwk.material()?;
        Some(Self { id, algorithm, decoding, material })
    }
}

impl Jwk {
    /// One algorithm for each kind of key; a key that says it is for another one is for none of ours.
    fn material(&self) -> Option<(Algorithm, Vec<u8>, DecodingKey)> {
        let decode = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        let is_for = |words: &[&str]| self.alg.as_deref().is_none_or(|word| words.contains(&word));
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("OKP", Some("Ed25519")) if is_for(&["EdDSA", "Ed25519"]) => {
                let key = ProgramKey::from_bytes(SignatureAlgorithm::Ed25519, &decode(&self.x)?)?.to_bytes();
                let decoding = DecodingKey::from_ed_der(&key);
                Some((Algorithm::EdDSA, key, decoding))
            }
            ("EC", Some("P-256")) if is_for(&["ES256"]) => {
                let (x, y) = (decode(&self.x)?, decode(&self.y)?);
                // The uncompressed point of SEC 1, section 2.3.3.
                let point = [&[4][..], x.as_slice(), y.as_slice()].concat();
                let is_whole = x.len() == 32 && y.len() == 32;
                let algorithm = SignatureAlgorithm::EcdsaP256Sha256;
                let key = is_whole.then(|| ProgramKey::from_bytes(algorithm, &point))??.to_bytes();
                let decoding = DecodingKey::from_ec_der(&key);
                Some((Algorithm::ES256, key, decoding))
            }
            ("RSA", _) if is_for(&["RS256"]) => {
                let (n, e) = (decode(&self.n)?, decode(&self.e)?);
                let significant = n.iter().skip_while(|byte| **byte == 0).count();
                let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
                let is_sound = RSA_BYTES.contains(&significant)
                    && (1..=RSA_EXPONENT_BYTES_MAX).contains(&e.len())
                    && is_odd(&n)
                    && is_odd(&e)
                    && e != [1];
                let decoding = DecodingKey::from_rsa_raw_components(&n, &e);
                is_sound.then(|| (Algorithm::RS256, [n, e].concat(), decoding))
            }
            _ => None,
        }
    }
}

impl PartialEq for IssuerKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, self.algorithm, &self.material) == (&other.id, other.algorithm, &other.material)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    // RFC 8037, appendix A.2, and RFC 7515, appendix A.3.
    fn ed25519() -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
    }

    fn p256() -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "kid": "b", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        })
    }

    fn rsa(bytes: usize) -> Value {
        json!({ "kty": "RSA", "kid": "c", "n": URL_SAFE_NO_PAD.encode(vec![0xff; bytes]), "e": "AQAB" })
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    fn algorithms(keys: Value) -> Vec<Algorithm> {
        let set = json!({ "keys": keys }).to_string();
        parse(&set).unwrap().iter().map(|key| key.algorithm).collect()
    }

    #[test]
    fn each_kind_of_key_has_its_algorithm() {
        let keys = json!([ed25519(), p256(), rsa(256), rsa(512)]);
        assert_eq!(algorithms(keys), [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256, Algorithm::RS256]);
        let declared = json!([
            with(with(ed25519(), "alg", json!("EdDSA")), "use", json!("sig")),
            with(with(p256(), "alg", json!("ES256")), "key_ops", json!(["verify"])),
        ]);
        assert_eq!(algorithms(declared), [Algorithm::EdDSA, Algorithm::ES256]);
    }

    #[test]
    fn keys_that_are_for_something_else_weak_or_private_are_left_out() {
        let short = URL_SAFE_NO_PAD.encode([1; 31]);
        let mut nameless = ed25519();
        nameless.as_object_mut().unwrap().remove("kid");
        for key in [
            with(ed25519(), "use", json!("enc")),
            with(ed25519(), "key_ops", json!(["sign"])),
            with(ed25519(), "alg", json!("ES256")),
            with(ed25519(), "alg", json!("HS256")),
            with(ed25519(), "x", json!(short)),
            // A point of small order, under which anybody signs anything.
            with(ed25519(), "x", json!(URL_SAFE_NO_PAD.encode([0; 32]))),
            with(ed25519(), "d", json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")),
            with(ed25519(), "kid", json!("")),
            nameless,
            // Not on the curve.
            with(p256(), "y", json!(URL_SAFE_NO_PAD.encode([7; 32]))),
            with(p256(), "y", json!(short)),
            with(p256(), "crv", json!("P-384")),
            with(rsa(256), "alg", json!("PS256")),
            with(rsa(256), "e", json!("AQ")),
            rsa(128),
            rsa(513),
            json!({ "kty": "oct", "kid": "d", "k": "c2VjcmV0" }),
            json!({ "kty": "other" }),
            json!("text"),
        ] {
            assert!(algorithms(json!([key])).is_empty(), "{key}");
        }
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in ["", "[]", "{}", "{\"keys\":{}}", "null"] {
            assert_eq!(parse(text).err(), Some(KeySetError::Malformed), "{text}");
        }
        let many = json!({ "keys": vec![ed25519(); KEYS_MAX + 1] }).to_string();
        assert_eq!(parse(&many).err(), Some(KeySetError::TooMany));
    }
}
