//! The certificates, which are read again while the bank runs.

use anyhow::Context as _;
use http_edge::{Reload, Tls, TlsFiles};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long renewed files may go unnoticed when nobody sends SIGHUP.
const RELOAD_INTERVAL: Duration = Duration::from_secs(10);

/// Reads the files, if there are any.
pub(crate) fn open(files: Option<TlsFiles>) -> anyhow::Result<Option<Arc<Tls>>> {
    let tls = files.map(Tls::open).transpose().context("TLS")?;
    Ok(tls.map(Arc::new))
}

/// From now on SIGHUP, and time, make the files be read again.
pub(crate) fn keep_certificates_fresh(tls: &Arc<Tls>) -> anyhow::Result<()> {
    let mut hangup = signal(SignalKind::hangup()).context("SIGHUP cannot be caught")?;
    let tls = Arc::clone(tls);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = hangup.recv() => tracing::info!("SIGHUP: reading the certificates again"),
                () = tokio::time::sleep(RELOAD_INTERVAL) => {}
            }
            reload(&tls).await;
        }
    });
    Ok(())
}

async fn reload(tls: &Arc<Tls>) {
    let tls = Arc::clone(tls);
    match tokio::task::spawn_blocking(move || tls.reload()).await {
        Ok(Ok(Reload::Done)) => tracing::info!("new certificates are in use"),
        Ok(Ok(Reload::Unchanged)) => tracing::debug!("the certificates have not changed"),
        // Perhaps only one of the files is renewed yet.
        Ok(Err(error)) => tracing::warn!(%error, "the certificates in use stay"),
        Err(error) => tracing::error!(%error, "reading the certificates failed"),
    }
}
