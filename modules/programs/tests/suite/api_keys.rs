//! API keys as callers of the module see them: made, used, exchanged, taken back, and never shown twice.

use crate::common::{START, TestPrograms, command_line, done, with_programs};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::{Db, WallTime};
use ed25519_dalek::Signer as _;
use identity::{Credential, IdentityError, Role, Scope, Scopes};
use ids::{ApiKeyId, UserId};
use programs::ProgramError;
use programs::{
    AllowedAddresses, ApiKeyStatus, IssuedApiKey, NewApiKey, Overlap, OwnedKey, ProgramKey, Programs, RequestSignature,
    SignatureAlgorithm,
};

pub(crate) fn new_key(scopes: &str) -> NewApiKey {
    NewApiKey {
        name: "payroll".to_owned(),
        scopes: Scopes::parse(scopes).unwrap(),
        allowed_addresses: AllowedAddresses::default(),
        expires_at: None,
    }
}

pub(crate) async fn issue(test: &TestPrograms, owner: UserId) -> IssuedApiKey {
    test.programs.create_api_key(owner, new_key("accounts:read transactions:write"), done(START)).await.unwrap()
}

/// Whose key it is, or why not.
async fn use_key(programs: &Programs, text: &str, now: WallTime) -> Result<UserId, ProgramError> {
    programs.authenticate_key(text, None, now).await.map(|key| key.caller().user_id)
}

pub(crate) async fn run(db: &Db, script: &str) {
    let tx = db.begin().await.unwrap();
    tx.run_script(script).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn a_key_calls_for_its_owner_as_far_as_it_reaches() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let known = test.programs.authenticate_key(&issued.text, None, START).await.unwrap();
        let caller = known.caller();
        assert_eq!((caller.user_id, caller.role), (owner, Role::Customer));
        assert_eq!(caller.credential, Credential::ApiKey(issued.key.id));
        assert!(caller.has_scope(Scope::AccountsRead) && !caller.has_scope(Scope::AccountsWrite));
        assert!(!known.requires_signature());
        let listed = test.programs.api_keys(owner, None, 10).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&issued.key));
        assert!(issued.text.starts_with(&issued.key.prefix()));
    });
}

#[test]
fn the_text_is_neither_stored_nor_told() {
    with_programs(async |test| {
        let issued = issue(&test, test.register("john_doe").await.user.id).await;
        let secret = issued.text.strip_prefix(&issued.key.prefix()).unwrap();
        let events = outbox::numbered_after(&test.db, 0, 100).await.unwrap();
        assert_eq!(events.last().unwrap().kind, "auth.api_key_created");
        for shown in [format!("{issued:?}"), format!("{:?}", issued.key), format!("{events:?}")] {
            assert!(!shown.contains(secret), "{shown}");
        }
    });
}

#[test]
fn what_cannot_be_a_key_is_refused_without_the_database() {
    with_programs(async |test| {
        let issued = issue(&test, test.register("john_doe").await.user.id).await;
        run(&test.db, "ALTER TABLE auth_api_key RENAME TO auth_api_key_gone").await;
        let mut mistyped = issued.text.clone();
        let last = if mistyped.ends_with('0') { "1" } else { "0" };
        mistyped.replace_range(mistyped.len() - 1.., last);
        for text in ["flk_", &issued.text[..50], &mistyped, &"x".repeat(103), &"flk_".repeat(5_000)] {
            assert_eq!(use_key(&test.programs, text, START).await, Err(IdentityError::InvalidToken.into()), "{text}");
        }
        // The well-formed one asks for the table that is not there.
        assert!(matches!(use_key(&test.programs, &issued.text, START).await, Err(ProgramError::Store(_))));
    });
}

#[test]
fn a_made_up_key_of_the_right_form_is_refused() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let unknown = issue(&test, owner).await;
        run(&test.db, "DELETE FROM auth_api_key WHERE revoked_at IS NULL").await;
        for text in [issued.text, unknown.text] {
            assert_eq!(use_key(&test.programs, &text, START).await, Err(IdentityError::InvalidToken.into()));
        }
    });
}

#[test]
fn a_rotated_key_works_with_both_secrets_for_the_overlap() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let old = issue(&test, owner).await;
        let id = OwnedKey { owner, id: old.key.id };
        let new = test.programs.rotate_api_key(id, Overlap::try_new(60).unwrap(), done(START)).await.unwrap();
        assert_ne!(old.text, new.text);
        assert_eq!(new.key.previous_secret_until, Some(START.plus_seconds(60)));
        for text in [&old.text, &new.text] {
            assert_eq!(use_key(&test.programs, text, START.plus_seconds(59)).await, Ok(owner));
        }
        let later = START.plus_seconds(60);
        assert_eq!(use_key(&test.programs, &old.text, later).await, Err(IdentityError::InvalidToken.into()));
        assert_eq!(use_key(&test.programs, &new.text, later).await, Ok(owner));
    });
}

#[test]
fn a_rotation_without_overlap_and_a_second_rotation_end_the_oldest_secret_at_once() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let first = issue(&test, owner).await;
        let id = OwnedKey { owner, id: first.key.id };
        assert_eq!(use_key(&test.programs, &first.text, START).await, Ok(owner));
        let second = test.programs.rotate_api_key(id, Overlap::try_new(0).unwrap(), done(START)).await.unwrap();
        assert_eq!(use_key(&test.programs, &first.text, START).await, Err(IdentityError::InvalidToken.into()));
        let third = test.programs.rotate_api_key(id, Overlap::default(), done(START)).await.unwrap();
        let fourth = test.programs.rotate_api_key(id, Overlap::default(), done(START)).await.unwrap();
        let later = START.plus_seconds(24 * 60 * 60 - 1);
        for (text, outcome) in [
            (&second.text, Err(IdentityError::InvalidToken.into())),
            (&third.text, Ok(owner)),
            (&fourth.text, Ok(owner)),
        ] {
            assert_eq!(use_key(&test.programs, text, later).await, outcome);
        }
    });
}

#[test]
fn a_revoked_key_ends_at_once_here_and_within_a_second_elsewhere() {
    with_programs(async |test| {
        let other_process = test.open_again(START).await.programs;
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        for programs in [&test.programs, &other_process] {
            assert_eq!(use_key(programs, &issued.text, START).await, Ok(owner));
        }
        let id = OwnedKey { owner, id: issued.key.id };
        test.programs.revoke_api_key(id, done(START)).await.unwrap();
        let refused = Err(IdentityError::InvalidToken.into());
        assert_eq!(use_key(&test.programs, &issued.text, START).await, refused);
        assert_eq!(use_key(&other_process, &issued.text, START.plus_seconds(1)).await, refused);
        // Again changes nothing, and what has ended is neither exchanged nor signed for.
        test.programs.revoke_api_key(id, done(START.plus_seconds(9))).await.unwrap();
        let listed = test.programs.api_keys(owner, None, 10).await.unwrap();
        assert_eq!((listed[0].revoked_at, listed[0].status(START)), (Some(START), ApiKeyStatus::Revoked));
        let rotated = test.programs.rotate_api_key(id, Overlap::default(), done(START)).await;
        assert_eq!(rotated.unwrap_err(), ProgramError::ApiKeyEnded);
        let signed = test.programs.set_program_key(id, None, done(START)).await;
        assert_eq!(signed.unwrap_err(), ProgramError::ApiKeyEnded);
        let kinds = test.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "auth.api_key_revoked").count(), 1);
    });
}

#[test]
fn a_key_expires_by_itself_also_from_memory() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let new = NewApiKey { expires_at: Some(START.plus_seconds(60)), ..new_key("accounts:read") };
        let issued = test.programs.create_api_key(owner, new, done(START)).await.unwrap();
        let just_before = WallTime::from_unix_micros(START.plus_seconds(60).unix_micros() - 1);
        assert_eq!(use_key(&test.programs, &issued.text, just_before).await, Ok(owner));
        let end = START.plus_seconds(60);
        assert_eq!(use_key(&test.programs, &issued.text, end).await, Err(IdentityError::InvalidToken.into()));
        let rotated =
            test.programs.rotate_api_key(OwnedKey { owner, id: issued.key.id }, Overlap::default(), done(end)).await;
        assert_eq!(rotated.unwrap_err(), ProgramError::ApiKeyEnded);
    });
}

#[test]
fn a_key_with_a_list_of_addresses_works_from_there_only() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let allowed_addresses = AllowedAddresses::parse(["192.0.2.0/24"]).unwrap();
        let new = NewApiKey { allowed_addresses, ..new_key("accounts:read") };
        let issued = test.programs.create_api_key(owner, new, done(START)).await.unwrap();
        for (from, outcome) in [
            (Some("192.0.2.7"), None),
            (Some("192.0.3.7"), Some(ProgramError::AddressNotAllowed)),
            (None, Some(ProgramError::AddressNotAllowed)),
        ] {
            let from = from.map(|ip| ip.parse().unwrap());
            assert_eq!(test.programs.authenticate_key(&issued.text, from, START).await.err(), outcome);
        }
    });
}

#[test]
fn a_disabled_owners_keys_are_dead_at_once() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        assert_eq!(use_key(&test.programs, &issued.text, START).await, Ok(owner));
        test.identity.disable(owner, command_line()).await.unwrap();
        assert_eq!(use_key(&test.programs, &issued.text, START).await, Err(IdentityError::InvalidToken.into()));
        let more = test.programs.create_api_key(owner, new_key("accounts:read"), done(START)).await;
        assert_eq!(more.unwrap_err(), IdentityError::Disabled.into());
    });
}

#[test]
fn anothers_key_is_as_one_that_is_not_there() {
    with_programs(async |test| {
        let (owner, stranger) = (test.register("john_doe").await.user.id, test.register("jane_doe").await.user.id);
        let issued = issue(&test, owner).await;
        for (owner, id) in [(stranger, issued.key.id), (owner, ApiKeyId::generate())] {
            let id = OwnedKey { owner, id };
            let unknown = ProgramError::UnknownApiKey;
            assert_eq!(test.programs.rotate_api_key(id, Overlap::default(), done(START)).await.unwrap_err(), unknown);
            assert_eq!(test.programs.revoke_api_key(id, done(START)).await.unwrap_err(), unknown);
            assert_eq!(test.programs.set_program_key(id, None, done(START)).await.unwrap_err(), unknown);
        }
        assert_eq!(test.programs.api_keys(stranger, None, 10).await.unwrap(), []);
        assert_eq!(use_key(&test.programs, &issued.text, START).await, Ok(owner));
    });
}

#[test]
fn one_person_has_so_many_keys_and_no_more() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let first = issue(&test, owner).await;
        for _ in 1..25 {
            issue(&test, owner).await;
        }
        let more = async || test.programs.create_api_key(owner, new_key("accounts:read"), done(START)).await;
        assert_eq!(more().await.unwrap_err(), ProgramError::TooManyApiKeys);
        test.programs.revoke_api_key(OwnedKey { owner, id: first.key.id }, done(START)).await.unwrap();
        assert!(more().await.is_ok());
        let page = test.programs.api_keys(owner, None, 20).await.unwrap();
        let rest = test.programs.api_keys(owner, Some(page[19].id), 20).await.unwrap();
        assert_eq!((page.len(), rest.len()), (20, 6));
    });
}

#[test]
fn the_last_use_is_written_down_once_a_minute() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let used_at = async |seconds: i64| {
            let now = START.plus_seconds(seconds);
            let key = test.programs.authenticate_key(&issued.text, None, now).await.unwrap();
            test.programs.note_key_use(&key, now);
            test.programs.record_key_uses().await.unwrap();
            test.programs.api_keys(owner, None, 1).await.unwrap()[0].last_used_at
        };
        assert_eq!(used_at(0).await, Some(START));
        assert_eq!(used_at(59).await, Some(START));
        assert_eq!(used_at(61).await, Some(START.plus_seconds(61)));
    });
}

/// The key with which a program signs, and its public half.
fn signer(seed: u8) -> (ed25519_dalek::SigningKey, ProgramKey) {
    let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    (key, ProgramKey::parse(SignatureAlgorithm::Ed25519, &jwk).unwrap())
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
    with_programs(async |test| {
        let other_process = test.open_again(START).await.programs;
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let (private, public) = signer(1);
        let changed = test
            .programs
            .set_program_key(OwnedKey { owner, id: issued.key.id }, Some(public), done(START))
            .await
            .unwrap();
        assert_eq!(changed.signature_algorithm, Some(SignatureAlgorithm::Ed25519));
        let key = test.programs.authenticate_key(&issued.text, None, START).await.unwrap();
        assert!(key.requires_signature());
        let accept = async |programs: &Programs, signature: &RequestSignature| {
            programs.accept_signature(&key, signature, START).await
        };
        let first = signed(&private, issued.key.id, "one");
        assert_eq!(accept(&test.programs, &first).await, Ok(()));
        for programs in [&test.programs, &other_process] {
            assert_eq!(accept(programs, &first).await, Err(ProgramError::SignatureReplayed));
        }
        assert_eq!(accept(&other_process, &signed(&private, issued.key.id, "two")).await, Ok(()));
        let foreign = signed(&signer(2).0, issued.key.id, "three");
        assert!(matches!(accept(&test.programs, &foreign).await, Err(ProgramError::InvalidSignature(_))));
        // A signature that does not count does not use its nonce up.
        assert_eq!(accept(&test.programs, &signed(&private, issued.key.id, "three")).await, Ok(()));
    });
}

#[test]
fn of_two_who_show_one_signature_at_once_one_gets_through() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let (private, public) = signer(1);
        test.programs.set_program_key(OwnedKey { owner, id: issued.key.id }, Some(public), done(START)).await.unwrap();
        let key = test.programs.authenticate_key(&issued.text, None, START).await.unwrap();
        let signature = signed(&private, issued.key.id, "one");
        let (one, other) = tokio::join!(
            test.programs.accept_signature(&key, &signature, START),
            test.programs.accept_signature(&key, &signature, START),
        );
        let refused: Vec<ProgramError> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused, [ProgramError::SignatureReplayed]);
    });
}

#[test]
fn nonces_are_forgotten_when_their_signatures_count_no_longer() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let issued = issue(&test, owner).await;
        let (private, public) = signer(1);
        test.programs.set_program_key(OwnedKey { owner, id: issued.key.id }, Some(public), done(START)).await.unwrap();
        let key = test.programs.authenticate_key(&issued.text, None, START).await.unwrap();
        let signature = signed(&private, issued.key.id, "one");
        test.programs.accept_signature(&key, &signature, START).await.unwrap();
        test.programs.purge_nonces(START.plus_seconds(120)).await.unwrap();
        let again = test.programs.accept_signature(&key, &signature, START).await;
        assert_eq!(again, Err(ProgramError::SignatureReplayed));
        test.programs.purge_nonces(START.plus_seconds(301)).await.unwrap();
        assert_eq!(test.programs.accept_signature(&key, &signature, START).await, Ok(()));
    });
}

#[test]
fn every_change_of_a_key_is_told_to_the_outbox() {
    with_programs(async |test| {
        let owner = test.register("john_doe").await.user.id;
        let id = OwnedKey { owner, id: issue(&test, owner).await.key.id };
        test.programs.set_program_key(id, Some(signer(1).1), done(START)).await.unwrap();
        test.programs.set_program_key(id, None, done(START)).await.unwrap();
        test.programs.rotate_api_key(id, Overlap::default(), done(START)).await.unwrap();
        test.programs.revoke_api_key(id, done(START)).await.unwrap();
        let told = test.event_kinds().await;
        let expected = [
            "auth.api_key_created",
            "auth.signer_key_set",
            "auth.signer_key_removed",
            "auth.api_key_rotated",
            "auth.api_key_revoked",
        ];
        assert_eq!(told[told.len() - 5..], expected);
    });
}
