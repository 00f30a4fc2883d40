//! The vault as it is asked for.

use anyhow::Context as _;
use vault_edge::Folder;

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct VaultSettings {
    /// Where what is written once is kept: file:FOLDER, on another disk than the database, and the same one for all servers of a
    /// bank. Sealed segments of the audit log and its signed heads go there. Unset: nowhere.
    #[arg(long = "vault-url", env = "FLORIN_VAULT_URL", global = true, value_name = "URL")]
    pub(crate) vault_url: Option<String>,
}

impl VaultSettings {
    /// The vault, which is looked at when it is used.
    pub(crate) fn checked(&self) -> anyhow::Result<Option<Folder>> {
        self.vault_url.as_deref().map(Folder::at).transpose().context("FLORIN_VAULT_URL")
    }

    pub(super) fn values(&self) -> [(&'static str, String); 1] {
        [("FLORIN_VAULT_URL", self.vault_url.clone().unwrap_or_default())]
    }
}
