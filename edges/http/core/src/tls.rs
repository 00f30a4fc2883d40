//! TLS 1.2 and 1.3 for the listener: certificates from files, read again while the server runs; clients that have to
//! show a certificate too; handshakes bounded in number and patience. Who calls a route is not decided here.

mod clients;
mod files;

use clients::NamedClients;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) const HANDSHAKES_TOTAL: &str = "florin_tls_handshakes_total";

/// From the first byte to the last of a handshake, with the wait for its turn.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Beyond that new connections wait for their turn. Each costs signatures and some tens of kilobytes.
const HANDSHAKES_MAX: usize = 1_024;
/// No protocol but ours: HTTP/2 is a proxy's matter.
const PROTOCOL: &[u8] = b"http/1.1";

/// Where the certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM: the server's certificate, then those between it and its CA.
    pub certificate: PathBuf,
    /// PEM: the certificate's key, private to this user, or at most readable to its group.
    pub key: PathBuf,
    /// Whom to let in; without it everybody.
    pub clients: Option<TlsClients>,
}

/// Clients that have to show a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsClients {
    /// PEM: the CA whose certificates are accepted.
    pub ca: PathBuf,
    /// DNS names, one of which the certificate must have; empty: any.
    pub names: Vec<String>,
}

/// Why there can be no TLS with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        cause: io::Error,
    },
    /// The two do not belong together.
    #[error("{} is not the key of the certificate {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key of something else.
        key: PathBuf,
    },
    /// No certificate can have such a name.
    #[error("{0:?} is not a DNS name")]
    Name(String),
    /// The files were read, and the library refuses what is in them.
    #[error("the certificate or its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// What came of reading the files again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// They say what they said before.
    Unchanged,
    /// New handshakes use the new certificates; connections that are open go on.
    Done,
}

/// The server's side of TLS.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    current: Mutex<Current>,
    turns: Semaphore,
}

#[derive(Debug)]
struct Current {
    config: Arc<ServerConfig>,
    /// Of the files' content, to notice a change. It guards nothing.
    fingerprint: u64,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// One is missing, too open, no PEM, or does not fit the others.
    pub fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let contents = files.read()?;
        let current = Current { config: contents.config(&files)?, fingerprint: contents.fingerprint() };
        Ok(Self { files, current: Mutex::new(current), turns: Semaphore::new(HANDSHAKES_MAX) })
    }

    /// Reads the files again; it blocks for as long as the disk takes.
    ///
    /// # Errors
    /// As [`Tls::open`]; then what was there before stays in use.
    pub fn reload(&self) -> Result<Reload, TlsError> {
        let contents = self.files.read()?;
        let fingerprint = contents.fingerprint();
        if self.current().fingerprint == fingerprint {
            return Ok(Reload::Unchanged);
        }
        let config = contents.config(&self.files)?;
        // The new configuration starts without sessions to resume: all clients show their certificates again.
        *self.current() = Current { config, fingerprint };
        Ok(Reload::Done)
    }

    /// Shakes hands; nothing if that fails, which is counted.
    pub async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let handshake = async {
            let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
            let config = Arc::clone(&self.current().config);
            TlsAcceptor::from(config).accept(stream).await
        };
        let (outcome, accepted) = match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
            Ok(Ok(accepted)) => ("done", Some(accepted)),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                (if is_refusal(&error) { "refused" } else { "failed" }, None)
            }
            Err(_) => {
                tracing::debug!("a TLS handshake took too long");
                ("timed_out", None)
            }
        };
        metrics::counter!(HANDSHAKES_TOTAL, "outcome" => outcome).increment(1);
        accepted
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of the files at one moment.
#[derive(Hash)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl TlsFiles {
    fn read(&self) -> Result<Contents, TlsError> {
        Ok(Contents {
            certificate: files::read(&self.certificate)?,
            key: files::read_private(&self.key)?,
            client_ca: self.clients.as_ref().map(|clients| files::read(&clients.ca)).transpose()?,
        })
    }
}

impl Contents {
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    fn config(&self, files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
        let chain = files::certificates(&files.certificate, &self.certificate)?;
        let key = files::key(&files.key, &self.key)?;
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(self.verifier(files.clients.as_ref(), &provider)?)
            .with_single_cert(chain, key)
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    TlsError::Mismatch { certificate: files.certificate.clone(), key: files.key.clone() }
                }
                other => other.into(),
            })?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Arc::new(config))
    }

    fn verifier(
        &self,
        clients: Option<&TlsClients>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        let (Some(clients), Some(ca)) = (clients, &self.client_ca) else {
            return Ok(WebPkiClientVerifier::no_client_auth());
        };
        let unusable = |cause: String| TlsError::File { path: clients.ca.clone(), cause: io::Error::other(cause) };
        let mut roots = RootCertStore::empty();
        for certificate in files::certificates(&clients.ca, ca)? {
            roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        if clients.names.is_empty() { Ok(verifier) } else { Ok(Arc::new(NamedClients::new(verifier, &clients.names)?)) }
    }
}

/// Whether it was the client's certificate that did not please, or its lack.
fn is_refusal(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    matches!(cause, Some(rustls::Error::NoCertificatesPresented | rustls::Error::InvalidCertificate(_)))
}
