//! Where people reach a bank: the address of a server or of a proxy in front of it, and how one gets in there.

use crate::stream::Stream;
use crate::{Client, PASSWORD, Trust};
use serde_json::json;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than the server's own limit for a request: it must answer before.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(40);

/// An address, and what is needed there.
#[derive(Clone, Debug)]
pub struct Door {
    address: SocketAddr,
    trust: Option<Trust>,
    source: Option<IpAddr>,
}

impl Door {
    /// With TLS if there is something to trust.
    pub const fn new(address: SocketAddr, trust: Option<Trust>) -> Self {
        Self { address, trust, source: None }
    }

    /// The same address with other certificates, or without TLS.
    #[must_use]
    pub const fn with(&self, trust: Option<Trust>) -> Self {
        Self::new(self.address, trust)
    }

    /// The same for somebody at this address.
    #[must_use]
    pub fn seen_from(&self, source: IpAddr) -> Self {
        Self { source: Some(source), ..self.clone() }
    }

    /// The address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What clients call the other side in `Host`.
    pub(crate) fn authority(&self) -> String {
        match &self.trust {
            Some(trust) => format!("{}:{}", trust.server_name(), self.address.port()),
            None => self.address.to_string(),
        }
    }

    /// Bytes to and fro, with nothing sent yet.
    ///
    /// # Errors
    /// Nobody takes the connection.
    pub fn connect(&self) -> io::Result<TcpStream> {
        let stream = match self.source {
            None => TcpStream::connect_timeout(&self.address, CONNECT_TIMEOUT)?,
            Some(source) => connect_from(source, self.address)?,
        };
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
        Ok(stream)
    }

    pub(crate) fn open(&self) -> io::Result<Stream> {
        let stream = self.connect()?;
        self.trust.as_ref().map_or(Ok(Stream::Plain(stream.try_clone()?)), |trust| trust.shake_hands(stream))
    }

    /// Somebody who is not logged in.
    pub fn anonymous(&self) -> Client {
        Client::new(self.clone(), None)
    }

    /// Somebody with the token of an earlier login.
    pub fn client(&self, token: &str) -> Client {
        Client::new(self.clone(), Some(token.to_owned()))
    }

    /// A new customer.
    ///
    /// # Panics
    /// When the bank refuses.
    #[track_caller]
    pub fn register(&self, username: &str) -> Client {
        let body = json!({ "username": username, "password": PASSWORD });
        let login = self.anonymous().post("/api/auth/register", &body).expect(201);
        self.client(login["accessToken"].as_str().expect("a login has a token"))
    }

    /// Somebody whom the bank knows.
    ///
    /// # Panics
    /// When the bank refuses.
    #[track_caller]
    pub fn log_in(&self, username: &str, password: &str) -> Client {
        let body = json!({ "username": username, "password": password });
        let login = self.anonymous().post("/api/auth/login", &body).expect(200);
        self.client(login["accessToken"].as_str().expect("a login has a token"))
    }
}

/// The standard library does not let one choose.
fn connect_from(source: IpAddr, address: SocketAddr) -> io::Result<TcpStream> {
    let connecting = async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(source, 0))?;
        tokio::time::timeout(CONNECT_TIMEOUT, socket.connect(address)).await?
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stream = runtime.block_on(connecting)?.into_std()?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}
