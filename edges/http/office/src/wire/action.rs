//! What takes two people, as it is asked for and decided.

use super::schema::SubjectOfIssuerText;
use http_core::wire::schema;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::ToSchema;

/// Money to be put right by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Adjustment)]
pub(crate) struct AdjustmentBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = schema::AccountIdText)]
    pub(crate) account_id: Cow<'a, str>,
    /// Positive: for the customer.
    #[serde(borrow)]
    #[schema(value_type = schema::SignedAmount)]
    pub(crate) amount: &'a RawValue,
    #[serde(borrow)]
    #[schema(value_type = schema::CurrencyCode)]
    pub(crate) currency: Cow<'a, str>,
    /// Why: 1 to 140 characters, which become the description of the transaction.
    #[serde(borrow)]
    #[schema(value_type = String, min_length = 1, max_length = 140)]
    pub(crate) reason: Cow<'a, str>,
}

/// What somebody is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeRole)]
pub(crate) struct RoleBody {
    #[schema(value_type = schema::RoleWord)]
    pub(crate) role: String,
}

/// How the trusted issuer calls somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LinkIdentity)]
pub(crate) struct LinkBody {
    /// The claim `sub` of its tokens, to the letter.
    #[schema(value_type = SubjectOfIssuerText)]
    pub(crate) subject: String,
}

/// What somebody says to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Decision)]
pub(crate) struct DecisionBody {
    /// 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub(crate) comment: Option<String>,
}
