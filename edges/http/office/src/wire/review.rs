//! Reviews as the bank's own people send and are shown them.

use db::{BankTime, WallTime};
use fraud::{Note, Review, ReviewState};
use http_core::table::{Head, InTable};
use http_core::wire::{Text, schema};
use ids::{AccountId, TransactionId, UserId};
use money::Money;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// Who looks at it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AssignReview)]
pub(crate) struct AssignBody {
    /// An administrator; null: nobody.
    #[schema(value_type = Option<schema::UserIdText>)]
    pub(crate) user_id: Option<String>,
}

/// What is to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoteReview)]
pub(crate) struct NoteBody {
    #[schema(min_length = 1, max_length = 1000)]
    pub(crate) text: String,
}

/// What it turned out to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LabelReview)]
pub(crate) struct LabelBody {
    #[schema(value_type = LabelWord)]
    pub(crate) label: String,
}

/// Why it is decided so, for the bank's own people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecideReview)]
pub(crate) struct ReasonBody {
    #[schema(min_length = 1, max_length = 500)]
    pub(crate) reason: String,
}

/// What a payment that was looked at turned out to be.
#[derive(ToSchema)]
#[schema(as = ReviewLabel, rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "it only describes")]
enum LabelWord {
    Fraud,
    Genuine,
    Unsure,
}

/// Where a review stands.
#[derive(ToSchema)]
#[schema(as = ReviewState, rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) enum StateWord {
    Open,
    Approved,
    Declined,
    Expired,
}

/// A payment that somebody looks at before it is made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Review)]
pub(crate) struct ReviewReply {
    /// The payment.
    #[schema(value_type = schema::TransactionIdText)]
    id: Text<TransactionId>,
    #[schema(value_type = StateWord)]
    state: &'static str,
    /// Whether it goes on as a hold when it is approved.
    is_hold: bool,
    #[schema(value_type = schema::UserIdText)]
    user_id: Text<UserId>,
    #[schema(value_type = schema::AccountIdText)]
    account_id: Text<AccountId>,
    /// Who is to be paid; null where it is cash.
    #[schema(value_type = Option<schema::AccountIdText>)]
    payee_account_id: Option<Text<AccountId>>,
    #[schema(value_type = schema::DecimalText)]
    amount: String,
    #[schema(value_type = schema::CurrencyCode)]
    currency: String,
    /// The sum of the points of the rules that count; from 50 on somebody looks at it.
    points: i64,
    /// The number of the set of rules.
    rules_version: i64,
    /// What each rule found, with its value, its threshold, its points, and a sentence in English, German and Arabic where it
    /// fired.
    #[schema(value_type = Vec<Object>)]
    findings: Box<RawValue>,
    /// In bank time, as are the next two.
    #[schema(value_type = schema::Time)]
    opened_at: Text<BankTime>,
    /// By when somebody should have decided.
    #[schema(value_type = schema::Time)]
    due_at: Text<BankTime>,
    /// When it is over: the payment is not made then.
    #[schema(value_type = schema::Time)]
    ends_at: Text<BankTime>,
    /// Whether nobody has decided although somebody should have.
    is_overdue: bool,
    /// Whether it takes a second administrator to approve it.
    needs_second_person: bool,
    #[schema(value_type = Option<schema::UserIdText>)]
    assigned_to: Option<Text<UserId>>,
    #[schema(value_type = Option<schema::UserIdText>)]
    decided_by: Option<Text<UserId>>,
    #[schema(value_type = Option<schema::Time>)]
    decided_at: Option<Text<WallTime>>,
    reason: Option<String>,
    #[schema(value_type = Option<LabelWord>)]
    label: Option<&'static str>,
}

impl InTable for ReviewReply {
    const HEAD: Head = Head {
        file_name: "reviews",
        columns: &[
            "id",
            "state",
            "isHold",
            "userId",
            "accountId",
            "payeeAccountId",
            "amount",
            "currency",
            "points",
            "rulesVersion",
            "findings",
            "openedAt",
            "dueAt",
            "endsAt",
            "isOverdue",
            "needsSecondPerson",
            "assignedTo",
            "decidedBy",
            "decidedAt",
            "reason",
            "label",
        ],
    };
}

/// A review with what was noted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewWithNotes)]
pub(crate) struct ReviewWithNotesReply {
    #[serde(flatten)]
    review: ReviewReply,
    notes: Vec<NoteReply>,
}

/// What somebody wrote down.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReviewNote)]
pub(crate) struct NoteReply {
    #[schema(value_type = schema::UserIdText)]
    user_id: Text<UserId>,
    #[schema(value_type = schema::Time)]
    noted_at: Text<WallTime>,
    text: String,
}

/// A page of reviews, the newest first.
#[derive(ToSchema)]
#[schema(as = ReviewPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct ReviewPage<'a> {
    data: &'a [ReviewReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Which reviews.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct ReviewParameters {
    #[param(value_type = Option<StateWord>)]
    state: Option<String>,
}

impl ReviewReply {
    pub(crate) fn new(review: Review, now: BankTime) -> Self {
        let is_overdue = review.state == ReviewState::Open && review.due_at < now;
        // Findings that are no JSON would be a defect; they must not hide the rest of the page.
        let findings = RawValue::from_string(review.findings).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self {
            id: Text(review.transaction),
            state: review.state.word(),
            is_hold: review.is_hold,
            user_id: Text(review.customer),
            account_id: Text(review.account),
            payee_account_id: (!ledger::is_line_account(review.payee)).then_some(Text(review.payee)),
            amount: Money::to_decimal(review.money),
            currency: review.money.currency().code().to_owned(),
            points: review.points,
            rules_version: review.rules_version,
            findings,
            opened_at: Text(review.opened_at),
            due_at: Text(review.due_at),
            ends_at: Text(review.ends_at),
            is_overdue,
            needs_second_person: fraud::needs_second_person(review.money),
            assigned_to: review.assigned_to.map(Text),
            decided_by: review.decided_by.map(Text),
            decided_at: review.decided_at.map(Text),
            reason: review.reason,
            label: review.label.map(fraud::Label::word),
        }
    }
}

impl ReviewWithNotesReply {
    pub(crate) fn new(review: Review, notes: Vec<Note>, now: BankTime) -> Self {
        let note = |Note { by, at, text }| NoteReply { user_id: Text(by), noted_at: Text(at), text };
        Self { review: ReviewReply::new(review, now), notes: notes.into_iter().map(note).collect() }
    }
}
