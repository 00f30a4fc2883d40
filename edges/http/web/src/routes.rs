//! The routes of the web app. Its pages are one file, which finds out by itself which page is meant.

use crate::{App, config, pages};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    GET    "/app"                            => Public    Nothing           Documents   pages::home
            ! [NotFound];
    GET    "/app/{page}"                     => Public    Nothing           Documents   pages::page
            ! [NotFound];
    GET    "/app/{page}/{item}"              => Public    Nothing           Documents   pages::item
            ! [NotFound];
    GET    "/app-config.json"                => Public    Nothing           Documents   config::show;
    GET    "/assets/{file}"                  => Public    Nothing           Documents   pages::asset
            ! [NotFound];
    GET    "/theme.js"                       => Public    Nothing           Documents   pages::theme
            ! [NotFound];
    GET    "/favicon.svg"                    => Public    Nothing           Documents   pages::favicon
            ! [NotFound];
}
