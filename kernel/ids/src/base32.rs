//! Crockford's base 32 for 128 bits: 26 lower-case characters that sort as the number does.

pub(crate) const LENGTH: usize = 26;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

pub(crate) fn encode(value: u128, buffer: &mut [u8; LENGTH]) -> &str {
    for (place, character) in buffer.iter_mut().rev().enumerate() {
        let digit = (value >> (5 * place)) & 31;
        *character = ALPHABET[usize::try_from(digit).expect("five bits")];
    }
    std::str::from_utf8(buffer).expect("the alphabet is ASCII")
}

pub(crate) fn decode(text: &str) -> Option<u128> {
    let characters = text.as_bytes();
    // 26 characters hold 130 bits: the first may only use three of its five.
    if characters.len() != LENGTH || characters[0] > b'7' {
        return None;
    }
    characters.iter().try_fold(0_u128, |value, character| {
        let digit = ALPHABET.iter().position(|letter| letter == character)?;
        Some((value << 5) | u128::try_from(digit).ok()?)
    })
}
