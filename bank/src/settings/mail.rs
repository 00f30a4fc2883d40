//! Mail as it is asked for: the settings that go together.

use super::Mode;
use identity::Mailing;

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
