//! Tests of what endpoints may be, of signatures and of tries.

mod hostile_urls;
mod signatures;
mod tries;
