//! A review: somebody of the bank looks at a payment before it is made. Its money is held meanwhile; what becomes of it is
//! decided in `payments`, in the commit that moves the money or lets go of it.

pub mod store;

use crate::{Decision, Fraud, FraudError, events};
use db::{BankTime, Db, WallTime};
use ids::{AccountId, TransactionId, UserId};
use money::{Currency, Money};
use outbox::Act;
use serde_json::{Value, json};

db::words! {
    /// Where a review stands.
    ReviewState {
        /// Somebody has to look at it.
        Open = "OPEN",
        /// The payment was made.
        Approved = "APPROVED",
        /// It was not.
        Declined = "DECLINED",
        /// Nobody decided in time, so it was not.
        Expired = "EXPIRED",
    }
}

db::words! {
    /// What it turned out to be.
    Label {
        /// It was.
        Fraud = "FRAUD",
        /// It was what its owner wanted.
        Genuine = "GENUINE",
        /// Nobody knows.
        Unsure = "UNSURE",
    }
}

/// Within so many hours of bank time somebody should have decided.
pub const DUE_HOURS: i64 = 4;
/// Nobody has decided after so many: the payment is not made.
pub const ENDS_HOURS: i64 = 72;
/// From so many whole units on a second person has to approve as well.
pub const SECOND_PERSON_UNITS: i64 = 10_000;
/// No note is longer.
pub const NOTE_CHARACTERS_MAX: usize = 1_000;
/// More notes nobody reads.
const NOTES_MAX: u32 = 200;

/// A payment that somebody looks at. It has the payment's identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The payment.
    pub transaction: TransactionId,
    /// Whether it goes on as a hold when it is approved.
    pub is_hold: bool,
    /// Where it stands.
    pub state: ReviewState,
    /// Who pays.
    pub customer: UserId,
    /// From which account.
    pub account: AccountId,
    /// To which one.
    pub payee: AccountId,
    /// How much.
    pub money: Money,
    /// The points of the rules.
    pub points: i64,
    /// The version of their set.
    pub rules_version: i64,
    /// A JSON list: what each rule found.
    pub findings: String,
    /// When it began, in bank time.
    pub opened_at: BankTime,
    /// By when somebody should have decided.
    pub due_at: BankTime,
    /// When it is over.
    pub ends_at: BankTime,
    /// Who looks at it.
    pub assigned_to: Option<UserId>,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<WallTime>,
    /// Why, in their words.
    pub reason: Option<String>,
    /// What it turned out to be.
    pub label: Option<Label>,
}

/// How a review ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The payment.
    pub transaction: TransactionId,
    /// How.
    pub state: ReviewState,
    /// Who decided; nobody where time did.
    pub by: Option<UserId>,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// What somebody wrote down about a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: WallTime,
    /// What.
    pub text: String,
}

/// Whether it takes a second person to approve it.
pub fn needs_second_person(money: Money) -> bool {
    money.minor() >= crate::profile::units(SECOND_PERSON_UNITS, money.currency())
}

/// What each rule found, as JSON with the sentence in English.
pub fn findings_as_json(decision: &Decision, currency: Currency) -> Value {
    let findings = decision.findings().iter().map(|finding| {
        let mut json = json!({
            "rule": finding.rule.word(), "mode": finding.mode.word(), "verdict": finding.verdict.word(),
            "points": finding.verdict.points(),
        });
        match finding.verdict {
            crate::Verdict::Fired { value, threshold, .. } | crate::Verdict::NotFired { value, threshold } => {
                (json["value"], json["threshold"]) = (json!(value), json!(threshold));
            }
            crate::Verdict::Skipped(why) => json["because"] = json!(why.word()),
        }
        for language in crate::Language::ALL {
            if let Some(sentence) = crate::sentence(finding, currency, *language) {
                json["text"][language.word()] = json!(sentence);
            }
        }
        json
    });
    Value::Array(findings.collect())
}

impl Fraud {
    /// Reviews, the newest first, before a given one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reviews(
        &self,
        db: &Db,
        state: Option<ReviewState>,
        before: Option<TransactionId>,
        limit: u32,
    ) -> db::Result<Vec<Review>> {
        store::page(db, state, before, limit).await
    }

    /// One review, with its notes, the oldest first.
    ///
    /// # Errors
    /// There is none of this payment, or the database failed.
    pub async fn review(&self, db: &Db, id: TransactionId) -> Result<(Review, Vec<Note>), FraudError> {
        let review = store::one(db, id).await?.ok_or(FraudError::NoSuchReview { transaction: id })?;
        Ok((review, store::notes(db, id, NOTES_MAX).await?))
    }

    /// Somebody looks at it, or nobody any more.
    ///
    /// # Errors
    /// There is none of this payment, it is over, or the database failed.
    pub async fn assign(&self, db: &Db, id: TransactionId, to: Option<UserId>, act: Act) -> Result<(), FraudError> {
        let tx = db.begin().await?;
        if store::assign_in_tx(&tx, id, to).await? == 0 {
            return Err(self.why_not(db, id).await?);
        }
        outbox::append_in_tx(&tx, vec![events::assigned(id, to, act)]).await?;
        Ok(tx.commit().await?)
    }

    /// Writes something down about it.
    ///
    /// # Errors
    /// There is none of this payment, there are too many notes, or the database failed.
    pub async fn note(&self, db: &Db, id: TransactionId, note: Note) -> Result<(), FraudError> {
        let (_, notes) = self.review(db, id).await?;
        if notes.len() >= NOTES_MAX as usize {
            return Err(FraudError::TooManyNotes { notes_max: NOTES_MAX });
        }
        let tx = db.begin().await?;
        store::insert_note_in_tx(&tx, id, note).await?;
        Ok(tx.commit().await?)
    }

    /// Says what it turned out to be.
    ///
    /// # Errors
    /// There is none of this payment, or the database failed.
    pub async fn label(&self, db: &Db, id: TransactionId, label: Label, act: Act) -> Result<(), FraudError> {
        let tx = db.begin().await?;
        if store::label_in_tx(&tx, id, label).await? == 0 {
            return Err(FraudError::NoSuchReview { transaction: id });
        }
        outbox::append_in_tx(&tx, vec![events::labelled(id, label, act)]).await?;
        tx.commit().await?;
        metrics::counter!("florin_fraud_labels_total", "label" => label.word()).increment(1);
        Ok(())
    }

    async fn why_not(&self, db: &Db, id: TransactionId) -> Result<FraudError, FraudError> {
        let review = store::one(db, id).await?;
        Ok(review.map_or(FraudError::NoSuchReview { transaction: id }, |review| FraudError::ReviewIsOver {
            transaction: id,
            state: review.state,
        }))
    }
}
