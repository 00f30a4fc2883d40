//! TLS to PostgreSQL, in the words of libpq: `sslmode` and `sslrootcert` of the database URL.
//! What the URL asks for is done or refused, never left out.

use crate::{DbError, Result};
use deadpool_postgres::{Manager, ManagerConfig};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// PostgreSQL 17 and newer want to hear it when TLS comes first (`sslnegotiation=direct`).
const PROTOCOL: &[u8] = b"postgresql";

/// What a database URL says about TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    mode: Option<Mode>,
    root_certificate: Option<PathBuf>,
}

/// Each as libpq means it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// How a server's certificate is looked at.
#[derive(Debug, PartialEq, Eq)]
enum Check {
    /// Any will do: nobody can listen, but somebody could pose as the server.
    Nothing,
    /// It must be of the CA in the file.
    Ca(PathBuf),
    /// And for the server's name.
    CaAndName(PathBuf),
}

impl Asked {
    /// Takes these words out of the URL: the driver knows only some of them.
    pub(super) fn of(url: &str) -> Result<(Self, String)> {
        let mut asked = Self::default();
        let Some((address, query)) = url.split_once('?') else { return Ok((asked, url.to_owned())) };
        let mut others = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", word)) => asked.mode = Some(Mode::parse(word)?),
                Some(("sslrootcert", path)) => {
                    let path = percent_encoding::percent_decode_str(path).decode_utf8();
                    let path = path.map_err(|_| refused("sslrootcert is not UTF-8"))?;
                    asked.root_certificate = Some(PathBuf::from(path.into_owned()));
                }
                _ => others.push(pair),
            }
        }
        Ok((asked, format!("{address}?{}", others.join("&"))))
    }

    /// Where connections are made, over TLS or not.
    pub(super) fn manager(self, mut config: Config, how: ManagerConfig) -> Result<Manager> {
        let (mode, check) = self.decide(&config)?;
        if mode != SslMode::Require && config.get_ssl_negotiation() == SslNegotiation::Direct {
            return Err(refused("sslnegotiation=direct needs sslmode=verify-full, verify-ca or require"));
        }
        config.ssl_mode(mode);
        if mode == SslMode::Disable {
            return Ok(Manager::from_config(config, NoTls, how));
        }
        Ok(Manager::from_config(config, MakeRustlsConnect::new(check.into_client()?), how))
    }

    fn decide(self, config: &Config) -> Result<(SslMode, Check)> {
        match (self.mode, self.root_certificate) {
            (None, None) if is_on_this_machine(config) => Ok((SslMode::Disable, Check::Nothing)),
            (Some(Mode::Disable), None) => Ok((SslMode::Disable, Check::Nothing)),
            (None | Some(Mode::Prefer), None) => Ok((SslMode::Prefer, Check::Nothing)),
            (Some(Mode::Require), None) => Ok((SslMode::Require, Check::Nothing)),
            (Some(Mode::Require | Mode::VerifyCa), Some(file)) => Ok((SslMode::Require, Check::Ca(file))),
            (Some(Mode::VerifyFull), Some(file)) => Ok((SslMode::Require, Check::CaAndName(file))),
            (Some(Mode::VerifyCa | Mode::VerifyFull), None) => {
                Err(refused("this sslmode needs sslrootcert, the file of the server's CA"))
            }
            (None | Some(Mode::Disable | Mode::Prefer), Some(_)) => {
                Err(refused("sslrootcert needs sslmode=verify-full, verify-ca or require"))
            }
        }
    }
}

impl Mode {
    fn parse(word: &str) -> Result<Self> {
        match word {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            _ => Err(refused("sslmode must be disable, prefer, require, verify-ca or verify-full")),
        }
    }
}

impl Check {
    fn into_client(self) -> Result<ClientConfig> {
        let provider = Arc::new(ring::default_provider());
        let algorithms = Arc::clone(&provider);
        let verifier: Arc<dyn ServerCertVerifier> = match self {
            Self::Nothing => Arc::new(NameUnchecked { ca: None, provider: algorithms }),
            Self::Ca(file) => Arc::new(NameUnchecked { ca: Some(ca(file, &provider)?), provider: algorithms }),
            Self::CaAndName(file) => ca(file, &provider)?,
        };
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(&error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        client.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(client)
    }
}

fn ca(file: PathBuf, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let unusable = |cause: String| refused(&format!("sslrootcert {}: {cause}", file.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file).map_err(|error| unusable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| unusable(error.to_string()))
}

/// Nobody else's wire is between the bank and a database that it reaches so.
fn is_on_this_machine(config: &Config) -> bool {
    let is_local = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        Host::Unix(_) => true,
    };
    // `hostaddr` says where to connect, and `host` is a mere name then.
    let addresses = config.get_hostaddrs();
    match addresses {
        [] => config.get_hosts().iter().all(is_local),
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

/// In one line, without the URL: it may hold a password.
pub(super) fn refused(why: &str) -> DbError {
    DbError::Configuration(format!("the database URL is not valid: {why}"))
}

/// Looks at the certificate's CA, if there is one to compare with, and never at its names.
#[derive(Debug)]
struct NameUnchecked {
    ca: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for NameUnchecked {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, TlsError> {
        let Some(ca) = &self.ca else { return Ok(ServerCertVerified::assertion()) };
        match ca.verify_server_cert(end_entity, intermediates, name, ocsp_response, now) {
            // The names come last: everything else was in order.
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(url: &str) -> Result<(SslMode, Check)> {
        let (asked, rest) = Asked::of(url)?;
        asked.decide(&rest.parse().unwrap())
    }

    fn refusal(url: &str) -> String {
        decided(url).unwrap_err().to_string()
    }

    #[test]
    fn a_database_on_this_machine_is_reached_without_tls_unless_asked() {
        for url in ["postgres://127.0.0.1/florin", "postgres://localhost/florin?", "postgres://[::1]/florin?user=ann"] {
            assert_eq!(decided(url), Ok((SslMode::Disable, Check::Nothing)), "{url}");
        }
        let url = "postgres://127.0.0.1/florin?sslmode=require";
        assert_eq!(decided(url), Ok((SslMode::Require, Check::Nothing)));
    }

    #[test]
    fn a_database_elsewhere_is_reached_over_tls_if_it_has_it() {
        for url in ["postgres://db/florin", "postgres://10.0.0.7/florin", "postgres://localhost,db/florin"] {
            assert_eq!(decided(url), Ok((SslMode::Prefer, Check::Nothing)), "{url}");
        }
        assert_eq!(decided("postgres://db/florin?sslmode=disable"), Ok((SslMode::Disable, Check::Nothing)));
    }

    #[test]
    fn a_ca_is_compared_with() {
        let ca = PathBuf::from("/etc/my ca.pem");
        for (word, check) in [
            ("verify-full", Check::CaAndName(ca.clone())),
            ("verify-ca", Check::Ca(ca.clone())),
            ("require", Check::Ca(ca)),
        ] {
            let url = format!("postgres://db/florin?sslmode={word}&sslrootcert=/etc/my%20ca.pem&connect_timeout=3");
            assert_eq!(decided(&url), Ok((SslMode::Require, check)));
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        assert!(refusal("postgres://db/florin?sslmode=verify-full").contains("needs sslrootcert"));
        assert!(refusal("postgres://db/florin?sslmode=allow").contains("sslmode must be"));
        assert!(refusal("postgres://db/florin?sslrootcert=ca.pem").contains("needs sslmode"));
        assert!(refusal("postgres://db/florin?sslmode=prefer&sslrootcert=ca.pem").contains("needs sslmode"));
        let error = Check::CaAndName(PathBuf::from("/absent/ca.pem")).into_client().unwrap_err();
        assert!(error.to_string().contains("sslrootcert /absent/ca.pem"), "{error}");
    }
}
