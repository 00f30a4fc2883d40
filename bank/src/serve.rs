//! The server: opens what it stands on, starts what runs beside requests, listens, and stops in order.

use crate::opening::People;
use crate::settings::{Checked, Mfa, Mode, Openid};
use crate::{demo, four_eyes, handles, machine_clock, mail, openid, output, purpose, tls};
use anyhow::{Context as _, ensure};
use approvals::Approvals;
use clock::{Clocks, DueWork};
use db::{Db, MigrationReport, WallTime};
use payments::{Payments, Rules};
use secrets::Secrets;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// The database, brought up to date, and from now on for this mode.
pub(crate) async fn open_database(settings: &Checked) -> anyhow::Result<Db> {
    let db = open_to_try(settings).await?;
    purpose::claim(&db, settings.mode).await?;
    Ok(db)
}

/// The same for who changes nothing in the end: a new database is not for any mode yet.
pub(crate) async fn open_to_try(settings: &Checked) -> anyhow::Result<Db> {
    let db = Db::open(&settings.database_url).await?;
    // Before anything is done to it.
    purpose::require(&db, settings.mode).await?;
    db::migrate(&db, &schema::migrations(), machine_clock::now())
        .await
        .context("the tables could not be brought up to date")?;
    Ok(db)
}

/// The two clocks, as the mode has them.
pub(crate) async fn open_clocks(settings: &Checked, db: &Db) -> anyhow::Result<Clocks> {
    let wall = machine_clock::reader();
    Ok(match settings.mode {
        Mode::Production => Clocks::of_production(wall, db).await?,
        Mode::Sandbox => Clocks::of_sandbox(wall, db).await?,
    })
}

pub(crate) async fn migrate(settings: &Checked) -> anyhow::Result<()> {
    let db = Db::open(&settings.database_url).await?;
    let report = db::migrate(&db, &schema::migrations(), machine_clock::now()).await?;
    let MigrationReport { applied, already_there } = report;
    output::report(format_args!("{applied} migrations applied, {already_there} were there already.\n"));
    Ok(())
}

pub(crate) async fn serve(settings: Checked, is_demo: bool) -> anyhow::Result<()> {
    if is_demo {
        ensure!(settings.mode == Mode::Sandbox, "--demo makes up money and logins: production mode refuses it");
        ensure!(
            !settings.is_reachable_from_outside(),
            "--demo has logins that everybody can read: it listens on loopback addresses only"
        );
    }
    output::show_settings(settings.redacted());
    let connections_max = handles::connections_max()?;
    let tls = tls::open(settings.tls.clone())?;
    settings.make_data_folder()?;
    let courier = mail::open_courier(&settings)?;
    let issuer = settings.openid.as_ref().map(Openid::client).transpose()?;
    let db = open_database(&settings).await?;
    let clocks = open_clocks(&settings, &db).await?;
    if courier.is_none() {
        tracing::warn!(
            "FLORIN_SMTP_URL is not set: nobody can verify an address or get back in after forgetting a password"
        );
    }
    if settings.mode == Mode::Production && settings.has_open_public_url() {
        tracing::warn!("FLORIN_PUBLIC_URL is http://: links and tokens lead people to the bank without encryption");
    }
    // Tokens say who issued them, so the port has to be known first. Nobody is answered yet.
    let tcp = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("FLORIN_LISTEN: cannot listen on {}", settings.listen))?;
    let address = tcp.local_addr()?;
    let operations = listen_for_operators(&settings).await?;
    let public_url = settings.public_url_of(address);
    settings.openid.as_ref().map_or(Ok(()), |openid| openid.require_another(&public_url))?;
    let people = People::open(&settings, db.clone(), &public_url).await?;
    seal_waiting_mails(&db, people.identity.secrets()).await?;
    let mode = match settings.mode {
        Mode::Sandbox => payments::Mode::Sandbox,
        Mode::Production => payments::Mode::Production,
    };
    let rules = Rules { mode, unproved_units: settings.step_up_amount };
    let payments = Payments::start(db.clone(), clocks.clone(), rules);
    if is_demo {
        demo::fill(&settings, &db, &people.identity, &clocks).await?;
    }
    let approvals = four_eyes::open(&db, &people, &payments);
    start_housekeeping(&db, &people, &payments);
    start_deciding(&approvals);
    start_due_work(&db, &clocks, vec![payments.due_holds()]);
    openid::start_fetching(&people.programs, issuer);
    if let Some(courier) = courier {
        mail::start_delivery(db.clone(), people.identity.secrets().clone(), courier);
    }
    // Before anybody is told that it listens: a signal that nobody waits for kills.
    let stop = asked_to_stop()?;
    if let Some(tls) = &tls {
        tls::keep_certificates_fresh(tls)?;
    }
    let scheme = settings.scheme();
    let (here, docs) = (format!("{scheme}://{address}"), format!("{scheme}://{address}/docs"));
    output::report(format_args!("Florin listens on {here} — API documentation at {docs}\n"));
    tracing::info!(connections_max, "so many clients may be connected at once");
    let mfa = match settings.mfa {
        Mfa::Optional => http_edge::MfaPolicy::Optional,
        Mfa::Required => http_edge::MfaPolicy::Required,
    };
    let metrics = http_edge::install_metrics()?;
    let front_door = http_edge::FrontDoorSettings { connections_max, ..settings.front_door.clone() };
    let front_door = Arc::new(http_edge::FrontDoor::new(front_door).context("FLORIN_CACHE_URL")?);
    let place = match &operations {
        Some(_) => http_edge::OperationsPlace::OwnListener,
        None => http_edge::OperationsPlace::MainListener,
    };
    let settings = http_edge::Settings { mode, public_url, mfa, operations: place };
    let People { identity, factors, programs } = people;
    let app =
        http_edge::App { db, clocks, identity, factors, programs, payments, approvals, front_door, metrics, settings };
    http_edge::serve(http_edge::Listener { tcp, tls, operations }, app, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// The listener of those who run the bank, if there is to be one.
async fn listen_for_operators(settings: &Checked) -> anyhow::Result<Option<TcpListener>> {
    let Some(wanted) = settings.operations_listen else { return Ok(None) };
    let tcp = TcpListener::bind(wanted).await;
    let tcp = tcp.with_context(|| format!("FLORIN_OPERATIONS_LISTEN: cannot listen on {wanted}"))?;
    output::report(format_args!("Operations are answered on {}: /health, /ready, /metrics\n", tcp.local_addr()?));
    Ok(Some(tcp))
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

/// What time brings about, besides requests. Failures are logged and tried again at the next turn.
fn start_housekeeping(db: &Db, people: &People, payments: &Payments) {
    let People { identity, factors, programs } = people;
    every(SECOND, identity, |identity, now| async move { Ok(identity.refresh_token_keys(now)?) });
    every(SECOND, identity, |identity, _| async move { Ok(identity.record_token_keys().await?) });
    every(SECOND, identity, |identity, now| async move { Ok(identity.refresh_revocations(now).await?) });
    every(SECOND, programs, |programs, _| async move { Ok(programs.record_key_uses().await?) });
    every(SECOND, identity, |identity, now| async move { Ok(identity.answer_reset_requests(now).await.map(drop)?) });
    every(MINUTE, programs, |programs, now| async move { Ok(programs.purge_nonces(now).await?) });
    every(MINUTE, programs, |programs, now| async move { Ok(programs.purge_grants(now).await.map(drop)?) });
    every(MINUTE, identity, |identity, now| async move { Ok(identity.purge(now).await.map(drop)?) });
    every(MINUTE, factors, |factors, now| async move { Ok(factors.purge_unfinished_mfa(now).await?) });
    every(MINUTE, &(db.clone(), Arc::clone(identity)), |(db, identity), _| async move {
        Ok(notifications::seal_waiting(&db, identity.secrets()).await.map(drop)?)
    });
    every(MINUTE, db, |db, now| async move { Ok(notifications::purge(&db, now).await.map(drop)?) });
    every(MINUTE, payments, |payments, now| async move { Ok(payments.purge_idempotency_keys(now).await.map(drop)?) });
    every(MINUTE, payments, |payments, now| async move { Ok(payments.purge_refusals(now).await.map(drop)?) });
}

/// What was approved is driven to its end, and what nobody decided ends.
fn start_deciding(approvals: &Approvals) {
    every(SECOND, approvals, |approvals, now| async move { Ok(approvals.resume(now).await.map(drop)?) });
    every(MINUTE, approvals, |approvals, now| async move { Ok(approvals.expire(now).await.map(drop)?) });
}

/// What falls due in bank time is done, in its order.
fn start_due_work(db: &Db, clocks: &Clocks, works: Vec<DueWork>) {
    let works = Arc::new(works);
    every(SECOND, &(db.clone(), clocks.clone(), works), |(db, clocks, works), _| async move {
        Ok(clocks.keep_up(&db, &works).await?)
    });
    every(MINUTE, &(db.clone(), clocks.clone()), |(db, clocks), now| async move {
        Ok(clocks.purge(&db, now).await.map(drop)?)
    });
}

fn every<S, F>(period: Duration, state: &S, work: impl Fn(S, WallTime) -> F + Send + 'static)
where
    S: Clone + Send + 'static,
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let state = state.clone();
    tokio::spawn(async move {
        let mut turns = tokio::time::interval(period);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            if let Err(error) = work(state.clone(), machine_clock::now()).await {
                tracing::warn!(%error, "housekeeping will be tried again");
            }
        }
    });
}

/// From now on the signals to stop are caught; ends when one comes.
fn asked_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be caught")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be caught")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what has begun");
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
