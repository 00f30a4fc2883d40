//! Calls over HTTP/1.1 to a server that whoever runs the bank has named: one connection, one request, no redirect, in bounded time
//! and size. What strangers name is called by `edges/webhooks`, which judges every address first.

mod authorities;

pub use hyper::body::Bytes;
pub use hyper::header;
pub use hyper::{HeaderMap, Method};

use header::{HOST, HeaderName, HeaderValue, USER_AGENT};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

const HEADERS_MAX: usize = 64;
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Why there can be no calls.
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
    /// The system has no certificates to trust in.
    #[error("this machine has no certificates of authorities: name a file of them")]
    NoAuthorities,
    /// The library refuses what was asked for.
    #[error("TLS cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

/// Why a call had no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// The connection could not be made, or broke.
    #[error("{0}")]
    Connection(String),
    /// It would not end.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// How.
    pub method: Method,
    /// Where.
    pub url: &'a Url,
    /// With what, besides the names of the server and of this program.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What is sent.
    pub body: Bytes,
    /// From the look-up of the name to the last byte of the answer.
    pub timeout: Duration,
    /// So much of an answer is read, and no more.
    pub answer_bytes_max: usize,
}

/// What came back: any status, redirects too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// All that was said.
    pub body: Bytes,
}

/// Makes calls. Cloning shares it.
#[derive(Clone)]
pub struct Client {
    tls: Option<TlsConnector>,
}

impl Client {
    /// For servers that are called over TLS: trusts the authorities in the file, or those of the system.
    ///
    /// # Errors
    /// There are none.
    pub fn open(authorities: Option<&Path>) -> Result<Self, OpenError> {
        let roots = authorities.map_or_else(authorities::of_system, authorities::of_file)?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: Some(TlsConnector::from(Arc::new(config))) })
    }

    /// For servers that are called without TLS.
    pub const fn plain() -> Self {
        Self { tls: None }
    }

    /// One call.
    ///
    /// # Errors
    /// There was no whole answer in time. Whether the server did what it was asked for is not known then.
    pub async fn call(&self, call: Call<'_>) -> Result<Answer, CallError> {
        match tokio::time::timeout(call.timeout, self.call_patiently(&call)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(CallError::Timeout),
        }
    }

    async fn call_patiently(&self, call: &Call<'_>) -> Result<Answer, CallError> {
        let tcp = connect(call.url).await?;
        if call.url.scheme() == "http" {
            return exchange(tcp, call).await;
        }
        let tls = self.tls.as_ref().ok_or_else(|| broken(&"this server is called without TLS only"))?;
        let name = match call.url.host().ok_or_else(|| broken(&"no host"))? {
            Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|error| broken(&error))?,
            Host::Ipv4(address) => ServerName::IpAddress(std::net::IpAddr::from(address).into()),
            Host::Ipv6(address) => ServerName::IpAddress(std::net::IpAddr::from(address).into()),
        };
        exchange(tls.connect(name, tcp).await.map_err(|error| broken(&error))?, call).await
    }
}

async fn connect(url: &Url) -> Result<TcpStream, CallError> {
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
    call: &Call<'_>,
) -> Result<Answer, CallError> {
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_headers(HEADERS_MAX).max_buf_size(BUFFER_BYTES_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
    let mut request = Request::builder()
        .method(&call.method)
        .uri(&call.url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &call.url[Position::BeforeHost..Position::AfterPort])
        .header(USER_AGENT, "florin")
        .body(Full::new(call.body.clone()))
        .map_err(|error| broken(&error))?;
    request.headers_mut().extend(call.headers.iter().cloned());
    let receiving = async {
        let reply = sender.send_request(request).await.map_err(|error| broken(&error))?;
        let (head, body) = reply.into_parts();
        let body = Limited::new(body, call.answer_bytes_max).collect().await;
        let body = body.map_err(|error| match error.is::<http_body_util::LengthLimitError>() {
            true => CallError::TooLarge(call.answer_bytes_max),
            false => broken(&error),
        })?;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
    };
    // The connection ends with this function, wherever it stands.
    tokio::select! {
        outcome = receiving => outcome,
        ended = async { drop(connection.await); std::future::pending::<CallError>().await } => Err(ended),
    }
}

fn broken(cause: &impl ToString) -> CallError {
    CallError::Connection(cause.to_string())
}
