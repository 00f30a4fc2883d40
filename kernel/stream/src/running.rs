//! What goes on by itself: the sequencer and the consumers, each as a task that takes turns until it is told to stop.

use crate::consumer::{Consumer, Runner, Turn};
use crate::sequencer::{Round, Sequencer};
use crate::{Stream, store};
use db::Result;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Between rounds of the sequencer, so that one commit serves many events. What happens after a while of nothing does not wait.
const PACE: Duration = Duration::from_millis(40);
/// Between turns of a consumer, likewise.
const TURN: Duration = Duration::from_millis(200);
/// How often it looks for what other processes wrote: shortly after something happened, and otherwise.
const BUSY: Duration = Duration::from_millis(50);
const IDLE: Duration = Duration::from_secs(1);
/// For how long something has just happened.
const BUSY_FOR: Duration = Duration::from_secs(2);
const AFTER_A_FAILURE: Duration = Duration::from_millis(500);

/// The tasks of the stream. Dropping it ends them where they stand, which costs nothing but the rest of their leases.
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    pub(crate) async fn start(stream: &Stream, consumers: Vec<Arc<dyn Consumer>>) -> Result<Self> {
        let stop = watch::Sender::new(false);
        stream.head.send_replace(store::head(&stream.db).await?);
        let sequencer = Sequencer::open(&stream.db, &stream.clock).await?;
        let mut tasks = vec![tokio::spawn(put_in_order(stream.clone(), sequencer, stop.subscribe()))];
        for consumer in consumers {
            let runner = Runner::open(stream, consumer).await?;
            tasks.push(tokio::spawn(consume(stream.head(), runner, stop.subscribe())));
        }
        Ok(Self { stop, tasks })
    }

    /// Lets each finish its turn and give back its lease.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        for task in self.tasks.drain(..) {
            // A task that panicked has ended as well.
            drop(task.await);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn put_in_order(stream: Stream, mut sequencer: Sequencer, mut stop: watch::Receiver<bool>) {
    let mut happened = Instant::now();
    while !*stop.borrow() {
        let began = Instant::now();
        let round = sequencer.round().await;
        let is_full = round.as_ref().is_ok_and(|round| round.is_full());
        let head = match round {
            Ok(Round::Placed { events, head }) => {
                stream.newest.keep(&events);
                Ok(head)
            }
            Ok(Round::NotOurs) => store::head(&stream.db).await,
            Err(error) => Err(error),
        };
        match head {
            Ok(head) => {
                let has_moved = stream.head.send_if_modified(|known| std::mem::replace(known, head) != head);
                if has_moved {
                    happened = Instant::now();
                }
            }
            Err(error) => {
                tracing::warn!(%error, "events wait for their places");
                sleep(AFTER_A_FAILURE).await;
            }
        }
        if is_full {
            continue;
        }
        let pause = if happened.elapsed() < BUSY_FOR { BUSY } else { IDLE };
        tokio::select! {
            () = async { sleep_until(began + PACE).await; drop(timeout(pause, stream.db.committed()).await) } => {}
            _ = stop.changed() => {}
        }
    }
    if let Err(error) = sequencer.release().await {
        tracing::debug!(%error, "the lease of the sequencer ends by itself");
    }
}

async fn consume(mut head: watch::Receiver<i64>, mut runner: Runner, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let began = Instant::now();
        head.mark_unchanged();
        let pause = match runner.turn().await {
            Ok(Turn::Full) => continue,
            Ok(Turn::Went) => {
                tokio::select! {
                    () = sleep_until(began + TURN) => {}
                    _ = stop.changed() => {}
                }
                continue;
            }
            Ok(Turn::Idle | Turn::NotOurs) => IDLE,
            Err(error) => {
                tracing::warn!(%error, "a consumer of events will try again");
                sleep(AFTER_A_FAILURE).await;
                continue;
            }
        };
        tokio::select! {
            _ = timeout(pause, head.changed()) => {}
            _ = stop.changed() => {}
        }
    }
    if let Err(error) = runner.release().await {
        tracing::debug!(%error, "the lease of a consumer ends by itself");
    }
}
