//! Texts as they are asked for.

use super::Mode;
use anyhow::ensure;
use notifications::phone::Texting;
use std::path::PathBuf;

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SmsSettings {
    /// The provider of texts, `https://sms.example/messages`: it gets `{"to", "text", "id"}` by POST. Unset: in sandbox mode texts
    /// are written into the folder `sms` of the data folder, in production mode none are sent.
    #[arg(long, env = "FLORIN_SMS_URL", global = true, value_name = "URL")]
    pub(crate) sms_url: Option<String>,
    /// The bearer token that the provider knows the bank by.
    #[arg(long, env = "FLORIN_SMS_TOKEN", global = true, value_name = "TOKEN", hide_env_values = true)]
    pub(crate) sms_token: Option<String>,
    /// The PEM file of the authorities that may vouch for the provider. Unset: those of the system.
    #[arg(long, env = "FLORIN_SMS_CA_FILE", global = true, value_name = "FILE")]
    pub(crate) sms_ca_file: Option<PathBuf>,
}

impl SmsSettings {
    pub(super) fn checked(&self) -> anyhow::Result<Self> {
        ensure!(
            self.sms_url.is_some() == self.sms_token.is_some(),
            "FLORIN_SMS_URL and FLORIN_SMS_TOKEN go together: a provider knows the bank by its token"
        );
        ensure!(
            self.sms_url.is_some() || self.sms_ca_file.is_none(),
            "FLORIN_SMS_CA_FILE is for FLORIN_SMS_URL, which is not set"
        );
        Ok(self.clone())
    }

    /// Each setting with its value; the token only as far as that there is one.
    pub(super) fn values(&self) -> [(&'static str, String); 3] {
        let ca_file = self.sms_ca_file.as_ref().map(|file| file.display().to_string());
        [
            ("FLORIN_SMS_URL", self.sms_url.clone().unwrap_or_default()),
            ("FLORIN_SMS_TOKEN", self.sms_token.as_ref().map(|_| "***".to_owned()).unwrap_or_default()),
            ("FLORIN_SMS_CA_FILE", ca_file.unwrap_or_default()),
        ]
    }

    /// Whether this bank sends texts.
    pub(crate) const fn texting(&self, mode: Mode) -> Texting {
        match (&self.sms_url, mode) {
            (None, Mode::Production) => Texting::Off,
            (Some(_), _) | (None, Mode::Sandbox) => Texting::On,
        }
    }
}
