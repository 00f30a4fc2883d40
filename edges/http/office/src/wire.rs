//! What those who work for the bank send and are shown.

pub(crate) mod action;
pub(crate) mod consumer;
pub(crate) mod fraud;
pub(crate) mod office;
pub(crate) mod refusal;
pub(crate) mod review;
pub(crate) mod schema;
