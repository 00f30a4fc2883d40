//! The end of a connection on which the client may still be sending: closed at once, it would take back the reply that is
//! on its way (RFC 9112, section 9.6). So only our side is closed first, and what still comes is thrown away within bounds.

use super::leftover::{BYTES_MAX, Ending, PATIENCE};
use crate::bare_replies::Enveloping;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

const PIECE_BYTES: usize = 8 * 1024;

/// A connection that ends in order.
pub(super) struct Lingering<S> {
    inner: Enveloping<S>,
    ending: Arc<Ending>,
    /// Once our side is closed.
    last: Option<Last>,
}

/// What is left to a connection.
struct Last {
    patience: Pin<Box<Sleep>>,
    bytes: u64,
}

impl<S> Lingering<S> {
    pub(super) const fn new(inner: Enveloping<S>, ending: Arc<Ending>) -> Self {
        Self { inner, ending, last: None }
    }
}

impl<S: AsyncRead + Unpin> Lingering<S> {
    /// Reads what still comes until the client closes its side, or has had enough time, or has sent too much.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let patience = || Box::pin(tokio::time::sleep_until(Instant::now() + PATIENCE));
        let last = self.last.get_or_insert_with(|| Last { patience: patience(), bytes: 0 });
        let mut piece = [std::mem::MaybeUninit::uninit(); PIECE_BYTES];
        while last.bytes < BYTES_MAX {
            if last.patience.as_mut().poll(context).is_ready() {
                break;
            }
            let mut buffer = ReadBuf::uninit(&mut piece);
            match ready!(Pin::new(&mut self.inner).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => last.bytes += buffer.filled().len() as u64,
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.last.is_none() {
            ready!(Pin::new(&mut self.inner).poll_shutdown(context))?;
            if !self.ending.is_early() && !self.inner.has_refused() {
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_end(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
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

    const REFUSAL: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";

    fn connection() -> (Lingering<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
        let (near, far) = tokio::io::duplex(1024);
        (Lingering::new(Enveloping::new(near, "http://bank.example".into(), testkit::clocks()), Arc::default()), far)
    }

    #[tokio::test]
    async fn whoever_still_sends_after_a_refusal_is_let_finish() {
        let (mut near, mut far) = connection();
        let closing = async {
            near.write_all(REFUSAL).await.unwrap();
            near.shutdown().await.unwrap();
        };
        let sending = async {
            far.write_all(&[b'x'; 100_000]).await.unwrap();
            let mut reply = String::new();
            far.read_to_string(&mut reply).await.unwrap();
            drop(far);
            reply
        };
        let ((), reply) = tokio::join!(closing, sending);
        assert!(reply.starts_with("HTTP/1.1 400"), "{reply}");
    }

    #[tokio::test]
    async fn it_is_not_waited_for_longer_than_that_nor_for_more() {
        let started = Instant::now();
        let (mut near, far) = connection();
        near.write_all(REFUSAL).await.unwrap();
        near.shutdown().await.unwrap();
        assert_eq!(started.elapsed().as_secs(), PATIENCE.as_secs(), "the client does nothing");
        drop(far);
        let (mut near, mut far) = connection();
        near.write_all(REFUSAL).await.unwrap();
        let endless = async {
            let mut sent = 0;
            while far.write_all(&[b'x'; 1024]).await.is_ok() {
                sent += 1024;
            }
            sent
        };
        let closing = async {
            near.shutdown().await.unwrap();
            drop(near);
        };
        let ((), sent) = tokio::join!(closing, endless);
        assert!((BYTES_MAX..2 * BYTES_MAX).contains(&sent), "{sent}");
    }

    #[tokio::test]
    async fn an_ordinary_end_comes_at_once() {
        let (started, (mut near, _far)) = (Instant::now(), connection());
        near.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        near.shutdown().await.unwrap();
        assert!(started.elapsed() < PATIENCE / 2);
    }
}
