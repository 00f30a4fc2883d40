//! Reads a body whole: up to a limit, within a time, and into memory that grows with what arrives, whatever was announced.

use super::room::{Room, Rooms};
use crate::ErrorCode;
use crate::digest;
use crate::problem::{Outcome, Problem};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use std::time::Duration;

const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The first that a body in pieces takes.
const FIRST_BYTES: usize = 4 * 1024;
const KIBIBYTE: usize = 1024;

/// A body that has arrived whole.
#[derive(Debug)]
pub struct Collected {
    bytes: Bytes,
    /// As long as the bytes are there.
    _room: Option<Room>,
}

/// A body as far as it has arrived.
struct Arriving {
    bytes: Vec<u8>,
    room: Room,
    bytes_max: usize,
}

impl std::ops::Deref for Collected {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the body of a request.
pub(super) async fn collect(request: Request, rooms: &Arc<Rooms>, bytes_max: usize) -> Outcome<Collected> {
    collect_within(request, rooms, Bounds { bytes_max, patience: READ_TIMEOUT }).await
}

/// How much of a body is read, and for how long.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    bytes_max: usize,
    patience: Duration,
}

pub(super) async fn collect_within(
    request: Request,
    rooms: &Arc<Rooms>,
    Bounds { bytes_max, patience }: Bounds,
) -> Outcome<Collected> {
    require_plain(request.headers())?;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > bytes_max as u64) {
        return Err(too_large(bytes_max));
    }
    let (head, body) = request.into_parts();
    let reading = read(body, bytes_max, || rooms.open(&head.extensions));
    let late = |_| Problem::new(ErrorCode::RequestTimeout, "The body did not arrive in time");
    let collected = tokio::time::timeout(patience, reading).await.map_err(late)??;
    digest::require_match(&head.headers, &collected)?;
    Ok(collected)
}

/// Refuses a body that was packed: a few bytes could unfold to more than memory takes, so nobody unpacks here.
fn require_plain(headers: &HeaderMap) -> Outcome<()> {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    if codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::UnsupportedMediaType, "The body must be sent as it is, without `Content-Encoding`"))
}

async fn read(mut body: Body, bytes_max: usize, open_room: impl Fn() -> Room) -> Outcome<Collected> {
    let first = next_piece(&mut body).await?.unwrap_or_default();
    if first.len() > bytes_max {
        return Err(too_large(bytes_max));
    }
    // All there is, as usually: it is read where it lies.
    if axum::body::HttpBody::is_end_stream(&body) {
        return Ok(Collected { bytes: first, _room: None });
    }
    let mut arriving = Arriving { bytes: Vec::new(), room: open_room(), bytes_max };
    arriving.append(&first)?;
    drop(first);
    while let Some(piece) = next_piece(&mut body).await? {
        arriving.append(&piece)?;
    }
    Ok(Collected { bytes: arriving.bytes.into(), _room: Some(arriving.room) })
}

/// What comes next; trailers say nothing to us.
async fn next_piece(body: &mut Body) -> Outcome<Option<Bytes>> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::invalid("body", "did not arrive whole"))?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

impl Arriving {
    fn append(&mut self, piece: &[u8]) -> Outcome<()> {
        let (length, capacity) = (self.bytes.len() + piece.len(), self.bytes.capacity());
        if length > self.bytes_max {
            return Err(too_large(self.bytes_max));
        }
        if length > capacity {
            let wanted = length.max(capacity * 2).clamp(FIRST_BYTES, self.bytes_max.max(FIRST_BYTES));
            self.room.grow(wanted - capacity)?;
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }
}

fn too_large(bytes_max: usize) -> Problem {
    let message = format!("The body is larger than {} KiB", bytes_max / KIBIBYTE);
    Problem::new(ErrorCode::PayloadTooLarge, message).with("bytesMax", bytes_max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt as _, stream};

    fn request(pieces: Vec<&'static [u8]>) -> Request {
        let pieces = stream::iter(pieces).map(|piece| Ok::<_, std::io::Error>(Bytes::from_static(piece)));
        Request::new(Body::from_stream(pieces))
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_times_out() {
        let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let bounds = Bounds { bytes_max: 100, patience: Duration::from_millis(1) };
        let rooms = Arc::new(Rooms::new(true));
        assert_eq!(collect_within(Request::new(never), &rooms, bounds).await.unwrap_err().http_status(), 408);
    }

    #[tokio::test]
    async fn pieces_are_put_together_up_to_the_limit() {
        let rooms = Arc::new(Rooms::new(true));
        for (pieces, whole) in [
            (vec![], &b""[..]),
            (vec![&b"abc"[..]], b"abc"),
            (vec![b"a", b"", b"b", b"c"], b"abc"),
            (vec![b"abcde", b"fghij"], b"abcdefghij"),
        ] {
            assert_eq!(&*collect(request(pieces), &rooms, 10).await.unwrap(), whole);
        }
        for pieces in [vec![&b"abcdefghijk"[..]], vec![b"abcdefghij", b"k"]] {
            assert_eq!(collect(request(pieces), &rooms, 10).await.unwrap_err().http_status(), 413);
        }
    }

    #[tokio::test]
    async fn memory_follows_what_arrives_and_not_what_was_announced() {
        let rooms = Arc::new(Rooms::new(true));
        let stalled = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]).chain(stream::pending());
        let mut announced = Request::new(Body::from_stream(stalled));
        announced.headers_mut().insert(header::CONTENT_LENGTH, 1_000_000.into());
        let reading = collect(announced, &rooms, 1_048_576);
        let is_over = tokio::time::timeout(Duration::from_millis(10), reading).await.is_ok();
        assert!(!is_over);
        assert_eq!(rooms.bytes_held(), 0, "whoever is gone holds nothing");
        let mut arriving =
            Arriving { bytes: Vec::new(), room: rooms.open(&axum::http::Extensions::new()), bytes_max: 1_048_576 };
        arriving.append(b"{").unwrap();
        assert_eq!(rooms.bytes_held(), FIRST_BYTES);
        arriving.append(&vec![b' '; 100_000]).unwrap();
        assert!((100_001..200_000).contains(&rooms.bytes_held()));
    }
}
