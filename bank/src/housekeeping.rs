//! What runs beside requests: periodic work, approvals that are driven to their end, and what falls due in bank time.

use crate::machine_clock;
use crate::opening::People;
use crate::settings::Checked;
use approvals::Approvals;
use audit::Audit;
use clock::{Clocks, DueWork};
use db::{BankTime, Db, WallTime};
use notifications::Way;
use payments::Payments;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use stream::{Consumer, Running, Stream};
use vault_edge::Folder;
use webhooks::Webhooks;

const SECOND: Duration = Duration::from_secs(1);
const DAY_SECONDS: i64 = 86_400;
const MINUTE: Duration = Duration::from_secs(60);
const MEASURED_EVERY: Duration = Duration::from_secs(5);
const HOUR_SECONDS: i64 = 3_600;

/// What time brings about, besides requests. Failures are logged and tried again at the next turn.
pub(crate) fn start(db: &Db, people: &People, payments: &Payments) {
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
    every(MEASURED_EVERY, db, |db, _| async move {
        for (way, gauge) in [(Way::Mail, "florin_mail_backlog"), (Way::Text, "florin_sms_backlog")] {
            let backlog = u32::try_from(notifications::backlog(&db, way).await?).unwrap_or(u32::MAX);
            metrics::gauge!(gauge).set(f64::from(backlog));
        }
        Ok(())
    });
    every(MINUTE, payments, |payments, now| async move { Ok(payments.purge_idempotency_keys(now).await.map(drop)?) });
    every(MINUTE, payments, |payments, now| async move { Ok(payments.purge_refusals(now).await.map(drop)?) });
    every(MEASURED_EVERY, &(db.clone(), payments.clone()), |(db, payments), _| async move {
        let now = payments.clocks().now(&db).await?.bank;
        Ok(payments.fraud().refresh(&db, now).await?)
    });
    every(MINUTE, &(db.clone(), payments.clone()), |(db, payments), _| async move {
        let now = payments.clocks().now(&db).await?.bank;
        Ok(payments.fraud().purge(&db, now).await.map(drop)?)
    });
}

/// News goes to who asked for it, by these ways.
pub(crate) fn start_sending_news(db: &Db, people: &People, ways: &[Way]) {
    for way in ways {
        every(SECOND, &(db.clone(), people.identity.secrets().clone(), *way), |(db, secrets, way), now| async move {
            Ok(notifications::news::queue_due(&db, &secrets, way, now).await.map(drop)?)
        });
    }
}

/// What was told long ago is forgotten.
pub(crate) fn start_forgetting(db: &Db, webhooks: &Arc<Webhooks>) {
    every(MINUTE, db, |db, now| async move { Ok(notifications::inbox::purge(&db, now).await.map(drop)?) });
    every(MINUTE, webhooks, |webhooks, now| async move { Ok(webhooks.purge(now).await.map(drop)?) });
}

/// What was approved is driven to its end, and what nobody decided ends; the head of the audit log is signed while it grows, and
/// what is sealed of it is carried to the vault.
pub(crate) fn start_besides(approvals: &Approvals, audit: &Audit, vault: Option<Folder>) {
    if let Some(vault) = vault {
        tokio::spawn(vault_edge::keep_sealing(audit.clone(), vault));
    }
    every(SECOND, audit, |audit, _| async move { Ok(audit.sign_head().await?) });
    every(MINUTE, audit, |audit, _| async move { Ok(audit.forget_heads().await.map(drop)?) });
    every(SECOND, approvals, |approvals, now| async move { Ok(approvals.resume(now).await.map(drop)?) });
    every(MINUTE, approvals, |approvals, now| async move { Ok(approvals.expire(now).await.map(drop)?) });
}

/// What falls due in bank time is done, in its order, and days that are over are closed.
pub(crate) fn start_due_work(db: &Db, clocks: &Clocks, works: Vec<DueWork>) {
    let works = Arc::new(works);
    every(SECOND, &(db.clone(), clocks.clone(), works), |(db, clocks, works), _| async move {
        Ok(clocks.keep_up(&db, &works).await?)
    });
    every(MINUTE, &(db.clone(), clocks.clone()), |(db, clocks), now| async move {
        Ok(clocks.purge(&db, now).await.map(drop)?)
    });
    start_closing_days(db, clocks);
}

/// Days that are over are added up for reports. Nobody books into a day that ended an hour ago, and had ended a turn ago: what was
/// under way then is committed or lost by now, also where bank time runs fast.
fn start_closing_days(db: &Db, clocks: &Clocks) {
    let seen: Arc<Mutex<Option<BankTime>>> = Arc::default();
    every(MINUTE, &(db.clone(), clocks.clone(), seen), |(db, clocks, seen), _| async move {
        let now = clocks.now(&db).await?.bank;
        let before = seen.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        if let Some(before) = before {
            ledger::close_days(&db, before.plus_seconds(-HOUR_SECONDS)).await?;
        }
        Ok(())
    });
}

/// What happens gets its place, and whoever has to know is told.
pub(crate) async fn start_following(
    db: &Db,
    stream: &Stream,
    consumers: Vec<Arc<dyn Consumer>>,
    people: &People,
    settings: &Checked,
) -> db::Result<Running> {
    let running = stream.start(consumers).await?;
    if let Some(days) = settings.events_days {
        every(MINUTE, db, move |db, now| async move {
            Ok(stream::trim(&db, now.plus_seconds(-i64::from(days) * DAY_SECONDS)).await.map(drop)?)
        });
    }
    if let Some(broker) = settings.broker.clone() {
        broker_edge::start(stream, broker, &people.identity).await?;
    }
    Ok(running)
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
