//! Telephones on the wire.

use notifications::phone::Phone;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

/// At which number somebody is texted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Phone)]
pub(crate) struct PhoneReply {
    /// The number that is theirs; null: nothing is texted.
    #[schema(pattern = "^\\+[1-9][0-9]{6,14}$", example = "+491701234567")]
    number: Option<String>,
    /// The number that waits for its code.
    #[schema(pattern = "^\\+[1-9][0-9]{6,14}$")]
    unconfirmed: Option<String>,
}

/// A number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPhone)]
pub(crate) struct NumberBody<'a> {
    /// With its country (ITU-T E.164); spaces, dots, dashes and brackets are passed over.
    #[serde(borrow)]
    #[schema(max_length = 32, example = "+49 170 1234567")]
    pub(crate) number: Cow<'a, str>,
}

/// The code that was texted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PhoneCode)]
pub(crate) struct CodeBody<'a> {
    /// Six digits.
    #[serde(borrow)]
    #[schema(example = "123456")]
    pub(crate) code: Cow<'a, str>,
}

impl PhoneReply {
    pub(crate) fn new(phone: &Phone) -> Self {
        let shown = |number: &Option<_>| number.as_ref().map(ToString::to_string);
        Self { number: shown(&phone.number), unconfirmed: shown(&phone.asked) }
    }
}
