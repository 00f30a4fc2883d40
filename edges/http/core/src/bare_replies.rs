//! Replies that the HTTP library writes by itself, to what it cannot even read as a request: a bare status. On their way
//! out they are replaced by the envelope in which every failure travels.

use crate::ErrorCode;
use crate::problem::Problem;
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::security_headers;
use axum::http::{HeaderMap, HeaderValue, header};
use clock::Clocks;
use db::WallTime;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How all of them begin.
const BEGINNING: &[u8] = b"HTTP/1.1 4";
/// A few lines; the replies of the bank are longer.
const BARE_BYTES_MAX: usize = 256;

/// A connection whose bare replies are replaced.
pub(crate) struct Enveloping<S> {
    inner: S,
    public_url: Arc<str>,
    clocks: Clocks,
    /// What stands in the place of a bare reply, as far as it is not written yet.
    envelope: Vec<u8>,
    has_refused: bool,
}

impl<S> Enveloping<S> {
    pub(crate) const fn new(inner: S, public_url: Arc<str>, clocks: Clocks) -> Self {
        Self { inner, public_url, clocks, envelope: Vec::new(), has_refused: false }
    }

    /// Whether there was something that could not be read as a request.
    pub(crate) const fn has_refused(&self) -> bool {
        self.has_refused
    }
}

impl<S: AsyncWrite + Unpin> Enveloping<S> {
    /// Writes what is left of an envelope. It comes last: nothing follows a request that could not be read.
    fn write_envelope(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.envelope.is_empty() {
            let count = ready!(Pin::new(&mut self.inner).poll_write(context, &self.envelope))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.envelope.drain(..count);
        }
        Poll::Ready(Ok(()))
    }
}

/// The envelope for a bare reply. Every reply of the bank has the request's name among its headers, and none of them
/// has line breaks in its body, so that no part of one can be mistaken for a bare reply.
fn envelope_for(written: &[u8], public_url: &str, clocks: &Clocks) -> Option<Vec<u8>> {
    if !written.starts_with(BEGINNING) || written.len() > BARE_BYTES_MAX || !written.ends_with(b"\r\n\r\n") {
        return None;
    }
    let text = std::str::from_utf8(written).ok()?;
    if text.contains(X_REQUEST_ID.as_str()) {
        return None;
    }
    let problem = match text.get(9..12)? {
        "414" => Problem::new(ErrorCode::UriTooLong, "The URL is too long"),
        "431" => Problem::new(ErrorCode::HeadersTooLarge, "There are too many headers, or they are too long"),
        "400" => Problem::invalid("request", "cannot be read as HTTP/1.1"),
        _ => return None,
    };
    Some(reply(&problem, public_url, clocks.wall()))
}

fn reply(problem: &Problem, public_url: &str, now: WallTime) -> Vec<u8> {
    let request_id = RequestId::of(&HeaderMap::new());
    let body = problem.envelope(&request_id, now);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_REQUEST_ID, request_id.into_header());
    security_headers::write(&mut headers, public_url);
    let mut bytes = format!("HTTP/1.1 {}\r\n", problem.http_status()).into_bytes();
    for (name, value) in &headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Enveloping<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.write_envelope(context))?;
        if let Some(envelope) = envelope_for(bytes, &self.public_url, &self.clocks) {
            self.envelope = envelope;
            self.has_refused = true;
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match slices.iter().find(|slice| !slice.is_empty()) {
            // A bare reply comes alone; anything else goes on in one piece.
            Some(first) if slices.iter().filter(|slice| !slice.is_empty()).count() == 1 => {
                self.poll_write(context, first)
            }
            _ => {
                ready!(self.write_envelope(context))?;
                Pin::new(&mut self.inner).poll_write_vectored(context, slices)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_envelope(context))?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_envelope(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Enveloping<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const BARE: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ndate: now\r\n\r\n";

    /// What the other side reads when this is written, through a pipe that takes seven bytes at a time.
    async fn passed(written: &[u8]) -> String {
        let (near, mut far) = tokio::io::duplex(7);
        let mut enveloping = Enveloping::new(near, "https://bank.example".into(), testkit::clocks());
        let write = async {
            enveloping.write_all(written).await.unwrap();
            enveloping.shutdown().await.unwrap();
        };
        let mut read = String::new();
        let (_, outcome) = tokio::join!(write, far.read_to_string(&mut read));
        outcome.unwrap();
        read
    }

    #[tokio::test]
    async fn a_bare_reply_becomes_an_envelope() {
        let read = passed(BARE).await;
        let (head, body) = read.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{head}");
        assert!(head.contains("x-request-id: req_") && head.contains("strict-transport-security"), "{head}");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        let envelope: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(envelope["error"]["code"], "HEADERS_TOO_LARGE");
    }

    #[tokio::test]
    async fn everything_else_passes_as_it_is() {
        let own = "HTTP/1.1 404 Not Found\r\nx-request-id: a\r\ncontent-length: 0\r\n\r\n";
        let long = format!("HTTP/1.1 400 Bad Request\r\nx: {}\r\n\r\n", "y".repeat(BARE_BYTES_MAX));
        for text in [own, &long, "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 400 Bad Request", "HTTP/1.1 4"] {
            assert_eq!(passed(text.as_bytes()).await, text);
        }
    }
}
