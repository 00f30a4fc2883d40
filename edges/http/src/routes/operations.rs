//! The routes with which those who run the bank see how it is.

use crate::operations::{self, Operations};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub(crate) for Arc<Operations>;

    GET    "/health"                         => Public    Nothing           Health      operations::health;
    GET    "/ready"                          => Public    Nothing           Operations  operations::ready;
    GET    "/metrics"                        => Public    Nothing           Operations  operations::metrics;
}
