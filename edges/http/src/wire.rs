//! What JSON on the wire looks like, and the exact way to and from the modules' types.

pub(crate) mod account;
pub(crate) mod actor;
pub(crate) mod amount;
pub(crate) mod api_key;
pub(crate) mod approval;
pub(crate) mod clock;
pub(crate) mod description;
pub(crate) mod metadata;
pub(crate) mod mfa;
pub(crate) mod object;
pub(crate) mod office;
pub(crate) mod office_schema;
pub(crate) mod order;
pub(crate) mod refusal;
pub(crate) mod schema;
pub(crate) mod session;
pub(crate) mod text;
pub(crate) mod transaction;
pub(crate) mod user;

pub(crate) use object::Object;
pub(crate) use text::Text;
