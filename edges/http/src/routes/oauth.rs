//! The routes of the authorization server, and those with which people manage who acts for them.

use crate::route::routes;
use crate::{App, oauth, well_known};
use std::sync::Arc;

routes! {
    for Arc<App>;

    POST   "/api/auth/oauth/clients"         => Everyone  FreshSession      Changing    oauth::clients::register
            ! [NotFound];
    GET    "/api/auth/oauth/clients" ? limit & cursor
                                             => Everyone  Session           Reading     oauth::clients::list;
    DELETE "/api/auth/oauth/clients/{id}"    => Everyone  FreshSession      Changing    oauth::clients::remove
            ! [NotFound];
    GET    "/api/auth/grants" ? limit & cursor
                                             => Everyone  Session           Reading     oauth::grants::list;
    DELETE "/api/auth/grants/{id}"           => Everyone  Session           Changing    oauth::grants::revoke
            ! [NotFound];
    GET    "/oauth/authorize" ? *            => Public    Nothing           Documents   oauth::authorize::show
            ! *;
    POST   "/oauth/authorize"                => Public    Nothing           Credentials oauth::authorize::decide
            ! *;
    GET    "/oauth/passkey.js"               => Public    Nothing           Documents   oauth::authorize::passkey_script
            ! *;
    POST   "/oauth/token"                    => Public    Nothing           Programs    oauth::token::token
            ! *;
    POST   "/oauth/introspect"               => Public    Nothing           Programs    oauth::token::introspect
            ! *;
    POST   "/oauth/revoke"                   => Public    Nothing           Programs    oauth::token::revoke
            ! *;
    GET    "/.well-known/oauth-authorization-server"
                                             => Public    Nothing           Documents   well_known::authorization_server;
    GET    "/.well-known/jwks.json"          => Public    Nothing           Documents   well_known::key_set;
}
