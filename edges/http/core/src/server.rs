//! The listeners: connections of HTTP/1.1, bounded in number and patience, and a shutdown that lets requests finish.
//! TLS is in `tls.rs`; HTTP/2 is the matter of a proxy in front.

mod leftover;
mod lingering;

use crate::address::ClientAddress;
use crate::bare_replies::Enveloping;
use crate::door::Door;
use crate::front_door::{Admission, Audience, FrontDoor};
use crate::tls::Tls;
use axum::Router;
use axum::body::Body;
use clock::Clocks;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use leftover::{Ending, Wanted};
use lingering::Lingering;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::Service as _;

/// Those who run the bank: they get in however many customers there are.
const OPERATIONS_CONNECTIONS_MAX: usize = 64;
/// From the first wait for a request to the end of its head; so idle connections end too.
const HEAD_READ_TIMEOUT: Duration = Duration::from_secs(30);
const HEADERS_MAX: usize = 64;
/// Line and headers of a request together, as the shipped proxy has it too.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// How long requests may take to finish once the shutdown has begun.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a reply may wait for a client that does not read it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Samples of timings are gathered until somebody folds them up; nobody may ever ask for `/metrics`.
const METRICS_UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Where clients connect.
#[derive(Debug)]
pub struct Listener {
    /// The socket.
    pub tcp: TcpListener,
    /// Without it everybody on the way can read along.
    pub tls: Option<Arc<Tls>>,
    /// The socket of those who run the bank, without TLS; without it they are answered like everybody.
    pub operations: Option<TcpListener>,
}

/// What all connections of a listener have in common.
#[derive(Clone)]
struct Shared {
    router: Router,
    audience: Audience,
    front_door: Arc<FrontDoor>,
    public_url: Arc<str>,
    clocks: Clocks,
    tls: Option<Arc<Tls>>,
    /// Nothing is ever sent: it changes when the sender is gone.
    stopping: watch::Receiver<()>,
}

/// One client, and the room that it takes as long as it is connected.
struct Guest {
    address: ClientAddress,
    _admission: Option<Admission>,
    _permit: OwnedSemaphorePermit,
}

/// What is served.
pub struct Service {
    /// The whole API.
    pub router: Router,
    /// What those who run the bank look at.
    pub operations: Router,
    /// What stands before both.
    pub door: Arc<Door>,
    /// What is counted.
    pub metrics: PrometheusHandle,
}

/// Serves the API until the shutdown is called for and what was begun has finished.
pub async fn serve(listener: Listener, service: Service, shutdown: impl Future<Output = ()>) {
    let upkeep = tokio::spawn(keep_metrics_small(service.metrics));
    let Listener { tcp, tls, operations } = listener;
    let front_door = Arc::clone(&service.door.front_door);
    let public_url = Arc::from(service.door.settings.public_url.as_str());
    let connections_max = front_door.connections.max();
    let room = Arc::new(Semaphore::new(connections_max));
    let (stop, stopping) = watch::channel(());
    let clocks = service.door.clocks.clone();
    let (router, audience) = (service.router, Audience::Everybody);
    let shared = Shared { router, audience, front_door, clocks, public_url, tls, stopping };
    // How the stopping goes is told to the end.
    let operating = operations.map(|tcp| {
        let (router, audience) = (service.operations, Audience::Operators);
        let shared = Shared { router, audience, tls: None, ..shared.clone() };
        let room = Arc::new(Semaphore::new(OPERATIONS_CONNECTIONS_MAX));
        tokio::spawn(async move { accept_forever(&tcp, &room, &shared).await })
    });
    tokio::select! {
        () = accept_forever(&tcp, &room, &shared) => {}
        () = shutdown => {}
    }
    drop(tcp);
    drop(stop);
    // All permits are back when the last connection has ended.
    let all = u32::try_from(connections_max).expect("the number of connections is small");
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, room.acquire_many(all)).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
    operating.inspect(tokio::task::JoinHandle::abort);
    upkeep.abort();
}

async fn accept_forever(listener: &TcpListener, room: &Arc<Semaphore>, shared: &Shared) {
    loop {
        let permit = Arc::clone(room).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, peer)) => {
                let address = ClientAddress::of_peer(peer.ip());
                // Whoever is not admitted finds the connection closed.
                if let Some(admission) = shared.admit(address) {
                    let guest = Guest { address, _admission: admission, _permit: permit };
                    tokio::spawn(connection(stream, guest, shared.clone()));
                }
            }
            // Out of file handles, or the client has gone already.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

impl Shared {
    /// Whether somebody may connect, and what that counts for.
    fn admit(&self, address: ClientAddress) -> Option<Option<Admission>> {
        match self.audience {
            Audience::Everybody => self.front_door.admit(address).map(Some),
            Audience::Operators => (!self.front_door.denies(address)).then_some(None),
        }
    }
}

async fn connection(stream: TcpStream, guest: Guest, mut shared: Shared) {
    // Without it a reply could wait for the acknowledgement of the one before.
    drop(stream.set_nodelay(true));
    // Fails only where the system does not know it; the number of connections is bounded all the same.
    drop(socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(WRITE_TIMEOUT)));
    match shared.tls.take() {
        None => serve_requests(stream, guest.address, shared).await,
        Some(tls) => {
            let accepted = tokio::select! {
                accepted = tls.accept(stream) => accepted,
                _ = shared.stopping.changed() => None,
            };
            if let Some(stream) = accepted {
                serve_requests(stream, guest.address, shared).await;
            }
        }
    }
    drop(guest);
}

async fn serve_requests(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: ClientAddress,
    shared: Shared,
) {
    let Shared { router, public_url, clocks, mut stopping, .. } = shared;
    let ending = Arc::<Ending>::default();
    let stream = Lingering::new(Enveloping::new(stream, public_url, clocks), Arc::clone(&ending));
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let (mut head, body) = request.into_parts();
        head.extensions.insert(address);
        let body = Body::new(Wanted::new(body, &head.headers, Arc::clone(&ending)));
        let replying = router.clone().call(hyper::Request::from_parts(head, body));
        let ending = Arc::clone(&ending);
        async move {
            let mut reply = replying.await?;
            ending.write_header(reply.headers_mut());
            Ok::<_, std::convert::Infallible>(reply)
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_READ_TIMEOUT)
        .max_headers(HEADERS_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let outcome = tokio::select! {
        outcome = serving.as_mut() => outcome,
        _ = stopping.changed() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn keep_metrics_small(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(METRICS_UPKEEP_INTERVAL).await;
        metrics.run_upkeep();
    }
}
