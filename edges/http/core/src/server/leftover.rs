//! What a client still sends of a body that nobody wants any more: it is read and thrown away within bounds, so that the
//! client gets to its reply, and its connection can go on. What is too much for that ends with the connection, in order
//! (`server/lingering.rs`).

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

/// How much is thrown away for one request or at the end of a connection. Whoever sends more does not listen.
pub(super) const BYTES_MAX: u64 = 4 * 1024 * 1024;
/// For how long.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// How a connection will end, as its last request says.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// The client may still be sending when the reply is there.
    is_early: AtomicBool,
}

/// The body of a request, and what becomes of the rest when its reader has had enough.
pub(super) struct Wanted {
    incoming: Option<Incoming>,
    ending: Arc<Ending>,
    /// The client waits for our word before it sends anything, and has not got it yet.
    waits_for_word: bool,
}

impl Ending {
    pub(super) fn is_early(&self) -> bool {
        self.is_early.load(Ordering::Relaxed)
    }

    /// Says in the reply that it is the last one, if it is.
    pub(super) fn write_header(&self, headers: &mut HeaderMap) {
        if self.is_early() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

impl Wanted {
    pub(super) fn new(incoming: Incoming, head: &HeaderMap, ending: Arc<Ending>) -> Self {
        Self { incoming: Some(incoming), ending, waits_for_word: head.contains_key(header::EXPECT) }
    }
}

impl Body for Wanted {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.waits_for_word = false;
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let polled = Pin::new(incoming).poll_frame(context);
        if let Poll::Ready(None | Some(Err(_))) = polled {
            self.incoming = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        let Some(rest) = self.incoming.take().filter(|incoming| !incoming.is_end_stream()) else { return };
        // To read would be to ask for it: this client is told no before it sends anything, or knows its reply to be there.
        if self.waits_for_word || rest.size_hint().lower() > BYTES_MAX {
            self.ending.is_early.store(true, Ordering::Relaxed);
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(throw_away(rest));
        }
    }
}

/// Dropped before its end, the rest takes the connection with it.
async fn throw_away(mut rest: Incoming) {
    let reading = async {
        let mut bytes = 0;
        while let Some(Ok(frame)) = std::future::poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await {
            bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            if bytes > BYTES_MAX {
                break;
            }
        }
    };
    if timeout(PATIENCE, reading).await.is_err() {
        tracing::debug!("the rest of a body did not arrive in time");
    }
}
