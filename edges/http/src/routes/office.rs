//! The routes of those who work for the bank.

use crate::route::routes;
use crate::{App, office};
use std::sync::Arc;

routes! {
    for Arc<App>;

    GET    "/api/admin/users" ? role & status & username & limit & cursor
                                             => Staff     Session           Reading     office::users::list;
    POST   "/api/admin/users"                => Admins    FreshSession      Changing    office::users::create
            ! [UsernameTaken];
    GET    "/api/admin/users/{id}"           => Staff     Session           Reading     office::users::get
            ! [NotFound];
    POST   "/api/admin/users/{id}/disable"   => Admins    FreshSession      Changing    office::users::disable
            ! [NotFound LastAdmin TooFewAdmins];
    POST   "/api/admin/users/{id}/enable"    => Admins    FreshSession      Changing    office::users::enable
            ! [NotFound];
    DELETE "/api/admin/users/{id}/sessions"  => Admins    FreshSession      Changing    office::users::end_sessions
            ! [NotFound TooFewAdmins];
    PUT    "/api/admin/users/{id}/role"      => Admins    FreshSession      Changing    office::approvals::change_role
            ! [NotFound];
    GET    "/api/admin/users/{id}/external-identity"
                                             => Staff     Session           Reading     office::identities::get
            ! [NotFound NoTrustedIssuer];
    PUT    "/api/admin/users/{id}/external-identity"
                                             => Admins    FreshSession      Changing    office::approvals::link_identity
            ! [NotFound NoTrustedIssuer AlreadyLinked];
    DELETE "/api/admin/users/{id}/external-identity"
                                             => Admins    FreshSession      Changing    office::identities::unlink
            ! [NotFound NoTrustedIssuer];
    POST   "/api/admin/adjustments"          => Tellers   FreshSession      Money       office::approvals::adjust
            ! [InvalidAccount InvalidAccount@UNPROCESSABLE_ENTITY CurrencyMismatch ConflictOfInterest];
    GET    "/api/admin/approvals" ? status & limit & cursor
                                             => Staff     Session           Reading     office::approvals::list;
    GET    "/api/admin/approvals/{id}"       => Staff     Session           Reading     office::approvals::get
            ! [NotFound];
    POST   "/api/admin/approvals/{id}/approve"
                                             => Admins    FreshSession      Changing    office::approvals::approve
            ! [NotFound SecondPersonRequired DeciderTied RequesterNotEntitled InvalidStatus];
    POST   "/api/admin/approvals/{id}/reject"
                                             => Admins    FreshSession      Changing    office::approvals::reject
            ! [NotFound SecondPersonRequired DeciderTied RequesterNotEntitled InvalidStatus];
    PUT    "/api/admin/accounts/{id}/owner"  => Admins    FreshSession      Changing    office::approvals::assign_owner
            ! [InvalidAccount InvalidAccount@UNPROCESSABLE_ENTITY NotFound AccountHasOwner ConflictOfInterest];
    GET    "/api/admin/events" ? kind & subject & actor & limit & cursor
                                             => Auditors  Session           Reading     office::events::list;
    GET    "/api/admin/refusals" ? account & user & requestId & limit & cursor
                                             => Staff     Session           Reading     office::refusals::list;
}
