//! The rows of `fraud_review`, `fraud_note` and `fraud_suspicion`.

use super::{Closing, Label, Note, Review, ReviewState};
use db::{BankTime, Db, Executor, Result, Rows, Statement, Tx, WallTime, columns, params, statements};
use ids::{AccountId, TransactionId, UserId};
use uuid::Uuid;

columns! {
    Review {
        transaction = transaction_id, is_hold, state, customer = customer_id, account = account_id,
        payee = payee_account_id, money = "*", points, rules_version, findings, opened_at, due_at, ends_at, assigned_to,
        decided_by, decided_at, reason, label
    }
    struct Closed {
        transaction: TransactionId = transaction_id, state: ReviewState, decided_by: Option<UserId>,
        decided_at: Option<WallTime>, reason: Option<String>
    }
    struct Labelled { transaction: TransactionId = transaction_id, label: Label }
    Note { by = noted_by, at = noted_at, text }
    struct NewNote { id: Uuid, transaction: TransactionId = transaction_id, note: Note = "*" }
    struct Suspicion { payee: AccountId = payee_account_id, customer: UserId = customer_id, at: BankTime = suspected_at }
    /// Who was paid, and by whom.
    pub(crate) struct Suspected { pub(crate) payee: AccountId = payee_account_id, pub(crate) customer: UserId = customer_id }
}

statements! {
    INSERT_REVIEWS(Review) = "INSERT INTO fraud_review ({columns}) VALUES ({values})";
    // The status of the transaction, which is written with it, says that nobody else has closed it.
    CLOSE_REVIEWS(Closed) =
        "UPDATE fraud_review SET state = $state, decided_by = $decided_by, decided_at = $decided_at, reason = $reason
         WHERE transaction_id = $transaction_id";
    SELECT_REVIEW -> Review = "SELECT {columns} FROM fraud_review WHERE transaction_id = $1";
    SELECT_REVIEWS -> Review =
        "SELECT {columns} FROM fraud_review WHERE transaction_id < $1 ORDER BY transaction_id DESC LIMIT $2";
    SELECT_REVIEWS_IN_STATE -> Review =
        "SELECT {columns} FROM fraud_review WHERE state = $3 AND transaction_id < $1
         ORDER BY transaction_id DESC LIMIT $2";
    SELECT_LABELS -> Labelled = "SELECT {columns} FROM fraud_review WHERE label IS NOT NULL";
    COUNT_OPEN_REVIEWS -> i64 = "SELECT COUNT(*) FROM fraud_review WHERE state = 'OPEN'";
    ASSIGN_REVIEW = "UPDATE fraud_review SET assigned_to = $2 WHERE transaction_id = $1 AND state = 'OPEN'";
    LABEL_REVIEW = "UPDATE fraud_review SET label = $2 WHERE transaction_id = $1";
    INSERT_NOTE(NewNote) = "INSERT INTO fraud_note ({columns}) VALUES ({values})";
    SELECT_NOTES -> Note = "SELECT {columns} FROM fraud_note WHERE transaction_id = $1 ORDER BY id LIMIT $2";
    UPSERT_SUSPICIONS(Suspicion) =
        "INSERT INTO fraud_suspicion ({columns}) VALUES ({values})
         ON CONFLICT (payee_account_id, customer_id) DO UPDATE SET suspected_at = excluded.suspected_at";
    SELECT_SUSPICIONS -> Suspected =
        "SELECT {columns} FROM fraud_suspicion WHERE suspected_at >= $1 ORDER BY suspected_at DESC LIMIT $2";
    DELETE_OLD_SUSPICIONS = "DELETE FROM fraud_suspicion WHERE suspected_at < $1";
}

/// New reviews, as a write for the commit of the money that is held.
pub fn opened(reviews: Vec<Review>) -> (&'static Statement, Rows) {
    INSERT_REVIEWS.rows(reviews)
}

/// Reviews that are over, as a write for the commit of what becomes of the money.
pub fn closed(closings: Vec<Closing>, now: WallTime) -> (&'static Statement, Rows) {
    let row = |Closing { transaction, state, by, reason }| Closed {
        transaction,
        state,
        decided_by: by,
        decided_at: Some(now),
        reason,
    };
    CLOSE_REVIEWS.rows(closings.into_iter().map(row))
}

/// Who is suspected from now on, as a write for the same commit.
pub fn suspected(pairs: &[(AccountId, UserId)], now: BankTime) -> (&'static Statement, Rows) {
    // Each once: one statement changes no row twice.
    let once: std::collections::BTreeSet<_> = pairs.iter().copied().collect();
    UPSERT_SUSPICIONS.rows(once.into_iter().map(|(payee, customer)| Suspicion { payee, customer, at: now }))
}

/// What payments turned out to be, of those of which somebody has said so.
///
/// # Errors
/// The database failed.
pub async fn labels(on: &impl Executor) -> Result<Vec<(TransactionId, Label)>> {
    let labelled: Vec<Labelled> = on.query_as(&SELECT_LABELS, params![]).await?;
    Ok(labelled.into_iter().map(|one| (one.transaction, one.label)).collect())
}

pub(crate) async fn suspicions(on: &impl Executor, since: BankTime, limit: u32) -> Result<Vec<Suspected>> {
    on.query_as(&SELECT_SUSPICIONS, params![since, limit]).await
}

pub(crate) async fn forget_suspicions(db: &Db, before: BankTime) -> Result<u64> {
    let tx = db.begin().await?;
    let forgotten = tx.execute(&DELETE_OLD_SUSPICIONS, params![before]).await?;
    tx.commit().await?;
    Ok(forgotten)
}

pub(crate) async fn count_open(on: &impl Executor) -> Result<i64> {
    on.query_one(&COUNT_OPEN_REVIEWS, params![]).await
}

pub(super) async fn one(on: &impl Executor, id: TransactionId) -> Result<Option<Review>> {
    Ok(on.query_as(&SELECT_REVIEW, params![id]).await?.pop())
}

pub(super) async fn page(
    on: &impl Executor,
    state: Option<ReviewState>,
    before: Option<TransactionId>,
    limit: u32,
) -> Result<Vec<Review>> {
    let before = before.unwrap_or(TransactionId::from_uuid(Uuid::max()));
    match state {
        None => on.query_as(&SELECT_REVIEWS, params![before, limit]).await,
        Some(state) => on.query_as(&SELECT_REVIEWS_IN_STATE, params![before, limit, state]).await,
    }
}

pub(super) async fn assign_in_tx(tx: &Tx, id: TransactionId, to: Option<UserId>) -> Result<u64> {
    tx.execute(&ASSIGN_REVIEW, params![id, to]).await
}

pub(super) async fn label_in_tx(tx: &Tx, id: TransactionId, label: Label) -> Result<u64> {
    tx.execute(&LABEL_REVIEW, params![id, label]).await
}

pub(super) async fn insert_note_in_tx(tx: &Tx, id: TransactionId, note: Note) -> Result<()> {
    let new = NewNote { id: Uuid::now_v7(), transaction: id, note };
    tx.execute_rows(&INSERT_NOTE, [new]).await.map(drop)
}

pub(super) async fn notes(on: &impl Executor, id: TransactionId, limit: u32) -> Result<Vec<Note>> {
    on.query_as(&SELECT_NOTES, params![id, limit]).await
}
