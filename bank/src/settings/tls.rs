//! TLS as it is asked for: the settings that go together.

use anyhow::bail;
use http_edge::{TlsClients, TlsFiles};
use std::path::PathBuf;

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct TlsSettings {
    /// The PEM file of the server's certificate chain: serves HTTPS instead of HTTP. Read again when it changes.
    #[arg(long, env = "FLORIN_TLS_CERT_FILE", global = true, value_name = "FILE")]
    pub(crate) tls_cert_file: Option<PathBuf>,
    /// The PEM file of that certificate's key, which others must not be able to read.
    #[arg(long, env = "FLORIN_TLS_KEY_FILE", global = true, value_name = "FILE")]
    pub(crate) tls_key_file: Option<PathBuf>,
    /// The PEM file of a CA: then only clients with a certificate of it can connect.
    #[arg(long, env = "FLORIN_TLS_CLIENT_CA_FILE", global = true, value_name = "FILE")]
    pub(crate) tls_client_ca_file: Option<PathBuf>,
    /// DNS names, separated by commas, one of which a client's certificate must have. Unset: any.
    #[arg(long, env = "FLORIN_TLS_CLIENT_NAMES", global = true, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) tls_client_names: Vec<String>,
}

impl TlsSettings {
    /// The files, if TLS is asked for; settings that are useless without others are refused.
    pub(crate) fn files(&self) -> anyhow::Result<Option<TlsFiles>> {
        let (certificate, key) = match (&self.tls_cert_file, &self.tls_key_file) {
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
            (None, None) if self.tls_client_ca_file.is_none() && self.tls_client_names.is_empty() => return Ok(None),
            (None, None) => bail!(
                "FLORIN_TLS_CLIENT_CA_FILE and FLORIN_TLS_CLIENT_NAMES need FLORIN_TLS_CERT_FILE and FLORIN_TLS_KEY_FILE"
            ),
            _ => bail!("FLORIN_TLS_CERT_FILE and FLORIN_TLS_KEY_FILE go together: set both or none"),
        };
        let names = self.tls_client_names.clone();
        let clients = match &self.tls_client_ca_file {
            Some(ca) => Some(TlsClients { ca: ca.clone(), names }),
            None if names.is_empty() => None,
            None => bail!("FLORIN_TLS_CLIENT_NAMES needs FLORIN_TLS_CLIENT_CA_FILE: without it nobody shows a name"),
        };
        Ok(Some(TlsFiles { certificate, key, clients }))
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls_cert_file.is_some() { "https" } else { "http" }
    }

    /// Each setting with its value.
    pub(crate) fn values(&self) -> [(&'static str, String); 4] {
        let shown = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        [
            ("FLORIN_TLS_CERT_FILE", shown(&self.tls_cert_file)),
            ("FLORIN_TLS_KEY_FILE", shown(&self.tls_key_file)),
            ("FLORIN_TLS_CLIENT_CA_FILE", shown(&self.tls_client_ca_file)),
            ("FLORIN_TLS_CLIENT_NAMES", self.tls_client_names.join(",")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Option<PathBuf> {
        Some(PathBuf::from(name))
    }

    #[test]
    fn without_settings_there_is_no_tls() {
        assert_eq!(TlsSettings::default().files().unwrap(), None);
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let settings = TlsSettings { tls_cert_file: file("a.pem"), ..TlsSettings::default() };
        assert!(settings.files().unwrap_err().to_string().contains("set both or none"));
    }

    #[test]
    fn clients_are_only_asked_for_over_tls() {
        let settings = TlsSettings { tls_client_ca_file: file("ca.pem"), ..TlsSettings::default() };
        assert!(settings.files().unwrap_err().to_string().contains("need FLORIN_TLS_CERT_FILE"));
    }

    #[test]
    fn names_are_only_asked_for_of_certificates() {
        let (tls_cert_file, tls_key_file) = (file("a.pem"), file("a.key"));
        let tls_client_names = vec!["proxy".to_owned()];
        let settings = TlsSettings { tls_cert_file, tls_key_file, tls_client_names, ..TlsSettings::default() };
        assert!(settings.files().unwrap_err().to_string().contains("needs FLORIN_TLS_CLIENT_CA_FILE"));
    }
}
