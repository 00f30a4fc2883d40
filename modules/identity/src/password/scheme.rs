//! A stored hash, and the scheme it was made with: the algorithm and its parameters. New ones are argon2id (RFC 9106) with
//! OWASP's minimum of 19 MiB; weaker argon2id and bcrypt come with imported users and go with their next login.

use super::memory::Memory;
use super::{Password, failure};
use crate::Result;
use argon2::password_hash::phc::{self, Output, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::alphabet::BCRYPT;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The scheme of new hashes.
const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1";

/// What imported hashes may cost at most, so that a login cannot take the machine.
const IMPORTED_MEMORY_KIB_MAX: u32 = 65_536;
const IMPORTED_PASSES_MAX: u32 = 10;
const IMPORTED_LANES_MAX: u32 = 4;
const BCRYPT_COSTS: std::ops::RangeInclusive<u32> = 4..=14;
const BCRYPT_CHARACTERS: usize = 60;
/// What bcrypt reads of a password.
const BCRYPT_BYTES_MAX: usize = 72;
const BCRYPT_SALT_BYTES: usize = 16;
const BCRYPT_OUTPUT_BYTES: usize = 23;
const ARGON2_OUTPUT_BYTES: usize = 32;

/// So many blocks of 1 KiB does argon2id fill while bcrypt expands a key once.
const BLOCKS_PER_EXPANSION: u64 = 80;

const BCRYPT_BASE64: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD);

/// A hashed password: argon2id in PHC form or bcrypt in its own, each with its parameters and salt.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash(String);

/// An algorithm with its parameters: what is in front of the salt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scheme(String);

impl PasswordHash {
    pub(crate) const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Reads a hash that another system made.
    pub(crate) fn parse_imported(text: &str) -> std::result::Result<Self, &'static str> {
        if text.starts_with("$2") {
            require_bcrypt(text)?;
        } else {
            require_argon2id(text)?;
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What is in front of the salt; bcrypt's harmless dialects are one.
    pub(crate) fn scheme(&self) -> Scheme {
        match self.0.strip_prefix("$2").and_then(|rest| rest.get(1..4)) {
            Some(cost) => Scheme(format!("$2b{cost}")),
            None => Scheme(self.0.rsplitn(3, '$').last().unwrap_or_default().to_owned()),
        }
    }

    /// Whether the scheme looks at the whole password. What was proved right may else be another one.
    pub(crate) fn reads_all_of(&self, password: &Password) -> bool {
        !self.0.starts_with("$2") || password.as_bytes().len() <= BCRYPT_BYTES_MAX
    }

    /// Does the work that the scheme costs. Equality of outputs takes the same time wherever they differ.
    pub(super) fn matches(&self, password: &Password, memory: &mut Memory) -> Result<bool> {
        if self.0.starts_with("$2") {
            return bcrypt::verify(password.as_bytes(), &self.0).map_err(|error| failure(&error));
        }
        let hash = phc::PasswordHash::new(&self.0).map_err(|error| failure(&error))?;
        let how = argon2id(Params::try_from(&hash).map_err(|error| failure(&error))?);
        let salt = hash.salt.ok_or_else(|| failure(&"a hash without a salt"))?;
        Ok(Some(memory.digest(&how, password, &salt)?) == hash.hash)
    }
}

impl Scheme {
    /// What new hashes are made with.
    pub(crate) fn current() -> Self {
        Self(CURRENT.to_owned())
    }

    pub(crate) const fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Hashes a password in the way of this scheme.
    pub(super) fn hash(&self, password: &Password, memory: &mut Memory) -> Result<PasswordHash> {
        let text = match self.0.strip_prefix("$2b$").map(str::parse) {
            Some(Ok(cost)) => bcrypt::hash(password.as_bytes(), cost).map_err(|error| failure(&error))?,
            Some(Err(error)) => return Err(failure(&error)),
            None => {
                let (how, salt) = (argon2id(self.parameters()?), Salt::generate());
                let output = memory.digest(&how, password, &salt)?;
                let hash = phc::PasswordHash {
                    algorithm: Algorithm::Argon2id.ident(),
                    version: Some(Version::V0x13.into()),
                    params: ParamsString::try_from(how.params()).map_err(|error| failure(&error))?,
                    salt: Some(salt),
                    hash: Some(output),
                };
                hash.to_string()
            }
        };
        Ok(PasswordHash(text))
    }

    /// A hash in the way of this scheme that no password is known to lead to: random bytes in its place, without the work.
    /// To compare a password with it is the whole work.
    pub(crate) fn hash_of_nobody(&self) -> Result<PasswordHash> {
        if let Some(cost) = self.0.strip_prefix("$2b$") {
            let (salt, output) = (random::<BCRYPT_SALT_BYTES>(), random::<BCRYPT_OUTPUT_BYTES>());
            return Ok(PasswordHash(format!(
                "$2b${cost}${}{}",
                BCRYPT_BASE64.encode(salt),
                BCRYPT_BASE64.encode(output)
            )));
        }
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.parameters()?).map_err(|error| failure(&error))?,
            salt: Some(Salt::generate()),
            hash: Some(Output::new(&random::<ARGON2_OUTPUT_BYTES>()).map_err(|error| failure(&error))?),
        };
        Ok(PasswordHash(hash.to_string()))
    }

    /// What it costs to compare a password, in blocks of 1 KiB that argon2id fills: a measure of work, not of time.
    pub(crate) fn work(&self) -> u64 {
        if let Some(cost) = self.0.strip_prefix("$2b$") {
            let expansions = cost.parse().ok().and_then(|cost| 1_u64.checked_shl(cost)).unwrap_or(u64::MAX);
            return expansions.saturating_mul(BLOCKS_PER_EXPANSION);
        }
        let work = |parameters: Params| u64::from(parameters.m_cost()) * u64::from(parameters.t_cost());
        self.parameters().map_or(u64::MAX, work)
    }

    fn parameters(&self) -> Result<Params> {
        if self.0 == CURRENT {
            return Ok(Params::new(MEMORY_KIB, PASSES, LANES, None).expect("they are within argon2's limits"));
        }
        let hash = phc::PasswordHash::new(&self.0).map_err(|error| failure(&error))?;
        Params::try_from(&hash.params).map_err(|error| failure(&error))
    }
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn argon2id(parameters: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
}

fn require_bcrypt(text: &str) -> std::result::Result<(), &'static str> {
    let is_well_formed = text.len() == BCRYPT_CHARACTERS
        && ["$2a$", "$2b$", "$2y$"].iter().any(|dialect| text.starts_with(dialect))
        && text.parse::<bcrypt::HashParts>().is_ok();
    if !is_well_formed {
        return Err("is no bcrypt hash");
    }
    let cost = text[4..6].parse().unwrap_or(u32::MAX);
    if BCRYPT_COSTS.contains(&cost) { Ok(()) } else { Err("is a bcrypt hash whose cost is not from 4 to 14") }
}

fn require_argon2id(text: &str) -> std::result::Result<(), &'static str> {
    let wrong = "must be a hash of argon2id in PHC form, or of bcrypt";
    let hash = phc::PasswordHash::new(text).map_err(|_| wrong)?;
    if hash.algorithm.as_str() != "argon2id" || hash.version != Some(19) || hash.salt.is_none() || hash.hash.is_none() {
        return Err("must be a hash of argon2id, version 19, or of bcrypt");
    }
    let parameters = Params::try_from(&hash).map_err(|_| wrong)?;
    let is_cheap_enough = parameters.m_cost() <= IMPORTED_MEMORY_KIB_MAX
        && parameters.t_cost() <= IMPORTED_PASSES_MAX
        && parameters.p_cost() <= IMPORTED_LANES_MAX;
    if is_cheap_enough { Ok(()) } else { Err("costs more than 64 MiB, 10 passes and 4 lanes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEAK: &str = "$argon2id$v=19$m=4096,t=1,p=1";

    fn password() -> Password {
        Password::new("secure_password")
    }

    #[test]
    fn each_scheme_hashes_and_recognises_its_own() {
        let mut memory = Memory::default();
        for scheme in [CURRENT, WEAK, "$2b$04"] {
            let scheme = Scheme(scheme.to_owned());
            let hash = scheme.hash(&password(), &mut memory).unwrap();
            assert_eq!(hash.scheme(), scheme);
            assert!(hash.matches(&password(), &mut memory).unwrap(), "{scheme:?}");
            assert!(!hash.matches(&Password::new("Secure_password"), &mut memory).unwrap(), "{scheme:?}");
            assert!(PasswordHash::parse_imported(hash.as_str()).is_ok(), "{scheme:?}");
        }
    }

    #[test]
    fn a_hash_that_another_program_made_matches_in_each_dialect() {
        // The published test vector of OpenBSD's bcrypt for "U*U".
        let vector = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        for dialect in ["$2a$", "$2b$", "$2y$"] {
            let hash = PasswordHash::parse_imported(&vector.replace("$2a$", dialect)).unwrap();
            assert_eq!(hash.scheme(), Scheme("$2b$05".to_owned()));
            assert!(hash.matches(&Password::new("U*U"), &mut Memory::default()).unwrap());
        }
    }

    #[test]
    fn a_hash_made_with_other_parameters_by_the_reference_implementation_matches() {
        // echo -n secure_password | argon2 somesaltsomesalt -id -t 3 -k 4096 -p 2 -l 24 -e
        let text = "$argon2id$v=19$m=4096,t=3,p=2$c29tZXNhbHRzb21lc2FsdA$NRsRCeJlZzqwMneUdblG33mcj3plyREs";
        let (hash, mut memory) = (PasswordHash::parse_imported(text).unwrap(), Memory::default());
        assert!(hash.matches(&password(), &mut memory).unwrap());
        assert!(!hash.matches(&Password::new("secure_passwore"), &mut memory).unwrap());
    }

    #[test]
    fn what_is_no_hash_or_costs_too_much_is_not_imported() {
        let salt_and_hash = "c29tZXNhbHRzb21lc2FsdA$yRZ1zFwwnOpNZKXkbz9jTtV3vjb6aUlBBG1XsT+gDhs";
        for text in [
            "",
            "secure_password",
            "$2a$05$tooshort",
            "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2a$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2a$05$CCCCCCCCCCCCCCCCCCCC€E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
            "$argon2id$v=19$m=4096,t=1,p=1",
            &format!("$argon2i$v=19$m=4096,t=1,p=1${salt_and_hash}"),
            &format!("$argon2id$v=16$m=4096,t=1,p=1${salt_and_hash}"),
            &format!("$argon2id$v=19$m=1048576,t=1,p=1${salt_and_hash}"),
            &format!("$argon2id$v=19$m=4096,t=100,p=1${salt_and_hash}"),
        ] {
            assert!(PasswordHash::parse_imported(text).is_err(), "{text}");
        }
        PasswordHash::parse_imported(&format!("{WEAK}${salt_and_hash}")).map(drop).expect("and this one is");
    }
}
