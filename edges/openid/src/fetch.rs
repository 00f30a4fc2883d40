//! One document over HTTP/1.1: one connection, one request, no redirect, in bounded time and size.

use crate::{FetchError, IssuerUrl, OpenError};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

/// From the look-up of the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
const HEADERS_MAX: usize = 64;
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Fetches documents, over TLS if it is there.
pub(crate) struct Fetcher {
    tls: Option<TlsConnector>,
}

impl Fetcher {
    pub(crate) fn open(issuer: &IssuerUrl, authorities: Option<&Path>) -> Result<Self, OpenError> {
        if !issuer.is_encrypted() && authorities.is_none() {
            return Ok(Self { tls: None });
        }
        let roots = authorities.map_or_else(of_system, of_file)?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: Some(TlsConnector::from(Arc::new(config))) })
    }

    pub(crate) async fn get(&self, url: &Url, bytes_max: usize) -> Result<String, FetchError> {
        match tokio::time::timeout(TIMEOUT, self.get_patiently(url, bytes_max)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(FetchError::Timeout),
        }
    }

    async fn get_patiently(&self, url: &Url, bytes_max: usize) -> Result<String, FetchError> {
        let tcp = connect(url).await?;
        if url.scheme() == "http" {
            return exchange(tcp, url, bytes_max).await;
        }
        let tls = self.tls.as_ref().ok_or_else(|| broken(&"the issuer is asked without TLS, and its keys with"))?;
        let name = match url.host().ok_or_else(|| broken(&"no host"))? {
            Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|error| broken(&error))?,
            Host::Ipv4(address) => ServerName::IpAddress(std::net::IpAddr::from(address).into()),
            Host::Ipv6(address) => ServerName::IpAddress(std::net::IpAddr::from(address).into()),
        };
        exchange(tls.connect(name, tcp).await.map_err(|error| broken(&error))?, url, bytes_max).await
    }
}

async fn connect(url: &Url) -> Result<TcpStream, FetchError> {
    let port = url.port_or_known_default().ok_or_else(|| broken(&"no port"))?;
    let connected = match url.host().ok_or_else(|| broken(&"no host"))? {
        Host::Domain(name) => TcpStream::connect((name, port)).await,
        Host::Ipv4(address) => TcpStream::connect((address, port)).await,
        Host::Ipv6(address) => TcpStream::connect((address, port)).await,
    };
    connected.map_err(|error| broken(&error))
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    url: &Url,
    bytes_max: usize,
) -> Result<String, FetchError> {
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_headers(HEADERS_MAX).max_buf_size(BUFFER_BYTES_MAX);
    let handshake = builder.handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| broken(&error))?;
    let request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, "florin")
        .body(Empty::<Bytes>::new())
        .map_err(|error| broken(&error))?;
    let receiving = async {
        let reply = sender.send_request(request).await.map_err(|error| broken(&error))?;
        if reply.status() != StatusCode::OK {
            return Err(FetchError::Status(reply.status().as_u16()));
        }
        let body = Limited::new(reply.into_body(), bytes_max).collect().await;
        let body = body.map_err(|error| match error.is::<http_body_util::LengthLimitError>() {
            true => FetchError::TooLarge(bytes_max),
            false => broken(&error),
        })?;
        String::from_utf8(body.to_bytes().into()).map_err(|_| FetchError::Document("is not UTF-8".to_owned()))
    };
    // The connection ends with this function, wherever it stands.
    tokio::select! {
        outcome = receiving => outcome,
        ended = async { drop(connection.await); std::future::pending::<FetchError>().await } => Err(ended),
    }
}

fn of_system() -> Result<RootCertStore, OpenError> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 { Err(OpenError::NoAuthorities) } else { Ok(roots) }
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

fn broken(cause: &impl ToString) -> FetchError {
    FetchError::Connection(cause.to_string())
}
