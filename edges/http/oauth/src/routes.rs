//! The routes of the authorization server, and those with which people manage who acts for them.

use crate::{App, authorize, clients, grants, token, well_known};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    POST   "/api/auth/oauth/clients"         => Everyone  FreshSession      Changing    clients::register
            ! [NotFound];
    GET    "/api/auth/oauth/clients" ? limit & cursor
                                             => Everyone  Session           Reading     clients::list;
    DELETE "/api/auth/oauth/clients/{id}"    => Everyone  FreshSession      Changing    clients::remove
            ! [NotFound];
    GET    "/api/auth/grants" ? limit & cursor
                                             => Everyone  Session           Reading     grants::list;
    DELETE "/api/auth/grants/{id}"           => Everyone  Session           Changing    grants::revoke
            ! [NotFound];
    GET    "/oauth/authorize" ? *            => Public    Nothing           Documents   authorize::show
            ! *;
    POST   "/oauth/authorize"                => Public    Nothing           Credentials authorize::decide
            ! *;
    GET    "/oauth/passkey.js"               => Public    Nothing           Documents   authorize::passkey_script
            ! *;
    POST   "/oauth/token"                    => Public    Nothing           Programs    token::token
            ! *;
    POST   "/oauth/introspect"               => Public    Nothing           Programs    token::introspect
            ! *;
    POST   "/oauth/revoke"                   => Public    Nothing           Programs    token::revoke
            ! *;
    GET    "/.well-known/oauth-authorization-server"
                                             => Public    Nothing           Documents   well_known::authorization_server;
    GET    "/.well-known/jwks.json"          => Public    Nothing           Documents   well_known::key_set;
}
