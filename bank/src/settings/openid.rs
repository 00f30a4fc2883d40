//! The trusted issuer as it is asked for: the settings that go together.

use super::Mode;
use anyhow::{Context as _, bail, ensure};
use openid_edge::{IssuerClient, IssuerUrl, Plain};
use programs::{TrustedIssuer, UnknownSubjects};
use std::path::PathBuf;

const AUDIENCE_BYTES_MAX: usize = 1024;

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct OpenidSettings {
    /// An OpenID issuer whose access tokens open the API too: its name to the letter, such as https://login.example. Unset:
    /// only the bank itself issues tokens.
    #[arg(long, env = "FLORIN_OIDC_ISSUER", global = true, value_name = "URL")]
    pub(crate) oidc_issuer: Option<String>,
    /// What that issuer's tokens must have in `aud`: how the bank is called there.
    #[arg(long, env = "FLORIN_OIDC_AUDIENCE", global = true, value_name = "NAME")]
    pub(crate) oidc_audience: Option<String>,
    /// How somebody of that issuer is met whom nobody has linked to a user. Unset: refuse.
    #[arg(long, env = "FLORIN_OIDC_UNKNOWN", global = true)]
    pub(crate) oidc_unknown: Option<Unknown>,
    /// The PEM file of the authorities that may vouch for the issuer's server. Unset: those of the system.
    #[arg(long, env = "FLORIN_OIDC_CA_FILE", global = true, value_name = "FILE")]
    pub(crate) oidc_ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Unknown {
    Refuse,
    Register,
}

/// A trusted issuer, and where its keys come from.
#[derive(Clone, Debug)]
pub(crate) struct Openid {
    url: IssuerUrl,
    pub(crate) trusted: TrustedIssuer,
    ca_file: Option<PathBuf>,
}

impl OpenidSettings {
    /// The issuer, if one is asked for; settings that are useless without others are refused.
    pub(crate) fn checked(&self, mode: Mode, public_url: Option<&str>) -> anyhow::Result<Option<Openid>> {
        let (issuer, audience) = match (given(&self.oidc_issuer), given(&self.oidc_audience)) {
            (Some(issuer), Some(audience)) => (issuer, audience),
            (None, None) if self.oidc_unknown.is_none() && self.oidc_ca_file.is_none() => return Ok(None),
            (None, None) => bail!("FLORIN_OIDC_UNKNOWN and FLORIN_OIDC_CA_FILE need FLORIN_OIDC_ISSUER"),
            _ => bail!("FLORIN_OIDC_ISSUER and FLORIN_OIDC_AUDIENCE go together: set both or none"),
        };
        let plain = match mode {
            Mode::Sandbox => Plain::OnThisMachine,
            Mode::Production => Plain::Never,
        };
        let url = IssuerUrl::parse(issuer, plain).context("FLORIN_OIDC_ISSUER")?;
        let is_plain_text = audience.bytes().all(|byte| byte.is_ascii_graphic());
        ensure!(
            is_plain_text && audience.len() <= AUDIENCE_BYTES_MAX,
            "FLORIN_OIDC_AUDIENCE must be 1 to {AUDIENCE_BYTES_MAX} visible ASCII characters"
        );
        ensure!(
            url.is_encrypted() || self.oidc_ca_file.is_none(),
            "FLORIN_OIDC_CA_FILE needs an issuer that begins with https://"
        );
        let unknown = match self.oidc_unknown {
            None | Some(Unknown::Refuse) => UnknownSubjects::Refuse,
            Some(Unknown::Register) => UnknownSubjects::Register,
        };
        let trusted = TrustedIssuer { issuer: issuer.to_owned(), audience: audience.to_owned(), unknown };
        let openid = Openid { url, trusted, ca_file: self.oidc_ca_file.clone() };
        public_url.map_or(Ok(()), |url| openid.require_another(url))?;
        Ok(Some(openid))
    }

    /// Each setting with its value.
    pub(crate) fn values(&self, word: fn(Unknown) -> String) -> [(&'static str, String); 4] {
        let unknown = self.oidc_unknown.or_else(|| self.oidc_issuer.as_ref().map(|_| Unknown::Refuse));
        let ca_file = self.oidc_ca_file.as_ref().map(|file| file.display().to_string());
        [
            ("FLORIN_OIDC_ISSUER", self.oidc_issuer.clone().unwrap_or_default()),
            ("FLORIN_OIDC_AUDIENCE", self.oidc_audience.clone().unwrap_or_default()),
            ("FLORIN_OIDC_UNKNOWN", unknown.map(word).unwrap_or_default()),
            ("FLORIN_OIDC_CA_FILE", ca_file.unwrap_or_default()),
        ]
    }
}

impl Openid {
    /// The way to the issuer's keys.
    pub(crate) fn client(&self) -> anyhow::Result<IssuerClient> {
        IssuerClient::open(self.url.clone(), self.ca_file.as_deref()).context("FLORIN_OIDC_CA_FILE")
    }

    /// Refuses an issuer that is the bank: whose tokens are whose could not be told any more.
    pub(crate) fn require_another(&self, public_url: &str) -> anyhow::Result<()> {
        let is_bank = self.trusted.issuer.trim_end_matches('/') == public_url;
        ensure!(!is_bank, "FLORIN_OIDC_ISSUER is the bank itself: its own tokens need no setting");
        Ok(())
    }
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://login.example/realms/people";
    const LOCAL: &str = "http://127.0.0.1:9000";

    fn settings(issuer: Option<&str>, audience: Option<&str>) -> OpenidSettings {
        let own = |text: Option<&str>| text.map(ToOwned::to_owned);
        OpenidSettings { oidc_issuer: own(issuer), oidc_audience: own(audience), ..OpenidSettings::default() }
    }

    fn refusal(settings: &OpenidSettings, mode: Mode) -> String {
        format!("{:#}", settings.checked(mode, Some("https://bank.example")).unwrap_err())
    }

    #[test]
    fn an_issuer_and_an_audience_are_enough() {
        assert!(settings(None, None).checked(Mode::Production, None).unwrap().is_none());
        assert!(settings(Some(""), Some("")).checked(Mode::Production, None).unwrap().is_none());
        let openid = settings(Some(ISSUER), Some("florin")).checked(Mode::Production, None).unwrap().unwrap();
        let unknown = UnknownSubjects::Refuse;
        assert_eq!(openid.trusted, TrustedIssuer { issuer: ISSUER.to_owned(), audience: "florin".to_owned(), unknown });
        assert!(settings(Some(LOCAL), Some("florin")).checked(Mode::Sandbox, None).unwrap().is_some());
    }

    #[test]
    fn half_of_it_and_what_is_unsafe_is_refused() {
        let sandbox = Mode::Sandbox;
        for half in [settings(Some(ISSUER), None), settings(None, Some("florin"))] {
            assert!(refusal(&half, sandbox).contains("set both or none"));
        }
        let alone = OpenidSettings { oidc_unknown: Some(Unknown::Register), ..OpenidSettings::default() };
        assert!(refusal(&alone, sandbox).contains("need FLORIN_OIDC_ISSUER"));
        assert!(refusal(&settings(Some(LOCAL), Some("florin")), Mode::Production).contains("begin with https://"));
        assert!(refusal(&settings(Some("http://login.example"), Some("x")), sandbox).contains("begin with https://"));
        assert!(refusal(&settings(Some("login.example"), Some("x")), sandbox).contains("FLORIN_OIDC_ISSUER"));
        assert!(refusal(&settings(Some("https://bank.example"), Some("x")), sandbox).contains("the bank itself"));
        assert!(refusal(&settings(Some("https://bank.example/"), Some("x")), sandbox).contains("the bank itself"));
        assert!(refusal(&settings(Some(ISSUER), Some("a b")), sandbox).contains("FLORIN_OIDC_AUDIENCE"));
        let ca_file = Some(PathBuf::from("ca.pem"));
        let useless = OpenidSettings { oidc_ca_file: ca_file, ..settings(Some(LOCAL), Some("florin")) };
        assert!(refusal(&useless, sandbox).contains("FLORIN_OIDC_CA_FILE needs"));
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let ca_file = Some(PathBuf::from("/nonexistent/ca.pem"));
        let settings = OpenidSettings { oidc_ca_file: ca_file, ..settings(Some(ISSUER), Some("florin")) };
        let openid = settings.checked(Mode::Sandbox, None).unwrap().unwrap();
        let error = format!("{:#}", openid.client().err().unwrap());
        assert!(error.contains("FLORIN_OIDC_CA_FILE: /nonexistent/ca.pem"), "{error}");
    }
}
