//! The couriers that deliver mails and texts beside the requests.

use crate::machine_clock;
use crate::settings::{Checked, MailSettings, SmsSettings};
use anyhow::{Context as _, ensure};
use courier_edge::{Courier, Provider, Texter};
use db::Db;
use identity::Mailing;
use notifications::phone::Texting;
use secrets::Secrets;
use std::time::Duration;

/// Who sends what is only written into a folder.
const SANDBOX_SENDER: &str = "Florin <no-reply@florin.localhost>";

/// How long a courier rests when it has caught up.
const PAUSE: Duration = Duration::from_secs(1);

/// Those that are asked for.
pub(crate) struct Couriers {
    /// None when this bank sends no mail.
    mails: Option<Courier>,
    texts: Texter,
}

impl Couriers {
    pub(crate) fn open(settings: &Checked) -> anyhow::Result<Self> {
        Ok(Self { mails: open_courier(settings)?, texts: open_texter(settings)? })
    }

    pub(crate) const fn has_mail(&self) -> bool {
        self.mails.is_some()
    }

    /// Delivers what is queued for as long as the process lives. What they had in hand when that ends is tried again.
    pub(crate) fn start(self, db: &Db, secrets: &Secrets) {
        let clock = machine_clock::reader();
        if let Some(courier) = self.mails {
            let of = (courier, db.clone(), secrets.clone(), clock.clone());
            keep_delivering(of, |(courier, db, secrets, clock)| async move {
                courier.deliver_due(&db, &secrets, &clock).await
            });
        }
        keep_delivering((self.texts, db.clone(), secrets.clone(), clock), |(texts, db, secrets, clock)| async move {
            texts.deliver_due(&db, &secrets, &clock).await
        });
    }
}

fn open_courier(settings: &Checked) -> anyhow::Result<Option<Courier>> {
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

fn open_texter(settings: &Checked) -> anyhow::Result<Texter> {
    let SmsSettings { sms_url, sms_token, sms_ca_file } = &settings.sms;
    match (sms_url, settings.sms.texting(settings.mode)) {
        (Some(url), _) => {
            let provider =
                Provider { url, token: sms_token.as_deref().unwrap_or_default(), ca_file: sms_ca_file.as_deref() };
            Texter::provider(provider).context("FLORIN_SMS_URL, FLORIN_SMS_TOKEN and FLORIN_SMS_CA_FILE")
        }
        (None, Texting::On) => Ok(Texter::folder(settings.in_data_dir("sms"))?),
        (None, Texting::Off) => Ok(Texter::nowhere()),
    }
}

fn keep_delivering<T, F>(of: T, deliver: fn(T) -> F)
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = notifications::Result<usize>> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            match deliver(of.clone()).await {
                Ok(tried) if Courier::is_full_batch(tried) => {}
                Ok(_) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    tracing::warn!(%error, "what is queued for people will be tried again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    });
}
