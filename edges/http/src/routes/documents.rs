//! The routes of what describes the API.

use crate::docs::{self, Documents};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub(crate) for Arc<Documents>;

    GET    "/"                               => Public    Nothing           Documents   docs::front_page;
    GET    "/openapi.json"                   => Public    Nothing           Documents   docs::document;
    GET    "/docs"                           => Public    Nothing           Documents   docs::redirect;
    GET    "/docs/"                          => Public    Nothing           Documents   docs::page;
    GET    "/docs/{file}"                    => Public    Nothing           Documents   docs::file
            ! [NotFound];
}
