//! The routes of the audit log: heads and consistency for everybody, who has to check the bank without asking it.

use crate::{App, heads, proofs, search};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    GET    "/api/audit/checkpoint"           => Public    Nothing           Documents   heads::checkpoint
            ! [NotYetLogged];
    GET    "/api/audit/key"                  => Public    Nothing           Documents   heads::keys;
    GET    "/api/audit/consistency" ? first & second
                                             => Public    Nothing           Documents   heads::consistency
            ! [InvalidRequest AuditForked];
    GET    "/api/audit/tile/{*path}"         => Auditors  Session           Reading     heads::tile
            ! [NotFound AuditForked];
    GET    "/api/audit/events" ? kind & subject & actor & from & to & limit & cursor
                                             => Auditors  Session           Reading     search::list;
    GET    "/api/audit/events/{id}/proof" ? size
                                             => Everyone  Session           Reading     proofs::of_event
            ! [NotFound NotYetLogged AuditForked];
    GET    "/api/transactions/{id}/proof"    => Everyone  TransactionsRead  Reading     proofs::of_transaction
            ! [TransactionNotFound NotYetLogged InvalidStatus AuditForked];
}
