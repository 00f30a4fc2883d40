//! Recovery codes: 125 random bits each, so that a plain hash guards them (ASVS 6.5.2), shown once, good once.

mod store;

use crate::{FactorError, Result};
use db::{Tx, WallTime};
use ids::UserId;
use sha2::{Digest as _, Sha256};

/// How many there are.
pub(super) const COUNT: usize = 10;
const CHARACTERS: usize = 25;
/// Codes that were made when they were shorter stay good.
const EARLIER_CHARACTERS: usize = 20;
const GROUP: usize = 5;
/// Crockford's base 32: no letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TYPED_BYTES_MAX: usize = 64;

/// New codes in place of all old ones.
pub(super) async fn replace_in_tx(tx: &Tx, user_id: UserId) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..COUNT).map(|_| generate()).collect();
    let hashes = codes.iter().filter_map(|code| hash(code)).collect();
    store::replace_in_tx(tx, user_id, hashes).await?;
    Ok(codes)
}

/// Uses a code of the person whose row is held up.
pub(super) async fn use_in_tx(
    tx: &Tx,
    user_id: UserId,
    typed: &str,
    now: WallTime,
) -> Result<std::result::Result<(), FactorError>> {
    let used = match hash(typed) {
        Some(code_hash) => store::use_in_tx(tx, user_id, code_hash, now).await?,
        None => false,
    };
    Ok(if used { Ok(()) } else { Err(FactorError::Wrong) })
}

fn generate() -> String {
    let mut bytes = [0; CHARACTERS];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    let characters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    characters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// Of what was typed, however it was spaced and cased; `None` when it cannot be a code.
fn hash(typed: &str) -> Option<[u8; 32]> {
    if typed.len() > TYPED_BYTES_MAX {
        return None;
    }
    let characters = typed.chars().filter(char::is_ascii_alphanumeric);
    let code: String = characters.map(|character| as_in_alphabet(character.to_ascii_lowercase())).collect();
    matches!(code.len(), CHARACTERS | EARLIER_CHARACTERS).then(|| Sha256::digest(code).into())
}

/// Letters that a code never has are read as the digits that they look like, as Crockford wants it.
const fn as_in_alphabet(character: char) -> char {
    match character {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_five_groups_of_five_and_never_twice_the_same() {
        let codes: std::collections::HashSet<String> = (0..1_000).map(|_| generate()).collect();
        assert_eq!(codes.len(), 1_000);
        for code in codes {
            let groups: Vec<&str> = code.split('-').collect();
            assert_eq!((groups.len(), code.len()), (5, 29));
            assert!(groups.concat().bytes().all(|byte| ALPHABET.contains(&byte)), "{code}");
        }
    }

    #[test]
    fn spaces_and_case_do_not_matter() {
        for code in ["abcde-fghjk-mnpqr-stvwx-yz012", "abcde-fghjk-mnpqr-stvwx"] {
            assert!(hash(code).is_some());
            assert_eq!(hash(code), hash(&format!(" {} ", code.replace('-', " ").to_uppercase())));
            assert_ne!(hash(code), hash(&code.replace('a', "b")));
            for dash in ["\u{2010}", "\u{2011}", "\u{2013}", "\u{2212}", "\u{a0}", "\u{202f}", "\t", "", "\u{200b}"] {
                assert_eq!(hash(code), hash(&code.replace('-', dash)), "{dash:?}");
            }
            assert_eq!(hash(code), hash(&code.replace('0', "O").replace('1', "l")));
        }
        for typed in ["", "abcde", "abcde-fghjk-mnpqr-stvwx-y", &"a".repeat(100_000)] {
            assert_eq!(hash(typed), None);
        }
    }
}
