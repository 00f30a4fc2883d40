//! Proof key for code exchange (RFC 7636) with S256, which is the only method here: `plain` shows the verifier.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const VERIFIER_CHARACTERS: std::ops::RangeInclusive<usize> = 43..=128;

/// The hash of a secret that only the client that began knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads a SHA-256 in base64url; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    pub(crate) fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the secret behind it.
    pub(crate) fn is_met_by(&self, verifier: &str) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        VERIFIER_CHARACTERS.contains(&verifier.len())
            && verifier.bytes().all(is_plain)
            && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_verifier_of_the_rfc_meets_its_challenge_and_no_other_does() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        for other in ["", CHALLENGE, &VERIFIER[1..], &format!("{VERIFIER}="), &"a".repeat(43), &"a".repeat(129)] {
            assert!(!challenge.is_met_by(other), "{other}");
        }
    }

    #[test]
    fn a_challenge_is_a_sha_256_in_base64url() {
        for text in ["", "short", VERIFIER.trim_end_matches('k'), &format!("{CHALLENGE}="), &"+".repeat(43)] {
            assert_eq!(CodeChallenge::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_challenge_that_is_its_own_verifier_is_not_met() {
        // What a downgrade to `plain` would accept.
        assert!(!CodeChallenge::parse(VERIFIER).unwrap().is_met_by(VERIFIER));
    }
}
