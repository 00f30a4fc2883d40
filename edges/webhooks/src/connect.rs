//! A connection to one of the addresses that were judged, and to none besides; over TLS for the name, if the URL says so.

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use webhooks::{Failure, Target};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Of many addresses so many are tried in one call.
const ADDRESSES_TRIED: usize = 3;

/// Why no calls can be made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file of certificates is not usable.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The library refuses what was asked for.
    #[error("TLS cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

/// What is read from and written to.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

pub(crate) struct Connector(TlsConnector);

impl Connector {
    /// Without authorities no server over TLS is trusted.
    pub(crate) fn open(authorities: Option<&Path>) -> Result<Self, OpenError> {
        let roots = authorities.map_or_else(|| Ok(of_system()), of_file)?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    pub(crate) async fn connect(&self, target: &Target, judged: &[SocketAddr]) -> Result<Box<dyn Wire>, Failure> {
        let tcp = connect(judged).await?;
        // What is sent is small and sent at once.
        drop(tcp.set_nodelay(true));
        if !target.is_encrypted() {
            return Ok(Box::new(tcp));
        }
        let name = match target.literal() {
            Some(address) => ServerName::IpAddress(address.into()),
            None => ServerName::try_from(target.name().to_owned()).map_err(|_| Failure::Target)?,
        };
        let tls = self.0.connect(name, tcp).await.map_err(|_| Failure::Tls)?;
        Ok(Box::new(tls))
    }
}

async fn connect(judged: &[SocketAddr]) -> Result<TcpStream, Failure> {
    for address in judged.iter().take(ADDRESSES_TRIED) {
        if let Ok(Ok(tcp)) = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            return Ok(tcp);
        }
    }
    Err(Failure::Connection)
}

fn of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn of_file(path: &Path) -> Result<RootCertStore, OpenError> {
    let unusable = |cause: String| OpenError::File { path: path.to_owned(), cause };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() { Err(unusable("there is no certificate in it".to_owned())) } else { Ok(roots) }
}
