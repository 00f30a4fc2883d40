//! Sets of rules as the bank's own people send and are shown them.

use db::WallTime;
use fraud::ActivatedSet;
use http_core::table::{Head, InTable};
use http_core::wire::{Text, schema};
use ids::{ApprovalId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A set of rules that is to count.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposeRuleSet)]
pub(crate) struct RuleSetBody {
    /// For each rule `id`, `mode` (`ACTIVE`, `SHADOW` or `OFF`) and `parameters`, which may be left out.
    #[schema(value_type = Vec<Object>)]
    pub(crate) rules: Vec<Value>,
}

/// A rule that is to rest for a customer.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SnoozeRule)]
pub(crate) struct SnoozeBody {
    #[schema(example = "F05")]
    pub(crate) rule: String,
    #[schema(value_type = schema::UserIdText)]
    pub(crate) user_id: String,
    /// In bank time.
    #[schema(value_type = schema::Time)]
    pub(crate) until: String,
    #[schema(min_length = 1, max_length = 500)]
    pub(crate) reason: String,
}

/// A set of rules that was activated.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RuleSet)]
pub(crate) struct RuleSetReply {
    version: i64,
    #[schema(value_type = schema::Time)]
    activated_at: Text<WallTime>,
    /// Who asked for it; null where the program did.
    #[schema(value_type = Option<schema::UserIdText>)]
    proposed_by: Option<Text<UserId>>,
    #[schema(value_type = Option<schema::ApprovalIdText>)]
    approval_id: Option<Text<ApprovalId>>,
    #[schema(value_type = Vec<Object>)]
    rules: Value,
}

impl InTable for RuleSetReply {
    const HEAD: Head =
        Head { file_name: "rule-sets", columns: &["version", "activatedAt", "proposedBy", "approvalId", "rules"] };
}

/// A page of sets of rules, the newest first.
#[derive(ToSchema)]
#[schema(as = RuleSetPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct RuleSetPage<'a> {
    data: &'a [RuleSetReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl From<ActivatedSet> for RuleSetReply {
    fn from(set: ActivatedSet) -> Self {
        let document: Value = serde_json::from_str(&set.rules).unwrap_or_default();
        Self {
            version: set.version,
            activated_at: Text(set.activated_at),
            proposed_by: set.proposed_by.map(Text),
            approval_id: set.approval.map(Text),
            rules: document.get("rules").cloned().unwrap_or_default(),
        }
    }
}
