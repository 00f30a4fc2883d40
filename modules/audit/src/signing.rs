//! Signed heads: the key, under whose name it signs, and when it does. The key is in the process, never in the database.

use crate::error::{AuditError, Result};
use crate::events::AuditEvent;
use crate::rows::{StoredCheckpoint, StoredKey};
use crate::store::{self, unsigned};
use crate::{sequencer, tree};
use db::{Clock, Db, DbError, WallTime};
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use merkle::{Checkpoint, SignerKey, VerifierKey};
use outbox::Actor;
use std::time::Duration;

/// How often a process looks which key is known, while another makes one known.
const LOOKS_MAX: u32 = 5;

/// One head in so many seconds is kept for good, while the log grows; those between them for a week.
const KEPT_APART_SECONDS: i64 = 600;
const RECENT_SECONDS: i64 = 7 * 24 * 60 * 60;
/// So many heads are forgotten in one step, and so many steps are made at once.
const FORGOTTEN_ROWS: u32 = 1_000;
const FORGOTTEN_STEPS_MAX: u32 = 100;
/// For so long after a key was replaced the one before it may still sign, until all servers were started anew.
const REPLACED_SECONDS: i64 = 24 * 60 * 60;

/// Signs heads.
#[derive(Debug)]
pub(crate) struct Signing {
    signer: SignerKey,
    origin: String,
    /// Which of the known keys it is.
    number: i64,
}

/// The name of the log of a bank that is reached at this URL.
pub fn origin(public_url: &str) -> String {
    let host = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    format!("{}/audit", host.trim_end_matches('/'))
}

/// Whether it is a key as it is published.
pub fn is_vkey(text: &str) -> bool {
    VerifierKey::parse(text).is_ok()
}

/// By what the key is known: the same under every name.
pub fn fingerprint(key: &[u8; 32]) -> String {
    SigningKey::from_bytes(key).verifying_key().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Signing {
    /// With the key, in the name of the log. Where it is new, or was another's until now, that is made known first.
    pub(crate) async fn open(db: &Db, clock: &Clock, origin: &str, key: &[u8; 32]) -> Result<Self> {
        let signer = SignerKey::new(origin, SigningKey::from_bytes(key));
        let signer = signer.ok_or_else(|| AuditError::Name(origin.to_owned()))?;
        let vkey = signer.verifier().text();
        for _ in 0..LOOKS_MAX {
            let last = store::last_key(db).await?;
            let number = match &last {
                Some(known) if known.vkey == vkey => {
                    return Ok(Self { signer, origin: origin.to_owned(), number: known.number });
                }
                Some(known) => known.number + 1,
                None => 1,
            };
            match make_known(db, number, &vkey, clock()).await {
                // Another process has just made one known.
                Ok(()) | Err(DbError::Duplicate(_) | DbError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(AuditError::Store(DbError::Unavailable("other processes sign the audit log with other keys".to_owned())))
    }

    /// The head as it is now, signed and stored, if it grew since the last one.
    pub(crate) async fn sign(&self, db: &Db, clock: &Clock) -> Result<()> {
        let head = tree::head(db).await?;
        let last = store::last_checkpoint(db).await?;
        if let Some(last) = &last {
            let age = clock().unix_micros() - last.signed_at.unix_micros();
            metrics::gauge!("florin_audit_checkpoint_age_seconds").set(seconds(age));
            if last.size == head.size && last.root == head.root {
                return Ok(());
            }
        }
        if head.size == 0 {
            return Ok(());
        }
        // Whatever happened to what is stored meanwhile: no head that was signed is contradicted.
        tree::restored(db, &head).await?;
        let (size, root) = (unsigned(head.size), head.root);
        let note = Checkpoint { origin: self.origin.clone(), size, root }.sign(&self.signer);
        let signed_at = clock();
        let row = StoredCheckpoint { size: head.size, root, note, key_number: self.number, signed_at };
        let kept = store::last_kept_checkpoint(db).await?;
        let is_for_good = kept.is_none_or(|kept| kept.signed_at.plus_seconds(KEPT_APART_SECONDS) <= signed_at);
        let tx = db.begin().await?;
        if is_for_good {
            store::insert_checkpoint_in_tx(&tx, row).await.or_else(is_there)?;
        } else {
            store::insert_recent_checkpoint_in_tx(&tx, row).await.or_else(is_there)?;
        }
        fail::fail_point!("audit::signed");
        match tx.commit().await {
            Ok(()) | Err(DbError::Duplicate(_)) => {}
            Err(error) => return Err(error.into()),
        }
        metrics::gauge!("florin_audit_size").set(count(head.size));
        Ok(())
    }

    pub(crate) fn verifier(&self) -> VerifierKey {
        self.signer.verifier()
    }
}

/// Forgets heads that were not kept for good, of more than a week ago.
pub(crate) async fn forget_heads(db: &Db, now: WallTime) -> Result<u64> {
    let mut forgotten = 0;
    for _ in 0..FORGOTTEN_STEPS_MAX {
        let tx = db.begin().await?;
        let step = store::delete_recent_in_tx(&tx, now.plus_seconds(-RECENT_SECONDS), FORGOTTEN_ROWS).await?;
        tx.commit().await?;
        forgotten += step;
        if step < u64::from(FORGOTTEN_ROWS) {
            break;
        }
    }
    Ok(forgotten)
}

/// What a new key signs when it is put in the place of the one that signed last: until servers are started anew, heads go on being
/// signed by that one, and whoever verifies the log can tell this from a key that somebody smuggled in.
///
/// # Errors
/// The database failed.
pub async fn replacement(db: &Db, key: &[u8; 32], now: WallTime) -> Result<Option<String>> {
    let Some(last) = store::last_key(db).await? else { return Ok(None) };
    let seconds = now.unix_micros() / 1_000_000;
    let signature = SigningKey::from_bytes(key).sign(&said_of_replacement(&last.vkey, seconds));
    let signature: String = signature.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some(format!("{seconds} {signature}")))
}

/// Whether the key signed that it was put in the place of this one, not long ago.
pub(crate) fn has_replaced(key: &[u8; 32], vkey: &str, said: &str, now: WallTime) -> bool {
    let Some((seconds, signature)) = said.split_once(' ') else { return false };
    let Ok(seconds) = seconds.parse::<i64>() else { return false };
    let bytes: Option<Vec<u8>> = signature
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let Some(signature) = bytes.and_then(|bytes| Signature::from_slice(&bytes).ok()) else { return false };
    let age = now.unix_micros() / 1_000_000 - seconds;
    (0..REPLACED_SECONDS).contains(&age)
        && SigningKey::from_bytes(key)
            .verifying_key()
            .verify_strict(&said_of_replacement(vkey, seconds), &signature)
            .is_ok()
}

fn said_of_replacement(vkey: &str, seconds: i64) -> Vec<u8> {
    format!("florin audit key replaced\n{vkey}\n{seconds}\n").into_bytes()
}

/// The same head, signed by another process a moment ago, is as good.
fn is_there(error: DbError) -> std::result::Result<(), DbError> {
    match error {
        DbError::Duplicate(_) => Ok(()),
        other => Err(other),
    }
}

async fn make_known(db: &Db, number: i64, vkey: &str, now: WallTime) -> std::result::Result<(), DbError> {
    let tx = db.begin().await?;
    let from_size = store::head(&tx).await?.map_or(0, |head| head.size);
    store::insert_key_in_tx(&tx, StoredKey { number, vkey: vkey.to_owned(), from_size, made_at: now }).await?;
    let made = AuditEvent::KeyMade { vkey, from_size: unsigned(from_size) };
    outbox::append_in_tx(&tx, vec![made.by(Actor::ITSELF.does(now))]).await?;
    tx.commit().await
}

/// Has the log's state told as soon as it is forked.
pub(crate) fn told(outcome: Result<()>) -> Result<()> {
    outcome.inspect_err(sequencer::tell_fork)
}

fn seconds(micros: i64) -> f64 {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn count(number: i64) -> f64 {
    number as f64
}
