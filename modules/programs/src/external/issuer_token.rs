//! An access token of a trusted issuer: what makes it one (RFC 9068, RFC 8725), and what it says. An ID token, which
//! tells a client who somebody is, opens nothing here (RFC 9068, section 4).

use super::TrustedIssuer;
use super::key_set::IssuerKey;
use db::WallTime;
use identity::{Factor, Factors, Proof, Scope, Scopes};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::sync::Arc;

/// Other issuers' tokens say more than ours.
pub(super) const BYTES_MAX: usize = 8 * 1024;
/// As OpenID Connect has it, section 2.
pub(super) const SUBJECT_BYTES_MAX: usize = 255;

/// A token that lives longer than this was not made for calling an API.
const LIFETIME_SECONDS_MAX: i64 = 24 * 60 * 60;
/// By so much the issuer's clock may be ahead of ours.
pub(super) const CLOCK_SKEW_SECONDS: i64 = 30;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];
const TYPES: [&str; 3] = ["at+jwt", "application/at+jwt", "jwt"];

/// Ways of proving who one is (RFC 8176) by what they show: that somebody knows something, has it, or is it. Ways that
/// are missing here, such as a code in a text message, count for nothing.
const KNOWN: [&str; 2] = ["pwd", "pin"];
const HAD: [&str; 3] = ["otp", "hwk", "sc"];
const OWN: [&str; 4] = ["face", "fpt", "iris", "retina"];

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) subject: Arc<str>,
    pub(super) scopes: Scopes,
    pub(super) proof: Proof,
    pub(super) is_of_program: bool,
    pub(super) issued: i64,
    pub(super) not_before: i64,
    pub(super) expires: i64,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    scope: Option<String>,
    client_id: Option<String>,
    azp: Option<String>,
    auth_time: Option<i64>,
    amr: Option<Vec<String>>,
    /// What some issuers say in here instead of in the header.
    typ: Option<String>,
    // Of ID tokens,
    nonce: Option<IgnoredAny>,
    at_hash: Option<IgnoredAny>,
    c_hash: Option<IgnoredAny>,
    s_hash: Option<IgnoredAny>,
    // of logout tokens,
    events: Option<IgnoredAny>,
    // and of tokens that are good only together with a key, which is not looked at here.
    cnf: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Which key a token means: `None` when it cannot be an access token of anybody whom we trust.
pub(super) fn key_of(token: &str) -> Option<(String, Algorithm)> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    if !is_acceptable(&header) {
        return None;
    }
    Some((header.kid?, header.alg))
}

/// No key or address to take instead of ours, and nothing that we do not understand (RFC 8725, sections 3.9 and 3.10).
fn is_acceptable(header: &Header) -> bool {
    let names_no_key = header.jku.is_none() && header.jwk.is_none() && header.x5u.is_none() && header.x5c.is_none();
    let asks_for_nothing = header.crit.is_none() && header.enc.is_none() && header.zip.is_none();
    let is_plain = header.cty.is_none() && header.nonce.is_none() && header.url.is_none();
    let kind = header.typ.as_deref().map(str::to_ascii_lowercase);
    let is_access_token = kind.is_some_and(|kind| TYPES.contains(&kind.as_str()));
    names_no_key && asks_for_nothing && is_plain && is_access_token && ALGORITHMS.contains(&header.alg)
}

/// What the token says, if the key has signed it and the issuer means us. When it counts is asked each time.
pub(super) fn verify(token: &str, key: &IssuerKey, trusted: &TrustedIssuer) -> Option<Statement> {
    let mut validation = Validation::new(key.algorithm);
    validation.set_issuer(&[&trusted.issuer]);
    validation.set_audience(&[&trusted.audience]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // Against the time that is passed in, not the machine's.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
    claims.statement(trusted)
}

impl Claims {
    fn statement(self, trusted: &TrustedIssuer) -> Option<Statement> {
        // Once more in our own words: the library also takes a list of issuers.
        let is_ours = self.iss == trusted.issuer && self.aud.contains(&trusted.audience);
        let lives_for = self.exp.checked_sub(self.iat)?;
        let is_sound = is_subject(&self.sub) && (1..=LIFETIME_SECONDS_MAX).contains(&lives_for);
        if !is_ours || !is_sound || !self.is_access_token() {
            return None;
        }
        let program = self.client_id.as_ref().or(self.azp.as_ref());
        Some(Statement {
            scopes: scopes(self.scope.as_deref().unwrap_or_default()),
            proof: self.proof()?,
            is_of_program: program == Some(&self.sub),
            issued: self.iat,
            not_before: self.nbf.map_or(self.iat, |nbf| nbf.max(self.iat)).saturating_sub(CLOCK_SKEW_SECONDS),
            expires: self.exp,
            subject: self.sub.into(),
        })
    }

    fn is_access_token(&self) -> bool {
        let is_id_token =
            self.nonce.is_some() || self.at_hash.is_some() || self.c_hash.is_some() || self.s_hash.is_some();
        let kind = self.typ.as_deref().map(str::to_ascii_lowercase);
        let says_so = kind.is_none_or(|kind| kind == "bearer" || TYPES.contains(&kind.as_str()));
        !is_id_token && says_so && self.events.is_none() && self.cnf.is_none()
    }

    /// Without a time the proof is as old as can be.
    fn proof(&self) -> Option<Proof> {
        let at = self.auth_time.unwrap_or_default().min(self.iat);
        let factors = match &self.amr {
            Some(ways) if shows_several_factors(ways) => Factors::of(Factor::Elsewhere),
            _ => Factors::default(),
        };
        Some(Proof { at: WallTime::from_unix_micros(at.checked_mul(1_000_000)?), factors })
    }
}

impl Audience {
    fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}

/// Whether somebody can be called so: 1 to 255 visible characters of ASCII.
pub(super) fn is_subject(text: &str) -> bool {
    (1..=SUBJECT_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

/// Ours among the words; an issuer has others of its own.
fn scopes(words: &str) -> Scopes {
    words.split(' ').filter_map(Scope::parse).collect()
}

/// Two kinds of proof together, or the issuer's word that there were: `mfa`. What its classes (`acr`) mean is between it
/// and its clients, and so they count for nothing.
fn shows_several_factors(ways: &[String]) -> bool {
    let any_of = |kind: &[&str]| ways.iter().any(|way| kind.contains(&way.as_str()));
    let kinds = [any_of(&KNOWN), any_of(&HAD), any_of(&OWN)];
    any_of(&["mfa"]) || kinds.iter().filter(|is_shown| **is_shown).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_of_one_kind_are_one_factor() {
        let shows =
            |ways: &[&str]| shows_several_factors(&ways.iter().map(|way| (*way).to_owned()).collect::<Vec<_>>());
        for ways in [&["mfa"][..], &["pwd", "otp"], &["pin", "hwk"], &["fpt", "hwk"], &["sms", "pwd", "sc"]] {
            assert!(shows(ways), "{ways:?}");
        }
        for ways in [
            &[][..],
            &["pwd"],
            &["otp"],
            &["hwk"],
            &["pwd", "pin"],
            &["otp", "hwk"],
            &["pwd", "sms"],
            &["pwd", "tel"],
            &["pwd", "kba"],
            &["pwd", "swk"],
            &["MFA"],
        ] {
            assert!(!shows(ways), "{ways:?}");
        }
    }

    #[test]
    fn scopes_of_others_are_passed_over() {
        assert_eq!(scopes("openid accounts:read email").to_string(), "accounts:read");
        assert!(scopes("").is_empty() && scopes("ACCOUNTS:READ accounts").is_empty());
    }

    #[test]
    fn subjects_are_short_and_visible() {
        assert!(is_subject("auth0|5f7c8ec7c33c6c004bbafe82") && is_subject(&"x".repeat(SUBJECT_BYTES_MAX)));
        for text in ["", "a\nb", "jöhn", &"x".repeat(SUBJECT_BYTES_MAX + 1)] {
            assert!(!is_subject(text), "{text}");
        }
    }
}
