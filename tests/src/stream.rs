//! A client's connection: plain, or TLS with what it trusts and shows.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

/// Whom a client trusts, whom it expects, and what it shows itself.
#[derive(Clone, Debug)]
pub struct Trust {
    config: Arc<ClientConfig>,
    server_name: &'static str,
}

/// A certificate to show, and its key.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The certificate's PEM file.
    pub certificate: &'a Path,
    /// The key's PEM file.
    pub key: &'a Path,
}

impl Trust {
    /// In the certificates of a CA.
    ///
    /// # Panics
    /// When a file is not what it should be.
    pub fn new(ca: &Path, shown: Option<Shown<'_>>) -> Self {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(ca).expect("the CA's file is PEM");
        roots.add(ca).expect("a CA can be trusted");
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows the usual versions")
            .with_root_certificates(roots);
        let config = match shown {
            None => config.with_no_client_auth(),
            Some(Shown { certificate, key }) => {
                let chain = CertificateDer::pem_file_iter(certificate).expect("the certificate can be read");
                let chain = chain.collect::<Result<_, _>>().expect("the certificate is PEM");
                let key = PrivateKeyDer::from_pem_file(key).expect("the key is PEM");
                config.with_client_auth_cert(chain, key).expect("the key is that of the certificate")
            }
        };
        Self { config: Arc::new(config), server_name: "localhost" }
    }

    /// The same, for a server of another name.
    #[must_use]
    pub fn expecting(mut self, server_name: &'static str) -> Self {
        self.server_name = server_name;
        self
    }

    pub(crate) const fn server_name(&self) -> &'static str {
        self.server_name
    }

    /// Nothing is sent before the first request is.
    pub(crate) fn shake_hands(&self, stream: TcpStream) -> io::Result<Stream> {
        let name = ServerName::try_from(self.server_name).map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::clone(&self.config), name).map_err(io::Error::other)?;
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, stream))))
    }
}

#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
