//! The courier that delivers mail beside the requests.

use crate::machine_clock;
use crate::settings::{Checked, MailSettings};
use anyhow::{Context as _, ensure};
use courier_edge::Courier;
use db::Db;
use identity::Mailing;
use secrets::Secrets;
use std::time::Duration;

/// Who sends what is only written into a folder.
const SANDBOX_SENDER: &str = "Florin <no-reply@florin.localhost>";

/// How long the courier rests when it has caught up.
const PAUSE: Duration = Duration::from_secs(1);

/// The courier that is asked for; none when this bank sends no mail.
pub(crate) fn open_courier(settings: &Checked) -> anyhow::Result<Option<Courier>> {
    let MailSettings { smtp_url, mail_from } = &settings.mail;
    match (smtp_url, settings.mail.mailing(settings.mode)) {
        (Some(url), _) => {
            ensure!(mail_from.is_some(), "FLORIN_SMTP_URL needs FLORIN_MAIL_FROM: a mail has a sender");
            let sender = mail_from.as_deref().unwrap_or_default();
            Ok(Some(Courier::smtp(url, sender).context("FLORIN_SMTP_URL and FLORIN_MAIL_FROM")?))
        }
        (None, Mailing::On) => {
            let sender = mail_from.as_deref().unwrap_or(SANDBOX_SENDER);
            Ok(Some(Courier::folder(settings.in_data_dir("mail"), sender).context("FLORIN_MAIL_FROM")?))
        }
        (None, Mailing::Off) => Ok(None),
    }
}

/// Delivers what is queued for as long as the process lives. What it had in hand when that ends is tried again.
pub(crate) fn start_delivery(db: &Db, secrets: &Secrets, courier: Option<Courier>) {
    let Some(courier) = courier else { return };
    let (db, secrets) = (db.clone(), secrets.clone());
    let clock = machine_clock::reader();
    tokio::spawn(async move {
        loop {
            match courier.deliver_due(&db, &secrets, &clock).await {
                Ok(tried) if Courier::is_full_batch(tried) => {}
                Ok(_) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    tracing::warn!(%error, "mails will be tried again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    });
}
