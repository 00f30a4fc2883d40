//! Stories: the real binary, from outside, through crashes, lost databases, files of others, and a customer's life.
//! Each is told on every engine at hand.

mod approvals;
mod commands;
mod crashes;
mod demo;
mod early_refusals;
mod encrypted_database;
mod failpoints;
mod history;
mod holds;
mod hostile_input;
mod journals;
mod journey;
mod limits;
mod lost_database;
mod mails;
mod oauth_clients;
mod open_files;
mod openid;
mod operations;
mod panics;
mod poolers;
mod proxy;
mod refusals;
mod second_factors;
mod shutdown;
mod signatures;
mod signing_keys;
mod stalled_bodies;
mod tampering;
mod tls;
mod two_processes;
mod unwritable;
