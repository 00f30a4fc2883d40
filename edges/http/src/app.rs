//! Everything that requests can reach, handed out to the rooms: each gets what it needs.

use crate::router;
use crate::routes::operations_router;
use approvals::Approvals;
use audit::Audit;
use clock::Clocks;
use db::Db;
use factors::Factors;
use http_core::server::{self, Listener, Service};
use http_core::{Door, FrontDoor, MfaPolicy, OperationsPlace};
use http_notifications::Telling;
use identity::Identity;
use metrics_exporter_prometheus::PrometheusHandle;
use payments::{Mode, Payments};
use programs::Programs;
use standing::StandingOrders;
use std::sync::Arc;

/// Everything that a request can reach.
pub struct App {
    /// The database.
    pub db: Db,
    /// The two clocks.
    pub clocks: Clocks,
    /// People, with their passwords and sessions.
    pub identity: Arc<Identity>,
    /// Their second factors.
    pub factors: Arc<Factors>,
    /// The programs that act for them.
    pub programs: Arc<Programs>,
    /// Where money moves.
    pub payments: Payments,
    /// What people told the bank to pay later.
    pub standing_orders: StandingOrders,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
    /// What takes two people.
    pub approvals: Approvals,
    /// The ways in which people are told.
    pub telling: Telling,
    /// What happened, in a log that proves itself.
    pub audit: Audit,
    /// What `/metrics` shows; see [`crate::install_metrics`].
    pub metrics: PrometheusHandle,
    /// How the API behaves.
    pub settings: Settings,
}

/// How the API behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether money can be made out of nothing.
    pub mode: Mode,
    /// Where people and programs reach this bank, without a slash at the end: `https://bank.example`.
    pub public_url: String,
    /// Who needs a second factor.
    pub mfa: MfaPolicy,
    /// Where those who run the bank look.
    pub operations: OperationsPlace,
}

/// Serves the API until the shutdown is called for and what was begun has finished.
pub async fn serve(listener: Listener, app: App, shutdown: impl Future<Output = ()>) {
    let service = Service {
        operations: operations_router(&app),
        door: app.door(),
        metrics: app.metrics.clone(),
        router: router(&app),
    };
    server::serve(listener, service, shutdown).await;
}

impl App {
    pub(crate) fn door(&self) -> Arc<Door> {
        Arc::new(Door {
            identity: Arc::clone(&self.identity),
            programs: Arc::clone(&self.programs),
            clocks: self.clocks.clone(),
            front_door: Arc::clone(&self.front_door),
            settings: self.shared_settings(),
        })
    }

    pub(crate) fn identity(&self) -> Arc<http_identity::App> {
        Arc::new(http_identity::App {
            clocks: self.clocks.clone(),
            identity: Arc::clone(&self.identity),
            factors: Arc::clone(&self.factors),
            programs: Arc::clone(&self.programs),
            front_door: Arc::clone(&self.front_door),
            settings: self.shared_settings(),
        })
    }

    pub(crate) fn oauth(&self) -> Arc<http_oauth::App> {
        Arc::new(http_oauth::App {
            clocks: self.clocks.clone(),
            identity: Arc::clone(&self.identity),
            factors: Arc::clone(&self.factors),
            programs: Arc::clone(&self.programs),
            front_door: Arc::clone(&self.front_door),
            settings: self.shared_settings(),
        })
    }

    pub(crate) fn money(&self) -> Arc<http_money::App> {
        Arc::new(http_money::App {
            db: self.db.clone(),
            clocks: self.clocks.clone(),
            payments: self.payments.clone(),
            standing_orders: self.standing_orders.clone(),
            approvals: self.approvals.clone(),
            front_door: Arc::clone(&self.front_door),
        })
    }

    pub(crate) fn office(&self) -> Arc<http_office::App> {
        Arc::new(http_office::App {
            db: self.db.clone(),
            clocks: self.clocks.clone(),
            identity: Arc::clone(&self.identity),
            programs: Arc::clone(&self.programs),
            payments: self.payments.clone(),
            approvals: self.approvals.clone(),
            front_door: Arc::clone(&self.front_door),
        })
    }

    pub(crate) fn notifications(&self) -> Arc<http_notifications::App> {
        Arc::new(http_notifications::App {
            db: self.db.clone(),
            identity: Arc::clone(&self.identity),
            clocks: self.clocks.clone(),
            telling: self.telling.clone(),
            front_door: Arc::clone(&self.front_door),
        })
    }

    pub(crate) fn reports(&self) -> Arc<http_reports::App> {
        Arc::new(http_reports::App {
            db: self.db.clone(),
            clocks: self.clocks.clone(),
            payments: self.payments.clone(),
            front_door: Arc::clone(&self.front_door),
        })
    }

    pub(crate) fn audit(&self) -> Arc<http_audit::App> {
        Arc::new(http_audit::App {
            audit: self.audit.clone(),
            clocks: self.clocks.clone(),
            payments: self.payments.clone(),
            front_door: Arc::clone(&self.front_door),
        })
    }

    pub(crate) fn simulations(&self) -> Arc<http_simulations::App> {
        Arc::new(http_simulations::App {
            db: self.db.clone(),
            clocks: self.clocks.clone(),
            front_door: Arc::clone(&self.front_door),
        })
    }

    pub(crate) fn web(&self) -> Arc<http_web::App> {
        Arc::new(http_web::App { mode: self.settings.mode, mfa: self.settings.mfa })
    }

    fn shared_settings(&self) -> http_core::Settings {
        let Settings { public_url, mfa, operations, .. } = &self.settings;
        http_core::Settings { public_url: public_url.clone(), mfa: *mfa, operations: *operations }
    }
}
