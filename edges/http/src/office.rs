//! `/api/admin`: what only the staff of the bank does. Each kind of thing has its file.

pub(crate) mod approvals;
pub(crate) mod events;
pub(crate) mod identities;
pub(crate) mod refusals;
pub(crate) mod users;
