//! The routes with which those who run the bank see how it is.

use crate::route::routes;
use crate::{App, operations};
use std::sync::Arc;

routes! {
    for Arc<App>;

    GET    "/health"                         => Public    Nothing           Health      operations::health;
    GET    "/ready"                          => Public    Nothing           Operations  operations::ready;
    GET    "/metrics"                        => Public    Nothing           Operations  operations::metrics;
}
