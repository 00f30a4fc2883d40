//! One kept-alive HTTP/1.1 connection: writes request bytes as they are, reads the status and a body of known length.
//! No TLS, redirects, compression or chunked bodies: the server under test sends none of them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const REPLY_BYTES_START: usize = 16 * 1024;
const REPLY_BYTES_MAX: usize = 16 * 1024 * 1024;
const HEAD_BYTES_MAX: usize = 16 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    host: String,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let host = url.strip_prefix("http://").ok_or("the address must start with http://")?;
        let host = host.strip_suffix('/').unwrap_or(host);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
        if host.is_empty() || !host.bytes().all(plain) {
            return Err("the address must be http://HOST:PORT".to_owned());
        }
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        Ok(Self { host: if has_port { host.to_owned() } else { format!("{host}:80") } })
    }
}

impl fmt::Display for Target {
    /// Host and port, as the `Host` header wants them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.host)
    }
}

/// What the server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reply<'a> {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, all of it.
    pub(crate) body: &'a [u8],
}

impl Reply<'_> {
    /// The beginning of the body, for people.
    pub(crate) fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.body[..self.body.len().min(600)]).into_owned()
    }
}

/// A connection that sends one request at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    closing: bool,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(target: &Target) -> std::io::Result<Self> {
        let connected = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(&target.host)).await;
        let stream = connected.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; REPLY_BYTES_START], closing: false })
    }

    /// Whether the server said that it takes no more requests here.
    pub(crate) const fn is_closing(&self) -> bool {
        self.closing
    }

    /// Sends a request and waits for the whole reply. After an error the connection is of no more use.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> std::io::Result<Reply<'_>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let mut head: Option<Head> = None;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            if head.is_none() {
                head = parse_head(&self.buffer[..filled]).map_err(std::io::Error::other)?;
            }
            let Some(head) = &head else { continue };
            let end = head.bytes + head.body_bytes;
            if filled > end {
                return Err(std::io::Error::other("more bytes than one reply"));
            }
            if filled == end {
                self.closing = head.closing;
                return Ok(Reply { status: head.status, body: &self.buffer[head.bytes..end] });
            }
            if self.buffer.len() < end {
                self.buffer.resize(end, 0);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
    closing: bool,
}

/// Reads the status line and the headers, if all of them have arrived.
fn parse_head(received: &[u8]) -> Result<Option<Head>, &'static str> {
    let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if received.len() < HEAD_BYTES_MAX { Ok(None) } else { Err("the headers are too long") };
    };
    let mut lines = received[..end].split(|byte| *byte == b'\n');
    let status = lines.next().and_then(parse_status).ok_or("no HTTP/1.1 status line")?;
    let mut head = Head { status, bytes: end + 4, body_bytes: 0, closing: false };
    let mut length_known = matches!(status, 204 | 304);
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return Err("a header without a colon") };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            head.body_bytes =
                parse_number(value).filter(|bytes| *bytes <= REPLY_BYTES_MAX).ok_or("bad Content-Length")?;
            length_known = true;
        } else if name.eq_ignore_ascii_case(b"connection") {
            head.closing = value.eq_ignore_ascii_case(b"close");
        }
    }
    if length_known { Ok(Some(head)) } else { Err("a reply without Content-Length") }
}

fn parse_status(line: &[u8]) -> Option<u16> {
    let code = line.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    u16::try_from(parse_number(code)?).ok().filter(|status| *status >= 200)
}

fn parse_number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn addresses_are_read() {
        assert_eq!("http://127.0.0.1:8080/".parse::<Target>().unwrap().to_string(), "127.0.0.1:8080");
        assert_eq!("http://localhost".parse::<Target>().unwrap().to_string(), "localhost:80");
        assert!("https://localhost".parse::<Target>().is_err());
        assert!("http://localhost/path".parse::<Target>().is_err());
    }

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let text = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        let head = Head { status: 201, bytes: text.len() - 5, body_bytes: 5, closing: true };
        assert_eq!(parse_head(text), Ok(Some(head)));
        assert_eq!(parse_head(&text[..30]), Ok(None));
    }

    #[test]
    fn replies_that_cannot_be_bounded_are_refused() {
        assert!(parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(parse_head(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n").is_err());
        assert!(parse_head(b"HTTP/1.1 100 Continue\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(parse_head(b"SSH-2.0-OpenSSH\r\n\r\n").is_err());
        assert!(parse_head(&vec![b'x'; HEAD_BYTES_MAX]).is_err());
        assert_eq!(parse_head(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap().unwrap().body_bytes, 0);
    }

    #[tokio::test]
    async fn a_reply_in_pieces_is_put_together() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target: Target = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let body = "x".repeat(3 * REPLY_BYTES_START);
        let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 64];
            for _ in 0..2 {
                assert_eq!(stream.read(&mut request).await.unwrap(), 4);
                for piece in reply.as_bytes().chunks(reply.len() / 7) {
                    stream.write_all(piece).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
        });
        let mut connection = Connection::open(&target).await.unwrap();
        for _ in 0..2 {
            let reply = connection.exchange(b"GET\n").await.unwrap();
            assert_eq!((reply.status, reply.body), (200, body.as_bytes()));
        }
        server.await.unwrap();
        assert!(connection.exchange(b"GET\n").await.is_err());
    }
}
