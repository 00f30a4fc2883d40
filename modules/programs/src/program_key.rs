//! The public key with which a program's requests are signed: Ed25519 or ECDSA on P-256, as PEM or JWK.
//! What is signed, and when a signature counts, is in `request_signature.rs`.

use crate::{ProgramError, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePublicKey as _;
use p256::ecdsa::signature::Verifier as _;
use serde::Deserialize;

/// More than any such key needs.
const TEXT_BYTES_MAX: usize = 4096;

/// How a request is signed; the words are those of RFC 9421, section 6.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// `ed25519`: EdDSA on Curve25519 (RFC 8032).
    Ed25519,
    /// `ecdsa-p256-sha256`: ECDSA on P-256 with SHA-256, the signature as 64 bytes.
    EcdsaP256Sha256,
}

/// A key that signatures are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramKey {
    /// 32 bytes.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    /// A point on P-256.
    EcdsaP256(Box<p256::ecdsa::VerifyingKey>),
}

/// What matters of a JSON Web Key (RFC 7517, RFC 8037).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: Option<String>,
    d: Option<serde::de::IgnoredAny>,
}

impl ProgramKey {
    /// Reads a public key: PEM (`BEGIN PUBLIC KEY`), or a JWK as JSON.
    ///
    /// # Errors
    /// `InvalidApiKey`: it is none, not of the algorithm, or somebody's private key.
    pub fn parse(algorithm: SignatureAlgorithm, text: &str) -> Result<Self> {
        let wrong = |reason| ProgramError::InvalidApiKey { field: "publicKey", reason };
        if text.len() > TEXT_BYTES_MAX {
            return Err(wrong("is too long"));
        }
        if text.contains("PRIVATE KEY") {
            return Err(wrong("must be the public key: the private one never leaves its owner"));
        }
        if !text.trim_start().starts_with('{') {
            return Self::from_pem(algorithm, text)
                .ok_or_else(|| wrong("must be a public key of the algorithm in PEM"));
        }
        let jwk: Jwk = serde_json::from_str(text).map_err(|_| wrong("must be PEM or a JWK with kty, crv and x"))?;
        if jwk.d.is_some() {
            return Err(wrong("must be the public key: the private one never leaves its owner"));
        }
        Self::from_jwk(algorithm, &jwk).ok_or_else(|| wrong("must be a public key of the algorithm as JWK"))
    }

    fn from_pem(algorithm: SignatureAlgorithm, text: &str) -> Option<Self> {
        let text = text.trim();
        match algorithm {
            SignatureAlgorithm::Ed25519 => {
                ed25519_dalek::VerifyingKey::from_public_key_pem(text).ok().and_then(Self::ed25519)
            }
            SignatureAlgorithm::EcdsaP256Sha256 => {
                let key = p256::PublicKey::from_public_key_pem(text).ok()?;
                Some(Self::EcdsaP256(Box::new(key.into())))
            }
        }
    }

    fn from_jwk(algorithm: SignatureAlgorithm, jwk: &Jwk) -> Option<Self> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        match (algorithm, jwk.kty.as_str(), jwk.crv.as_str()) {
            (SignatureAlgorithm::Ed25519, "OKP", "Ed25519") => Self::from_bytes(algorithm, &decode(&jwk.x)?),
            (SignatureAlgorithm::EcdsaP256Sha256, "EC", "P-256") => {
                let (x, y) = (decode(&jwk.x)?, decode(jwk.y.as_deref()?)?);
                // The uncompressed point of SEC 1, section 2.3.3.
                let point = [&[4][..], x.as_slice(), y.as_slice()].concat();
                (x.len() == 32 && y.len() == 32).then(|| Self::from_bytes(algorithm, &point))?
            }
            _ => None,
        }
    }

    /// Reads what `to_bytes` gave.
    pub(crate) fn from_bytes(algorithm: SignatureAlgorithm, bytes: &[u8]) -> Option<Self> {
        match algorithm {
            SignatureAlgorithm::Ed25519 => ed25519_dalek::VerifyingKey::try_from(bytes).ok().and_then(Self::ed25519),
            SignatureAlgorithm::EcdsaP256Sha256 => {
                p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok().map(|key| Self::EcdsaP256(Box::new(key)))
            }
        }
    }

    /// The few points under which anything is signed are no keys.
    fn ed25519(key: ed25519_dalek::VerifyingKey) -> Option<Self> {
        (!key.is_weak()).then(|| Self::Ed25519(Box::new(key)))
    }

    /// What is stored of it.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.as_bytes().to_vec(),
            Self::EcdsaP256(key) => key.to_encoded_point(false).as_bytes().to_vec(),
        }
    }

    /// How it signs.
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        match self {
            Self::Ed25519(_) => SignatureAlgorithm::Ed25519,
            Self::EcdsaP256(_) => SignatureAlgorithm::EcdsaP256Sha256,
        }
    }

    /// Whether the signature is this key's, of this message.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Self::EcdsaP256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }
}

impl SignatureAlgorithm {
    const ALL: [Self; 2] = [Self::Ed25519, Self::EcdsaP256Sha256];

    /// The word that is stored, shown, and sent as `alg`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::EcdsaP256Sha256 => "ecdsa-p256-sha256",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    /// RFC 9421, appendix B.1.4: test-key-ed25519.
    const ED25519_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n\
        -----END PUBLIC KEY-----\n";
    const ED25519_JWK: &str =
        r#"{"kty":"OKP","crv":"Ed25519","kid":"any","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}"#;
    /// RFC 9421, appendix B.1.3: test-key-ecc-p256.
    const P256_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\n\
        w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==\n\
        -----END PUBLIC KEY-----\n";
    const P256_JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA",
        "y":"Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0"}"#;

    const ED25519: SignatureAlgorithm = SignatureAlgorithm::Ed25519;
    const P256: SignatureAlgorithm = SignatureAlgorithm::EcdsaP256Sha256;

    /// RFC 9421, appendix B.2.6.
    #[test]
    fn the_rfcs_ed25519_signature_verifies() {
        let base = "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\
            \"@authority\": example.com\n\"content-type\": application/json\n\"content-length\": 18\n\
            \"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
            \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
        let signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
        expect_only(&ProgramKey::parse(ED25519, ED25519_PEM).unwrap(), base, signature);
    }

    /// RFC 9421, appendix B.2.4.
    #[test]
    fn the_rfcs_ecdsa_signature_verifies() {
        let base = "\"@status\": 200\n\"content-type\": application/json\n\
            \"content-digest\": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5\
            aGgfLQ==:\n\"content-length\": 23\n\"@signature-params\": (\"@status\" \"content-type\" \"content-digest\" \
            \"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"";
        let signature = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==";
        expect_only(&ProgramKey::parse(P256, P256_PEM).unwrap(), base, signature);
    }

    #[track_caller]
    fn expect_only(key: &ProgramKey, base: &str, signature: &str) {
        let signature = STANDARD.decode(signature).unwrap();
        assert!(key.has_signed(base.as_bytes(), &signature));
        assert!(!key.has_signed(base.replace("created=1618884473", "created=1618884474").as_bytes(), &signature));
        for place in [0, 31, 32, 63] {
            let mut other = signature.clone();
            other[place] ^= 1;
            assert!(!key.has_signed(base.as_bytes(), &other));
        }
        for other in [&signature[..63], &[], &[0; 64], &[signature.as_slice(), &[0]].concat()] {
            assert!(!key.has_signed(base.as_bytes(), other));
        }
    }

    #[test]
    fn pem_and_jwk_are_the_same_key_and_come_back_from_what_is_stored() {
        for (algorithm, pem, jwk) in [(ED25519, ED25519_PEM, ED25519_JWK), (P256, P256_PEM, P256_JWK)] {
            let key = ProgramKey::parse(algorithm, pem).unwrap();
            assert_eq!(ProgramKey::parse(algorithm, jwk).unwrap(), key);
            assert_eq!(ProgramKey::from_bytes(algorithm, &key.to_bytes()), Some(key));
        }
    }

    #[test]
    fn what_is_no_public_key_of_the_algorithm_is_refused() {
        let private_jwk = ED25519_JWK.replace("\"kid\"", "\"d\"");
        let off_the_curve = P256_JWK.replace("Mc4n", "Mc4o");
        let weak = r#"{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
        let private_pem = ED25519_PEM.replace("PUBLIC", "PRIVATE");
        for (algorithm, text) in [
            (ED25519, P256_PEM),
            (P256, ED25519_PEM),
            (ED25519, P256_JWK),
            (P256, ED25519_JWK),
            (ED25519, private_jwk.as_str()),
            (ED25519, private_pem.as_str()),
            (ED25519, weak),
            (P256, off_the_curve.as_str()),
            (ED25519, ""),
            (ED25519, "{}"),
            (ED25519, &"x".repeat(5_000)),
        ] {
            let outcome = ProgramKey::parse(algorithm, text);
            assert!(matches!(outcome, Err(ProgramError::InvalidApiKey { field: "publicKey", .. })), "{text}");
        }
    }
}
