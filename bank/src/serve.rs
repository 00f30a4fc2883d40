//! The server: opens what it stands on, starts what runs beside requests, listens, and stops in order.

use crate::mail::Couriers;
use crate::opening::People;
use crate::settings::{Checked, Mfa, Mode, Openid, Switch};
use crate::{
    audit_key, database, demo, four_eyes, handles, housekeeping, openid, output, purpose, secrets_key, telling, tls,
};
use anyhow::{Context as _, ensure};
use clock::Clocks;
use db::Db;
use fraud::Fraud;
use http_edge::{App, Live};
use payments::{Payments, Rules};
use secrets::Secrets;
use standing::StandingOrders;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

pub(crate) async fn serve(settings: Checked, is_demo: bool) -> anyhow::Result<()> {
    if is_demo {
        require_demo_allowed(&settings)?;
    }
    output::show_settings(settings.redacted());
    let connections_max = handles::connections_max()?;
    let tls = tls::open(settings.tls.clone())?;
    let issuer = settings.openid.as_ref().map(Openid::client).transpose()?;
    let db = database::open(&settings).await?;
    let couriers = Couriers::open(&settings)?;
    let clocks = database::open_clocks(&settings, &db).await?;
    warn_of_what_is_open(&settings, couriers.has_mail());
    // Tokens say who issued them, so the port has to be known first. Nobody is answered yet.
    let tcp = listen_for_everybody(&settings).await?;
    let address = tcp.local_addr()?;
    let operations = listen_for_operators(&settings).await?;
    let public_url = settings.public_url_of(address);
    settings.openid.as_ref().map_or(Ok(()), |openid| openid.require_another(&public_url))?;
    let people = People::open(&settings, db.clone(), &public_url).await?;
    let audit = audit_key::open(&settings, &db, &public_url).await?;
    seal_waiting_mails(&db, people.identity.secrets()).await?;
    let front_door = open_front_door(&settings, connections_max)?;
    // Nothing is in the way any more, and nobody has made any money yet.
    let is_claimed_now = purpose::claim(&db, settings.mode).await?;
    let (payments, standing_orders) = open_money(&settings, &db, &clocks).await?;
    if is_demo {
        demo::fill(&settings, &db, &people.identity, &clocks).await?;
    }
    let approvals = four_eyes::open(&db, &people, &payments);
    housekeeping::start(&db, &people, &payments);
    housekeeping::start_besides(&approvals, &audit, settings.vault.clone());
    housekeeping::start_due_work(&db, &clocks, vec![payments.due_holds(), standing_orders.due_orders()]);
    let place = telling::Place { own: own_addresses(&tcp, operations.as_ref())?, connections_max };
    let (telling, following) = telling::start(&settings, &db, &people, &audit, place).await?;
    openid::start_fetching(&people.programs, issuer);
    couriers.start(&db, people.identity.secrets());
    // Before anybody is told that it listens: a signal that nobody waits for kills.
    let mut key_replaced = tokio::spawn(secrets_key::replaced(db.clone(), people.identity.secrets().clone()));
    let stop = closing(asked_to_stop(&mut key_replaced)?, telling.live.clone());
    tls.as_ref().map_or(Ok(()), tls::keep_certificates_fresh)?;
    announce(&settings, address, is_claimed_now);
    let People { identity, factors, programs } = people;
    let app = App {
        db,
        clocks,
        identity,
        factors,
        programs,
        payments,
        standing_orders,
        approvals,
        telling,
        audit,
        front_door,
        metrics: http_edge::install_metrics()?,
        settings: http_settings(&settings, public_url, operations.is_some()),
    };
    http_edge::serve(http_edge::Listener { tcp, tls, operations }, app, stop).await;
    following.stop().await;
    tracing::info!("stopped");
    ensure!(!key_replaced.is_finished(), secrets_key::REPLACED);
    Ok(())
}

/// Rules are watched until two people say that they count.
async fn open_fraud(settings: &Checked, db: &Db, clocks: &Clocks) -> anyhow::Result<Fraud> {
    if settings.fraud == Switch::Off {
        return Ok(Fraud::off());
    }
    let now = clocks.now(db).await?.bank;
    Ok(Fraud::open(db, now).await?)
}

async fn open_money(settings: &Checked, db: &Db, clocks: &Clocks) -> anyhow::Result<(Payments, StandingOrders)> {
    let fraud = open_fraud(settings, db, clocks).await?;
    let rules = Rules { mode: mode_of_rules(settings.mode), unproved_units: settings.step_up_amount };
    let payments = Payments::start_watched(db.clone(), clocks.clone(), rules, fraud);
    let standing_orders = StandingOrders::new(db.clone(), clocks.clone(), payments.clone());
    Ok((payments, standing_orders))
}

fn open_front_door(settings: &Checked, connections_max: usize) -> anyhow::Result<Arc<http_edge::FrontDoor>> {
    let front_door = http_edge::FrontDoorSettings { connections_max, ..settings.front_door.clone() };
    tracing::info!(connections_max, "so many clients may be connected at once");
    Ok(Arc::new(http_edge::FrontDoor::new(front_door).context("FLORIN_CACHE_URL")?))
}

fn announce(settings: &Checked, address: SocketAddr, is_claimed_now: bool) {
    let scheme = settings.scheme();
    let (here, docs) = (format!("{scheme}://{address}"), format!("{scheme}://{address}/docs"));
    output::report(format_args!("Florin listens on {here} — API documentation at {docs}\n"));
    if is_claimed_now {
        purpose::tell(settings.mode);
    }
}

/// Its logins stand in the documentation.
fn require_demo_allowed(settings: &Checked) -> anyhow::Result<()> {
    ensure!(settings.mode == Mode::Sandbox, "--demo makes up money and logins: production mode refuses it");
    ensure!(
        !settings.is_reachable_from_outside(),
        "--demo has logins that everybody can read: it listens on loopback addresses only"
    );
    Ok(())
}

fn warn_of_what_is_open(settings: &Checked, has_mail: bool) {
    if !has_mail {
        tracing::warn!(
            "FLORIN_SMTP_URL is not set: nobody can verify an address or get back in after forgetting a password"
        );
    }
    if settings.mode == Mode::Production && settings.has_open_public_url() {
        tracing::warn!("FLORIN_PUBLIC_URL is http://: links and tokens lead people to the bank without encryption");
    }
}

const fn mode_of_rules(mode: Mode) -> payments::Mode {
    match mode {
        Mode::Sandbox => payments::Mode::Sandbox,
        Mode::Production => payments::Mode::Production,
    }
}

fn http_settings(settings: &Checked, public_url: String, has_operations_listener: bool) -> http_edge::Settings {
    let mfa = match settings.mfa {
        Mfa::Optional => http_edge::MfaPolicy::Optional,
        Mfa::Required => http_edge::MfaPolicy::Required,
    };
    let place = match has_operations_listener {
        true => http_edge::OperationsPlace::OwnListener,
        false => http_edge::OperationsPlace::MainListener,
    };
    http_edge::Settings { mode: mode_of_rules(settings.mode), public_url, mfa, operations: place }
}

async fn listen_for_everybody(settings: &Checked) -> anyhow::Result<TcpListener> {
    let tcp = TcpListener::bind(settings.listen).await;
    tcp.with_context(|| format!("FLORIN_LISTEN: cannot listen on {}", settings.listen))
}

/// The listener of those who run the bank, if there is to be one.
async fn listen_for_operators(settings: &Checked) -> anyhow::Result<Option<TcpListener>> {
    let Some(wanted) = settings.operations_listen else { return Ok(None) };
    let tcp = TcpListener::bind(wanted).await;
    let tcp = tcp.with_context(|| format!("FLORIN_OPERATIONS_LISTEN: cannot listen on {wanted}"))?;
    output::report(format_args!("Operations are answered on {}: /health, /ready, /metrics\n", tcp.local_addr()?));
    Ok(Some(tcp))
}

/// Those who listen would hold up the end.
async fn closing(stop: impl Future<Output = ()>, live: Live) {
    stop.await;
    live.close();
}

/// Where this process itself is reached: no webhook is called there.
fn own_addresses(tcp: &TcpListener, operations: Option<&TcpListener>) -> anyhow::Result<Vec<SocketAddr>> {
    let listeners = std::iter::once(tcp).chain(operations);
    Ok(listeners.map(TcpListener::local_addr).collect::<Result<_, _>>()?)
}

/// What an earlier version queued in plain text must not stay readable, neither in the database nor in its log.
async fn seal_waiting_mails(db: &Db, secrets: &Secrets) -> anyhow::Result<()> {
    let mut sealed = 0;
    loop {
        match notifications::seal_waiting(db, secrets).await? {
            0 => break,
            more => sealed += more,
        }
    }
    if sealed > 0 {
        tracing::info!(mails = sealed, "mails that waited in plain text are sealed");
        // A backup that reads just now keeps the log; it goes with the next stop.
        if let Err(error) = db.checkpoint().await {
            tracing::warn!(%error, "what they said may still stand in the write-ahead log");
        }
    }
    Ok(())
}

/// From now on the signals to stop are caught; ends when one comes, or when the secrets key was replaced.
fn asked_to_stop(key_replaced: &mut JoinHandle<()>) -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be caught")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be caught")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = key_replaced => {}
        }
        tracing::info!("stopping: finishing what has begun");
    })
}

#[cfg(test)]
mod tests {
    use db::WallTime;

    #[test]
    fn every_statement_of_every_module_prepares_on_every_engine() {
        testkit::on_each_engine(&schema::migrations(), async |db| {
            let mut count = 0;
            for statement in db::all_statements() {
                let prepared = db.prepare(statement).await;
                assert!(prepared.is_ok(), "{} on {:?}: {prepared:?}", statement.name, db.engine());
                count += 1;
            }
            assert!(count > 50, "only {count} statements are registered");
        });
    }

    #[test]
    fn migrations_apply_once() {
        testkit::on_each_engine(&schema::migrations(), async |db| {
            let again = db::migrate(&db, &schema::migrations(), WallTime::now()).await.map(|report| report.applied);
            assert_eq!(again, Ok(0));
        });
    }
}
