//! The authorization server of OAuth 2.1 on the wire. Its endpoints speak OAuth's own JSON, forms and errors, as the
//! RFCs demand: the one exception from the envelope. What is granted and issued is decided in `modules/programs`.

pub(crate) mod authorize;
mod browser;
mod client_authentication;
pub(crate) mod clients;
mod consent_page;
mod failure;
mod form;
pub(crate) mod grants;
mod proof;
pub(crate) mod token;
