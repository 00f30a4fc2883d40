//! Mail as it is asked for: the settings that go together, and the courier that delivers beside the requests.

use crate::config::{Checked, Mode};
use anyhow::{Context as _, ensure};
use auth::Mailing;
use courier_edge::Courier;
use db::{Clock, Db, Timestamp};
use secrets::Secrets;
use std::sync::Arc;
use std::time::Duration;

/// Who sends what is only written into a folder.
const SANDBOX_SENDER: &str = "Florin <no-reply@florin.localhost>";

/// How long the courier rests when it has caught up.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct MailSettings {
    /// The mail server: `smtps://user:password@host`, or `smtp://…`, which demands STARTTLS of other machines. Unset: in
    /// sandbox mode mails are written into the folder `mail` of the data folder, in production mode none are sent.
    #[arg(long, env = "FLORIN_SMTP_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) smtp_url: Option<String>,
    /// Who sends the mails: `Florin <no-reply@bank.example>`.
    #[arg(long, env = "FLORIN_MAIL_FROM", global = true, value_name = "SENDER")]
    pub(crate) mail_from: Option<String>,
}

impl MailSettings {
    /// Each setting with its value; the URL as it may be shown.
    pub(crate) fn values(&self, redact_url: fn(&str) -> String) -> [(&'static str, String); 2] {
        [
            ("FLORIN_SMTP_URL", self.smtp_url.as_deref().map(redact_url).unwrap_or_default()),
            ("FLORIN_MAIL_FROM", self.mail_from.clone().unwrap_or_default()),
        ]
    }

    /// Whether this bank sends mail.
    pub(crate) const fn mailing(&self, mode: Mode) -> Mailing {
        match (&self.smtp_url, mode) {
            (None, Mode::Production) => Mailing::Off,
            (Some(_), _) | (None, Mode::Sandbox) => Mailing::On,
        }
    }
}

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
        (None, Mailing::Off) => {
            tracing::warn!(
                "FLORIN_SMTP_URL is not set: nobody can verify an address or get back in after forgetting a password"
            );
            Ok(None)
        }
    }
}

/// Delivers what is queued for as long as the process lives. What it had in hand when that ends is tried again.
pub(crate) fn start_delivery(db: Db, secrets: Secrets, courier: Courier) {
    let clock: Clock = Arc::new(Timestamp::now);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_production_without_a_mail_server_sends_none() {
        let with = |url: Option<&str>| MailSettings { smtp_url: url.map(ToOwned::to_owned), mail_from: None };
        let server = Some("smtp://127.0.0.1");
        assert_eq!(with(None).mailing(Mode::Sandbox), Mailing::On);
        assert_eq!(with(server).mailing(Mode::Sandbox), Mailing::On);
        assert_eq!(with(server).mailing(Mode::Production), Mailing::On);
        assert_eq!(with(None).mailing(Mode::Production), Mailing::Off);
    }
}
