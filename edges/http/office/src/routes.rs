//! The routes of those who work for the bank.

use crate::{App, approvals, consumers, events, fraud_rules, identities, refusals, reviews, users};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    GET    "/api/admin/users" ? role & status & username & limit & cursor
                                             => Staff     Session           Reading     users::list;
    POST   "/api/admin/users"                => Admins    FreshSession      Changing    users::create
            ! [UsernameTaken];
    GET    "/api/admin/users/{id}"           => Staff     Session           Reading     users::get
            ! [NotFound];
    POST   "/api/admin/users/{id}/disable"   => Admins    FreshSession      Changing    users::disable
            ! [NotFound LastAdmin TooFewAdmins];
    POST   "/api/admin/users/{id}/enable"    => Admins    FreshSession      Changing    users::enable
            ! [NotFound];
    DELETE "/api/admin/users/{id}/sessions"  => Admins    FreshSession      Changing    users::end_sessions
            ! [NotFound TooFewAdmins];
    PUT    "/api/admin/users/{id}/role"      => Admins    FreshSession      Changing    approvals::change_role
            ! [NotFound];
    GET    "/api/admin/users/{id}/external-identity"
                                             => Staff     Session           Reading     identities::get
            ! [NotFound NoTrustedIssuer];
    PUT    "/api/admin/users/{id}/external-identity"
                                             => Admins    FreshSession      Changing    approvals::link_identity
            ! [NotFound NoTrustedIssuer AlreadyLinked];
    DELETE "/api/admin/users/{id}/external-identity"
                                             => Admins    FreshSession      Changing    identities::unlink
            ! [NotFound NoTrustedIssuer];
    POST   "/api/admin/adjustments"          => Tellers   FreshSession      Money       approvals::adjust
            ! [InvalidAccount InvalidAccount@UNPROCESSABLE_ENTITY CurrencyMismatch ConflictOfInterest];
    GET    "/api/admin/approvals" ? status & limit & cursor
                                             => Staff     Session           Reading     approvals::list;
    GET    "/api/admin/approvals/{id}"       => Staff     Session           Reading     approvals::get
            ! [NotFound];
    POST   "/api/admin/approvals/{id}/approve"
                                             => Admins    FreshSession      Changing    approvals::approve
            ! [NotFound SecondPersonRequired DeciderTied RequesterNotEntitled InvalidStatus];
    POST   "/api/admin/approvals/{id}/reject"
                                             => Admins    FreshSession      Changing    approvals::reject
            ! [NotFound SecondPersonRequired DeciderTied RequesterNotEntitled InvalidStatus];
    PUT    "/api/admin/accounts/{id}/owner"  => Admins    FreshSession      Changing    approvals::assign_owner
            ! [InvalidAccount InvalidAccount@UNPROCESSABLE_ENTITY NotFound AccountHasOwner ConflictOfInterest];
    GET    "/api/admin/events" ? kind & subject & actor & limit & cursor
                                             => Auditors  Session           Reading     events::list;
    GET    "/api/admin/consumers"            => Auditors  Session           Reading     consumers::list;
    GET    "/api/admin/consumers/{consumer}/parked" ? limit & cursor
                                             => Auditors  Session           Reading     consumers::parked
            ! [NotFound];
    GET    "/api/admin/consumers/{consumer}/parked/{subject}"
                                             => Auditors  Session           Reading     consumers::held_up
            ! [NotFound];
    POST   "/api/admin/consumers/{consumer}/parked/{subject}/unpark"
                                             => Admins    FreshSession      Changing    consumers::unpark
            ! [NotFound];
    GET    "/api/admin/refusals" ? account & user & requestId & limit & cursor
                                             => Staff     Session           Reading     refusals::list;
    GET    "/api/admin/reviews" ? state & limit & cursor
                                             => Staff     Session           Reading     reviews::list;
    GET    "/api/admin/reviews/{id}"         => Staff     Session           Reading     reviews::get
            ! [TransactionNotFound];
    POST   "/api/admin/reviews/{id}/assign"  => Admins    Session           Changing    reviews::assign
            ! [TransactionNotFound InvalidStatus];
    POST   "/api/admin/reviews/{id}/note"    => Admins    Session           Changing    reviews::note
            ! [TransactionNotFound];
    POST   "/api/admin/reviews/{id}/label"   => Admins    Session           Changing    reviews::label
            ! [TransactionNotFound];
    POST   "/api/admin/reviews/{id}/approve" => Admins    FreshSession      Changing    reviews::approve
            ! [TransactionNotFound InvalidStatus ConflictOfInterest SecondPersonRequired HoldNotOpen BalanceTooLarge
              InvalidAccount@UNPROCESSABLE_ENTITY];
    POST   "/api/admin/reviews/{id}/decline" => Admins    FreshSession      Changing    reviews::decline
            ! [TransactionNotFound InvalidStatus ConflictOfInterest HoldNotOpen];
    GET    "/api/admin/fraud/rule-sets" ? limit & cursor
                                             => Staff     Session           Reading     fraud_rules::list;
    POST   "/api/admin/fraud/rule-sets"      => Admins    FreshSession      Changing    fraud_rules::propose;
    POST   "/api/admin/fraud/snoozes"        => Admins    FreshSession      Changing    fraud_rules::snooze
            ! [NotFound];
}
