//! Webhooks as they are asked for: where calls may go besides the public internet, and whom they trust.

use super::Mode;
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use webhooks::Policy;

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct WebhookSettings {
    /// Networks besides the public internet where webhooks may be, such as 127.0.0.0/8; in sandbox mode only.
    #[arg(
        long = "webhook-allow",
        env = "FLORIN_WEBHOOK_ALLOW",
        default_value = "",
        global = true,
        value_name = "NETWORKS"
    )]
    pub(crate) allow: String,
    /// The PEM file of the authorities that may vouch for receivers of webhooks. Unset: those of the system.
    #[arg(long = "webhook-ca-file", env = "FLORIN_WEBHOOK_CA_FILE", global = true, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
}

impl WebhookSettings {
    /// Where calls may go from a bank that itself listens at these addresses.
    pub(crate) fn policy(&self, mode: Mode, own: Vec<SocketAddr>) -> anyhow::Result<Policy> {
        let mode = match mode {
            Mode::Sandbox => webhooks::Mode::Sandbox,
            Mode::Production => webhooks::Mode::Production,
        };
        Policy::new(mode, &self.allow, own).context("FLORIN_WEBHOOK_ALLOW")
    }

    pub(super) fn values(&self) -> [(&'static str, String); 2] {
        let ca_file = self.ca_file.as_ref().map(|file| file.display().to_string());
        [("FLORIN_WEBHOOK_ALLOW", self.allow.clone()), ("FLORIN_WEBHOOK_CA_FILE", ca_file.unwrap_or_default())]
    }
}
