//! API keys as callers of the module see them: made, used, exchanged, taken back, and never shown twice.

use crate::common::{START, TestAuth, command_line, done, with_auth};
use auth::{
    AllowedAddresses, ApiKeyStatus, Auth, AuthError, Credential, IssuedApiKey, NewApiKey, Overlap, RequestSignature,
    Role, Scope, Scopes, SignatureAlgorithm, SignerKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::{Db, Timestamp};
use ed25519_dalek::Signer as _;
use ids::{ApiKeyId, EventId, UserId};
use uuid::Uuid;

fn new_key(scopes: &str) -> NewApiKey {
    NewApiKey {
        name: "payroll".to_owned(),
        scopes: Scopes::parse(scopes).unwrap(),
        allowed_addresses: AllowedAddresses::default(),
        expires_at: None,
    }
}

async fn issue(test: &TestAuth, owner: UserId) -> IssuedApiKey {
    test.auth.create_api_key(owner, new_key("accounts:read transactions:write"), done(START)).await.unwrap()
}

/// Whose key it is, or why not.
async fn use_key(auth: &Auth, text: &str, now: Timestamp) -> Result<UserId, AuthError> {
    auth.authenticate_key(text, None, now).await.map(|key| key.caller().user_id)
}

async fn run(db: &Db, script: &str) {
    let tx = db.begin().await.unwrap();
    tx.run_script(script).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn a_key_calls_for_its_owner_as_far_as_it_reaches() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let known = test.auth.authenticate_key(&issued.text, None, START).await.unwrap();
        let caller = known.caller();
        assert_eq!((caller.user_id, caller.role), (owner, Role::Customer));
        assert_eq!(caller.credential, Credential::ApiKey(issued.key.id));
        assert!(caller.has_scope(Scope::AccountsRead) && !caller.has_scope(Scope::AccountsWrite));
        assert!(!known.requires_signature());
        let listed = test.auth.api_keys(owner, None, 10).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&issued.key));
        assert!(issued.text.starts_with(&issued.key.prefix()));
    });
}

#[test]
fn the_text_is_neither_stored_nor_told() {
    with_auth(async |test| {
        let issued = issue(&test, test.register("john_doe").await.user.id).await;
        let secret = issued.text.strip_prefix(&issued.key.prefix()).unwrap();
        let events = outbox::after(&test.db, EventId::from_uuid(Uuid::nil()), 100).await.unwrap();
        assert_eq!(events.last().unwrap().kind, "auth.api_key_created");
        for shown in [format!("{issued:?}"), format!("{:?}", issued.key), format!("{events:?}")] {
            assert!(!shown.contains(secret), "{shown}");
        }
    });
}

#[test]
fn what_cannot_be_a_key_is_refused_without_the_database() {
    with_auth(async |test| {
        let issued = issue(&test, test.register("john_doe").await.user.id).await;
        run(&test.db, "ALTER TABLE auth_api_key RENAME TO auth_api_key_gone").await;
        let mut mistyped = issued.text.clone();
        let last = if mistyped.ends_with('0') { "1" } else { "0" };
        mistyped.replace_range(mistyped.len() - 1.., last);
        for text in ["flk_", &issued.text[..50], &mistyped, &"x".repeat(103), &"flk_".repeat(5_000)] {
            assert_eq!(use_key(&test.auth, text, START).await, Err(AuthError::InvalidToken), "{text}");
        }
        // The well-formed one asks for the table that is not there.
        assert!(matches!(use_key(&test.auth, &issued.text, START).await, Err(AuthError::Store(_))));
    });
}

#[test]
fn a_made_up_key_of_the_right_form_is_refused() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let unknown = issue(&test, owner).await;
        run(&test.db, "DELETE FROM auth_api_key WHERE revoked_at IS NULL").await;
        for text in [issued.text, unknown.text] {
            assert_eq!(use_key(&test.auth, &text, START).await, Err(AuthError::InvalidToken));
        }
    });
}

#[test]
fn a_rotated_key_works_with_both_secrets_for_the_overlap() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let old = issue(&test, owner).await;
        let id = (owner, old.key.id);
        let new = test.auth.rotate_api_key(id, Overlap::try_new(60).unwrap(), done(START)).await.unwrap();
        assert_ne!(old.text, new.text);
        assert_eq!(new.key.previous_secret_until, Some(START.plus_seconds(60)));
        for text in [&old.text, &new.text] {
            assert_eq!(use_key(&test.auth, text, START.plus_seconds(59)).await, Ok(owner));
        }
        let later = START.plus_seconds(60);
        assert_eq!(use_key(&test.auth, &old.text, later).await, Err(AuthError::InvalidToken));
        assert_eq!(use_key(&test.auth, &new.text, later).await, Ok(owner));
    });
}

#[test]
fn a_rotation_without_overlap_and_a_second_rotation_end_the_oldest_secret_at_once() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let first = issue(&test, owner).await;
        let id = (owner, first.key.id);
        assert_eq!(use_key(&test.auth, &first.text, START).await, Ok(owner));
        let second = test.auth.rotate_api_key(id, Overlap::try_new(0).unwrap(), done(START)).await.unwrap();
        assert_eq!(use_key(&test.auth, &first.text, START).await, Err(AuthError::InvalidToken));
        let third = test.auth.rotate_api_key(id, Overlap::default(), done(START)).await.unwrap();
        let fourth = test.auth.rotate_api_key(id, Overlap::default(), done(START)).await.unwrap();
        let later = START.plus_seconds(24 * 60 * 60 - 1);
        for (text, outcome) in
            [(&second.text, Err(AuthError::InvalidToken)), (&third.text, Ok(owner)), (&fourth.text, Ok(owner))]
        {
            assert_eq!(use_key(&test.auth, text, later).await, outcome);
        }
    });
}

#[test]
fn a_revoked_key_ends_at_once_here_and_within_a_second_elsewhere() {
    with_auth(async |test| {
        let other_process = test.open_again(START).await;
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        for auth in [&test.auth, &other_process] {
            assert_eq!(use_key(auth, &issued.text, START).await, Ok(owner));
        }
        let id = (owner, issued.key.id);
        test.auth.revoke_api_key(id, done(START)).await.unwrap();
        let refused = Err(AuthError::InvalidToken);
        assert_eq!(use_key(&test.auth, &issued.text, START).await, refused);
        assert_eq!(use_key(&other_process, &issued.text, START.plus_seconds(1)).await, refused);
        // Again changes nothing, and what has ended is neither exchanged nor signed for.
        test.auth.revoke_api_key(id, done(START.plus_seconds(9))).await.unwrap();
        let listed = test.auth.api_keys(owner, None, 10).await.unwrap();
        assert_eq!((listed[0].revoked_at, listed[0].status(START)), (Some(START), ApiKeyStatus::Revoked));
        let rotated = test.auth.rotate_api_key(id, Overlap::default(), done(START)).await;
        assert_eq!(rotated.unwrap_err(), AuthError::ApiKeyEnded);
        let signed = test.auth.set_signer_key(id, None, done(START)).await;
        assert_eq!(signed.unwrap_err(), AuthError::ApiKeyEnded);
        let kinds = test.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "auth.api_key_revoked").count(), 1);
    });
}

#[test]
fn a_key_expires_by_itself_also_from_memory() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let new = NewApiKey { expires_at: Some(START.plus_seconds(60)), ..new_key("accounts:read") };
        let issued = test.auth.create_api_key(owner, new, done(START)).await.unwrap();
        let just_before = Timestamp::from_unix_micros(START.plus_seconds(60).unix_micros() - 1);
        assert_eq!(use_key(&test.auth, &issued.text, just_before).await, Ok(owner));
        let end = START.plus_seconds(60);
        assert_eq!(use_key(&test.auth, &issued.text, end).await, Err(AuthError::InvalidToken));
        let rotated = test.auth.rotate_api_key((owner, issued.key.id), Overlap::default(), done(end)).await;
        assert_eq!(rotated.unwrap_err(), AuthError::ApiKeyEnded);
    });
}

#[test]
fn a_key_with_a_list_of_addresses_works_from_there_only() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let allowed_addresses = AllowedAddresses::parse(["192.0.2.0/24"]).unwrap();
        let new = NewApiKey { allowed_addresses, ..new_key("accounts:read") };
        let issued = test.auth.create_api_key(owner, new, done(START)).await.unwrap();
        for (from, outcome) in [
            (Some("192.0.2.7"), None),
            (Some("192.0.3.7"), Some(AuthError::AddressNotAllowed)),
            (None, Some(AuthError::AddressNotAllowed)),
        ] {
            let from = from.map(|ip| ip.parse().unwrap());
            assert_eq!(test.auth.authenticate_key(&issued.text, from, START).await.err(), outcome);
        }
    });
}

#[test]
fn a_disabled_owners_keys_are_dead_at_once() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        assert_eq!(use_key(&test.auth, &issued.text, START).await, Ok(owner));
        test.auth.disable(owner, command_line()).await.unwrap();
        assert_eq!(use_key(&test.auth, &issued.text, START).await, Err(AuthError::InvalidToken));
        let more = test.auth.create_api_key(owner, new_key("accounts:read"), done(START)).await;
        assert_eq!(more.unwrap_err(), AuthError::Disabled);
    });
}

#[test]
fn a_key_follows_its_owners_role() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        assert_eq!(use_key(&test.auth, &issued.text, START).await, Ok(owner));
        run(&test.db, "UPDATE auth_user SET role = 'auditor'").await;
        let known = test.auth.authenticate_key(&issued.text, None, START.plus_seconds(1)).await.unwrap();
        assert_eq!(known.caller().role, Role::Auditor);
        assert_eq!(known.caller().scopes, Scopes::parse("accounts:read").unwrap());
        let writing = test.auth.create_api_key(owner, new_key("accounts:read transactions:write"), done(START)).await;
        assert_eq!(writing.unwrap_err(), AuthError::ScopeBeyondRole(Scope::TransactionsWrite));
    });
}

#[test]
fn anothers_key_is_as_one_that_is_not_there() {
    with_auth(async |test| {
        let (owner, stranger) = (test.register("john_doe").await.user.id, test.register("jane_doe").await.user.id);
        let issued = issue(&test, owner).await;
        for id in [(stranger, issued.key.id), (owner, ApiKeyId::generate())] {
            let unknown = AuthError::UnknownApiKey;
            assert_eq!(test.auth.rotate_api_key(id, Overlap::default(), done(START)).await.unwrap_err(), unknown);
            assert_eq!(test.auth.revoke_api_key(id, done(START)).await.unwrap_err(), unknown);
            assert_eq!(test.auth.set_signer_key(id, None, done(START)).await.unwrap_err(), unknown);
        }
        assert_eq!(test.auth.api_keys(stranger, None, 10).await.unwrap(), []);
        assert_eq!(use_key(&test.auth, &issued.text, START).await, Ok(owner));
    });
}

#[test]
fn one_person_has_so_many_keys_and_no_more() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let first = issue(&test, owner).await;
        for _ in 1..25 {
            issue(&test, owner).await;
        }
        let more = async || test.auth.create_api_key(owner, new_key("accounts:read"), done(START)).await;
        assert_eq!(more().await.unwrap_err(), AuthError::TooManyApiKeys);
        test.auth.revoke_api_key((owner, first.key.id), done(START)).await.unwrap();
        assert!(more().await.is_ok());
        let page = test.auth.api_keys(owner, None, 20).await.unwrap();
        let rest = test.auth.api_keys(owner, Some(page[19].id), 20).await.unwrap();
        assert_eq!((page.len(), rest.len()), (20, 6));
    });
}

#[test]
fn the_last_use_is_written_down_once_a_minute() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let used_at = async |seconds: i64| {
            assert_eq!(use_key(&test.auth, &issued.text, START.plus_seconds(seconds)).await, Ok(owner));
            test.auth.record_key_uses().await.unwrap();
            test.auth.api_keys(owner, None, 1).await.unwrap()[0].last_used_at
        };
        assert_eq!(used_at(0).await, Some(START));
        assert_eq!(used_at(59).await, Some(START));
        assert_eq!(used_at(61).await, Some(START.plus_seconds(61)));
    });
}

/// The key with which a program signs, and its public half.
fn signer(seed: u8) -> (ed25519_dalek::SigningKey, SignerKey) {
    let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    (key, SignerKey::parse(SignatureAlgorithm::Ed25519, &jwk).unwrap())
}

fn signed(key: &ed25519_dalek::SigningKey, id: ApiKeyId, nonce: &str) -> RequestSignature {
    let base = format!("\"@method\": GET\n\"@signature-params\": (\"@method\");nonce=\"{nonce}\"");
    RequestSignature {
        bytes: key.sign(base.as_bytes()).to_bytes().to_vec(),
        base,
        key_id: Some(id.to_string()),
        algorithm: None,
        created: Some(START.unix_seconds()),
        expires: None,
        nonce: Some(nonce.to_owned()),
    }
}

#[test]
fn a_signature_counts_once_in_all_processes_and_only_under_its_key() {
    with_auth(async |test| {
        let other_process = test.open_again(START).await;
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let (private, public) = signer(1);
        let changed = test.auth.set_signer_key((owner, issued.key.id), Some(public), done(START)).await.unwrap();
        assert_eq!(changed.signature_algorithm, Some(SignatureAlgorithm::Ed25519));
        let key = test.auth.authenticate_key(&issued.text, None, START).await.unwrap();
        assert!(key.requires_signature());
        let accept =
            async |auth: &Auth, signature: &RequestSignature| auth.accept_signature(&key, signature, START).await;
        let first = signed(&private, issued.key.id, "one");
        assert_eq!(accept(&test.auth, &first).await, Ok(()));
        for auth in [&test.auth, &other_process] {
            assert_eq!(accept(auth, &first).await, Err(AuthError::SignatureReplayed));
        }
        assert_eq!(accept(&other_process, &signed(&private, issued.key.id, "two")).await, Ok(()));
        let foreign = signed(&signer(2).0, issued.key.id, "three");
        assert!(matches!(accept(&test.auth, &foreign).await, Err(AuthError::InvalidSignature(_))));
        // A signature that does not count does not use its nonce up.
        assert_eq!(accept(&test.auth, &signed(&private, issued.key.id, "three")).await, Ok(()));
    });
}

#[test]
fn of_two_who_show_one_signature_at_once_one_gets_through() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let (private, public) = signer(1);
        test.auth.set_signer_key((owner, issued.key.id), Some(public), done(START)).await.unwrap();
        let key = test.auth.authenticate_key(&issued.text, None, START).await.unwrap();
        let signature = signed(&private, issued.key.id, "one");
        let (one, other) = tokio::join!(
            test.auth.accept_signature(&key, &signature, START),
            test.auth.accept_signature(&key, &signature, START),
        );
        let refused: Vec<AuthError> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused, [AuthError::SignatureReplayed]);
    });
}

#[test]
fn nonces_are_forgotten_when_their_signatures_count_no_longer() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let (private, public) = signer(1);
        test.auth.set_signer_key((owner, issued.key.id), Some(public), done(START)).await.unwrap();
        let key = test.auth.authenticate_key(&issued.text, None, START).await.unwrap();
        let signature = signed(&private, issued.key.id, "one");
        test.auth.accept_signature(&key, &signature, START).await.unwrap();
        test.auth.purge_nonces(START.plus_seconds(120)).await.unwrap();
        let again = test.auth.accept_signature(&key, &signature, START).await;
        assert_eq!(again, Err(AuthError::SignatureReplayed));
        test.auth.purge_nonces(START.plus_seconds(301)).await.unwrap();
        assert_eq!(test.auth.accept_signature(&key, &signature, START).await, Ok(()));
    });
}

#[test]
fn every_change_of_a_key_is_told_to_the_outbox() {
    with_auth(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let id = (owner, issue(&test, owner).await.key.id);
        test.auth.set_signer_key(id, Some(signer(1).1), done(START)).await.unwrap();
        test.auth.set_signer_key(id, None, done(START)).await.unwrap();
        test.auth.rotate_api_key(id, Overlap::default(), done(START)).await.unwrap();
        test.auth.revoke_api_key(id, done(START)).await.unwrap();
        let told = test.event_kinds().await;
        let expected =
            ["api_key_created", "signer_key_set", "signer_key_removed", "api_key_rotated", "api_key_revoked"];
        assert_eq!(told[told.len() - 5..], expected.map(|kind| format!("auth.{kind}")));
    });
}
