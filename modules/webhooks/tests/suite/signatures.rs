//! Signatures by Standard Webhooks, against vectors of others, and the day on which two secrets sign.

use db::WallTime;
use webhooks::{Algorithm, Keys, Message, MessageError, SecretError, SigningSecret};

fn at(seconds: i64) -> WallTime {
    WallTime::from_unix_micros(seconds * 1_000_000)
}

fn signed(keys: &Keys, seconds: i64) -> String {
    keys.sign(&Message::new("evt_1", at(seconds), "{}").expect("a message"))
}

/// The vector of the reference implementations.
#[test]
fn the_symmetric_signature_is_that_of_the_reference() {
    let keys = Keys::new(SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
    let message = Message::new("msg_p5jXN8AQM9LWM0D4loKWxJek", at(1_614_265_330), r#"{"test": 2432232314}"#).unwrap();
    assert_eq!(message.timestamp(), 1_614_265_330);
    assert_eq!(keys.sign(&message), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/// Secret and public key of RFC 8032, section 7.1, test 1.
#[test]
fn the_public_key_recognises_what_the_private_key_signs() {
    let secret = SigningSecret::parse("whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
    assert_eq!(secret.for_receiver(), "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    let signature = signed(&Keys::new(secret), 1_700_000_000);
    assert_eq!(signature, ED25519_SIGNATURE);
}

/// Made with another implementation: the module `cryptography` of Python.
const ED25519_SIGNATURE: &str =
    "v1a,foU6A1vCbb8s5PIfWMUHPloRwUjN+M/01rWIRjGayznt14O9Rq8wbfspwR1SJ+Pp3GykPySUaOFxq/iNMEl2CA==";

#[test]
fn a_replaced_secret_signs_for_another_day() {
    let first = SigningSecret::generate(Algorithm::HmacSha256);
    let second = SigningSecret::generate(Algorithm::Ed25519);
    let third = SigningSecret::generate(Algorithm::HmacSha256);
    let (of_first, of_second) = (signed(&Keys::new(first.clone()), 86_399), signed(&Keys::new(second.clone()), 86_399));
    let keys = Keys::new(first).rotated(second.clone(), at(0));
    assert_eq!(signed(&keys, 86_399), format!("{of_second} {of_first}"));
    assert_eq!(signed(&keys, 86_400), signed(&Keys::new(second), 86_400));
    // Rotated again at once, the first is gone: it may have been stolen.
    let again = signed(&keys.rotated(third, at(0)), 86_399);
    assert!(again.ends_with(&of_second) && !again.contains(&of_first), "{again}");
}

#[test]
fn secrets_are_kept_and_read_again() {
    for (algorithm, kept, shown) in
        [(Algorithm::HmacSha256, "whsec_", "whsec_"), (Algorithm::Ed25519, "whsk_", "whpk_")]
    {
        let secret = SigningSecret::generate(algorithm);
        let text = secret.to_text();
        assert!(text.starts_with(kept) && secret.for_receiver().starts_with(shown));
        let again = SigningSecret::parse(&text).unwrap();
        assert_eq!(signed(&Keys::new(again), 1), signed(&Keys::new(secret.clone()), 1));
        assert!(!format!("{secret:?}").contains(&text[6..]));
        assert_ne!(SigningSecret::generate(algorithm).to_text(), text);
    }
}

#[test]
fn what_is_no_secret_is_refused() {
    let short = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="; // 22 bytes
    let long = format!("whsec_{}", "AAAA".repeat(22)); // 66 bytes
    let public = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    for text in ["", "whsec_", "whsk_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_ä", short, &long, public] {
        assert_eq!(SigningSecret::parse(text).err(), Some(SecretError), "{text}");
    }
}

#[test]
fn a_message_is_read_in_one_way_only_and_is_small() {
    let long = "a".repeat(65);
    for id in ["", "evt.1", "evt 1", "evt_\n", "evt_ä", &long] {
        assert_eq!(Message::new(id, at(0), "{}").err(), Some(MessageError::Id), "{id:?}");
    }
    assert!(Message::new("evt_1", at(0), &"a".repeat(20_000)).is_ok());
    assert_eq!(Message::new("evt_1", at(0), &"a".repeat(20_001)).err(), Some(MessageError::TooLarge));
}
