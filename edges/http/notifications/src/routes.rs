//! The routes of how people are told.

use crate::{App, inbox, listening, phone, webhooks};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    GET    "/api/stream" ? topics            => Everyone  Session           Reading     listening::listen
            ! [TooManyStreams];
    GET    "/api/notifications" ? limit & cursor & unread
                                             => Everyone  Session           Reading     inbox::list;
    GET    "/api/notifications/unread"       => Everyone  Session           Reading     inbox::unread;
    POST   "/api/notifications/read"         => Everyone  Session           Changing    inbox::read_all;
    POST   "/api/notifications/{id}/read"    => Everyone  Session           Changing    inbox::read_one
            ! [NotFound];
    GET    "/api/notifications/preferences"  => Everyone  Session           Reading     inbox::preferences;
    PUT    "/api/notifications/preferences"  => Everyone  Session           Changing    inbox::prefer;
    GET    "/api/notifications/phone"        => Everyone  Session           Reading     phone::show;
    PUT    "/api/notifications/phone"        => Everyone  FreshSession      Proving     phone::ask
            ! [SmsUnavailable TooManyTexts];
    POST   "/api/notifications/phone/confirm" => Everyone Session           Proving     phone::confirm
            ! [InvalidPhoneCode];
    DELETE "/api/notifications/phone"        => Everyone  FreshSession      Changing    phone::remove;
    POST   "/api/webhooks"                   => Everyone  FreshSession      Changing    webhooks::create
            ! [WebhookLimitReached UserDisabled NotFound];
    GET    "/api/webhooks"                   => Everyone  Session           Reading     webhooks::list;
    GET    "/api/webhooks/{id}"              => Everyone  Session           Reading     webhooks::show
            ! [NotFound];
    PUT    "/api/webhooks/{id}"              => Everyone  FreshSession      Changing    webhooks::change
            ! [NotFound];
    DELETE "/api/webhooks/{id}"              => Everyone  Session           Changing    webhooks::delete
            ! [NotFound];
    POST   "/api/webhooks/{id}/rotate-secret" => Everyone FreshSession      Changing    webhooks::rotate_secret
            ! [NotFound];
    POST   "/api/webhooks/{id}/test"         => Everyone  Session           Changing    webhooks::test
            ! [NotFound InvalidStatus];
    POST   "/api/webhooks/{id}/enable"       => Everyone  Session           Changing    webhooks::enable
            ! [NotFound];
    GET    "/api/webhooks/{id}/deliveries" ? limit & cursor
                                             => Everyone  Session           Reading     webhooks::deliveries
            ! [NotFound];
    POST   "/api/webhooks/{id}/replay"       => Everyone  Session           Changing    webhooks::replay
            ! [NotFound InvalidStatus];
}
