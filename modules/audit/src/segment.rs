//! Sealed segments: the entries of the log behind each other, as they are carried to a vault. Where one ends is decided once, stored and
//! logged before it is carried there; from then on its bytes are those of its leaves, whoever makes them and however often.

use crate::error::{AuditError, Result};
use crate::events::AuditEvent;
use crate::leaves::{self, SeenLeaf};
use crate::store::{self, signed, unsigned};
use db::{Db, DbError, Executor, WallTime, columns, params, statements};
use merkle::{Hash, Segment};
use outbox::Actor;

/// No segment has more entries.
pub(crate) const ENTRIES_MAX: u64 = 65_536;
/// So long after its end a day is over: what happened in it is logged by then.
const LATE_MICROS: i64 = 3_600 * 1_000_000;
const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;
const LEAVES_AT_ONCE: u64 = 4_096;

columns! {
    StoredSegment { first_leaf, last_leaf, size_bytes, sha256, sealed_at }
}

statements! {
    SELECT_LAST_SEGMENT -> StoredSegment =
        "SELECT {columns} FROM audit_segment ORDER BY first_leaf DESC LIMIT 1";
    INSERT_SEGMENT(StoredSegment) = "INSERT INTO audit_segment ({columns}) VALUES ({values})";
}

/// A segment as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredSegment {
    pub(crate) first_leaf: i64,
    pub(crate) last_leaf: i64,
    pub(crate) size_bytes: i64,
    pub(crate) sha256: Hash,
    pub(crate) sealed_at: WallTime,
}

/// A segment that was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSegment {
    /// Its first leaf.
    pub first: u64,
    /// Its last leaf.
    pub last: u64,
    /// The hash of its bytes.
    pub sha256: Hash,
}

impl SealedSegment {
    /// Under which key it is in the vault.
    pub fn key(&self) -> String {
        segment_key(self.first, self.last)
    }
}

/// The folder of a vault in which segments are.
pub const SEGMENTS: &str = "audit/segments";
/// The folder of a vault in which signed heads are.
pub const CHECKPOINTS: &str = "audit/checkpoints";

/// Under which key a segment is in a vault.
pub fn segment_key(first: u64, last: u64) -> String {
    format!("{SEGMENTS}/{first:020}-{last:020}")
}

/// Under which key a signed head is in a vault.
pub fn checkpoint_key(size: u64) -> String {
    format!("{CHECKPOINTS}/{size:020}.txt")
}

impl From<&StoredSegment> for SealedSegment {
    fn from(stored: &StoredSegment) -> Self {
        Self { first: unsigned(stored.first_leaf), last: unsigned(stored.last_leaf), sha256: stored.sha256 }
    }
}

/// The segment that was sealed last.
pub(crate) async fn last(on: &impl Executor) -> Result<Option<SealedSegment>> {
    let stored = on.query_optional(&SELECT_LAST_SEGMENT, params![]).await?;
    Ok(stored.as_ref().map(SealedSegment::from))
}

/// The bytes of a segment, from its leaves.
pub(crate) async fn bytes(on: &impl Executor, segment: &SealedSegment) -> Result<Vec<u8>> {
    let built = build(on, segment.first, segment.last.saturating_add(1), |_| true).await?;
    if built.entries == segment.last - segment.first + 1 && built.segment.sha256() == segment.sha256 {
        return Ok(built.segment.into_bytes());
    }
    Err(AuditError::Forked(format!("leaves {} to {} are not those that were sealed", segment.first, segment.last)))
}

/// Seals what follows the last segment, if there is enough of it or its day is over. Only what is signed is sealed.
pub(crate) async fn seal(db: &Db, now: WallTime) -> Result<Option<SealedSegment>> {
    let first = last(db).await?.map_or(0, |segment| segment.last + 1);
    let signed_size = store::last_checkpoint(db).await?.map_or(0, |head| unsigned(head.size));
    if first >= signed_size {
        return Ok(None);
    }
    let begun = leaves::leaves(db, first..first + 1).await?;
    let began_at = begun.first().and_then(|leaf| leaf.happened_at).ok_or_else(|| lost(first))?;
    let day = day_of(began_at);
    let is_over = now.unix_micros() >= (day + 1) * DAY_MICROS + LATE_MICROS;
    if signed_size - first < entries_max() && !is_over {
        return Ok(None);
    }
    let end = signed_size.min(first.saturating_add(entries_max()));
    let is_of_day = move |leaf: &SeenLeaf| leaf.happened_at.is_some_and(|at| day_of(at) <= day);
    let built = build(db, first, end, is_of_day).await?;
    let sha256 = built.segment.sha256();
    let sealed = SealedSegment { first, last: first + built.entries - 1, sha256 };
    let size_bytes = i64::try_from(built.segment.bytes().len()).unwrap_or(i64::MAX);
    match record(db, &sealed, size_bytes, now).await {
        Ok(()) => Ok(Some(sealed)),
        // Another process has just sealed it.
        Err(DbError::Duplicate(_) | DbError::Conflict(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn record(db: &Db, sealed: &SealedSegment, size_bytes: i64, now: WallTime) -> db::Result<()> {
    let SealedSegment { first, last, sha256 } = *sealed;
    let row = StoredSegment { first_leaf: signed(first), last_leaf: signed(last), size_bytes, sha256, sealed_at: now };
    let hex: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let event = AuditEvent::SegmentSealed { first_leaf: first, last_leaf: last, sha256: &hex };
    let tx = db.begin().await?;
    tx.execute_rows(&INSERT_SEGMENT, [row]).await?;
    outbox::append_in_tx(&tx, vec![event.by(Actor::ITSELF.does(now))]).await?;
    fail::fail_point!("audit::sealed");
    tx.commit().await
}

struct Built {
    segment: Segment,
    entries: u64,
}

/// The entries from a leaf on, up to the end or the first that does not belong there.
async fn build(on: &impl Executor, first: u64, end: u64, belongs: impl Fn(&SeenLeaf) -> bool) -> Result<Built> {
    let mut built = Built { segment: Segment::default(), entries: 0 };
    let mut at = first;
    while at < end {
        let until = end.min(at.saturating_add(LEAVES_AT_ONCE));
        let leaves = leaves::leaves(on, at..until).await?;
        for leaf in leaves {
            let index = first + built.entries;
            let entry = leaf.entry.as_ref().filter(|_| unsigned(leaf.index) == index).ok_or_else(|| lost(index))?;
            if !belongs(&leaf) {
                return Ok(built);
            }
            built.segment.push(entry).map_err(|error| AuditError::Forked(format!("leaf {index}: {error}")))?;
            built.entries += 1;
        }
        if first + built.entries != until {
            return Err(lost(first + built.entries));
        }
        at = until;
    }
    Ok(built)
}

fn lost(index: u64) -> AuditError {
    AuditError::Forked(format!("leaf {index} is lost"))
}

const fn day_of(at: WallTime) -> i64 {
    at.unix_micros().div_euclid(DAY_MICROS)
}

/// Fewer in tests of the whole program.
fn entries_max() -> u64 {
    fail::fail_point!("audit::segment_entries", |entries| {
        entries.and_then(|entries| entries.parse().ok()).unwrap_or(ENTRIES_MAX)
    });
    ENTRIES_MAX
}
