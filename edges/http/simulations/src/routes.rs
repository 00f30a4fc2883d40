//! The routes that only a sandbox has: in production nothing answers them.

use crate::{App, clock};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    GET    "/api/simulations/clock"          => Staff     Session           Reading     clock::show
            ! [NotFound];
    POST   "/api/simulations/clock/freeze"   => Admins    FreshSession      Simulation  clock::freeze
            ! [NotFound InvalidStatus];
    POST   "/api/simulations/clock/resume"   => Admins    FreshSession      Simulation  clock::resume
            ! [NotFound InvalidStatus];
    POST   "/api/simulations/clock/rate"     => Admins    FreshSession      Simulation  clock::rate
            ! [NotFound InvalidStatus];
    POST   "/api/simulations/clock/advance"  => Admins    FreshSession      Simulation  clock::advance
            ! [NotFound InvalidStatus];
}
