//! An instance that takes requests and dies with each of them: the worst moment for whoever stands in front.

use crate::Certificates;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

const READ_TIME_MAX: Duration = Duration::from_secs(5);
const HEAD_LINES_MAX: usize = 64;

/// It listens until the story ends.
#[derive(Debug)]
pub struct Mute {
    address: SocketAddr,
    taken: Receiver<String>,
}

impl Mute {
    /// With the server's certificate.
    ///
    /// # Panics
    /// When there is no port or no certificate for it.
    pub fn start(certificates: &Certificates) -> Self {
        let chain = vec![CertificateDer::from_pem_file(certificates.file("server.pem")).expect("it was made")];
        let key = PrivateKeyDer::from_pem_file(certificates.file("server.key")).expect("it was made");
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows the usual versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the key is that of the certificate");
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (sender, taken) = channel();
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, sender) = (Arc::clone(&config), sender.clone());
                std::thread::spawn(move || take(stream, config, &sender));
            }
        });
        Self { address, taken }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The first lines of the requests that it took since it was last asked.
    pub fn taken(&self) -> Vec<String> {
        self.taken.try_iter().collect()
    }
}

/// Reads the head of one request, and is gone.
fn take(stream: TcpStream, config: Arc<ServerConfig>, taken: &Sender<String>) {
    drop(stream.set_read_timeout(Some(READ_TIME_MAX)));
    let Ok(connection) = ServerConnection::new(config) else { return };
    let mut lines = BufReader::new(StreamOwned::new(connection, stream)).lines().map_while(Result::ok);
    let head: Vec<String> = lines.by_ref().take(HEAD_LINES_MAX).take_while(|line| !line.is_empty()).collect();
    // Before the connection ends: the story may ask as soon as its own request has failed.
    if let Some(first) = head.into_iter().next() {
        drop(taken.send(first));
    }
    drop(lines);
}
