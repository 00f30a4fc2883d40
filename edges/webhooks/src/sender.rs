//! Takes endpoints for which something is due and calls each a few times at once. Who does not answer, or slowly, has places
//! apart from those who do, so that they wait for each other only.

use crate::call::{Called, Caller, care_of};
use db::{Clock, WallTime};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;
use webhooks::{After, CALLS_AT_ONCE_IN_ALL, Care, Due, Health, Jitter, Served, Tried, Turn, Webhooks, WebhooksError};

/// Of all calls at once, so many may be to endpoints that are called carefully.
const CALLS_IN_CARE_MAX: usize = CALLS_AT_ONCE_IN_ALL / 4;
/// So many endpoints that answer are served at once.
const SERVED_MAX: usize = 96;
/// So many are taken in one look.
const TAKEN_MAX: usize = 32;
/// So many deliveries are settled in one commit.
const CHUNK: u32 = 64;
/// After so many chunks others have their turn.
const CHUNKS_MAX: u32 = 16;
/// No call of a chunk begins later than this, so that what came of them is recorded soon and under the lease.
const CHUNK_TIME: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_WHEN_IDLE: Duration = Duration::from_millis(250);
const IDLE_AFTER: Duration = Duration::from_secs(5);
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);
const MEASURED_EVERY: Duration = Duration::from_secs(10);

pub(crate) struct Sender {
    webhooks: Arc<Webhooks>,
    caller: Arc<Caller>,
    clock: Clock,
    usual: Places,
    in_care: Places,
}

/// Room for endpoints, and for calls to them.
#[derive(Clone)]
struct Places {
    endpoints: Arc<Semaphore>,
    calls: Arc<Semaphore>,
}

/// One endpoint, while it is served.
struct Serving {
    webhooks: Arc<Webhooks>,
    caller: Arc<Caller>,
    clock: Clock,
    calls: Arc<Semaphore>,
}

impl Places {
    fn new(endpoints: usize, calls: usize) -> Self {
        Self { endpoints: Arc::new(Semaphore::new(endpoints)), calls: Arc::new(Semaphore::new(calls)) }
    }
}

impl Sender {
    pub(crate) fn new(webhooks: Arc<Webhooks>, caller: Caller, clock: Clock) -> Self {
        let usual = Places::new(SERVED_MAX, CALLS_AT_ONCE_IN_ALL - CALLS_IN_CARE_MAX);
        let in_care = Places::new(CALLS_IN_CARE_MAX, CALLS_IN_CARE_MAX);
        Self { webhooks, caller: Arc::new(caller), clock, usual, in_care }
    }

    pub(crate) async fn run(self) {
        while let Err(error) = self.webhooks.free_leases_of_the_dead().await {
            tracing::warn!(%error, "webhooks wait for the database");
            tokio::time::sleep(AFTER_A_FAILURE).await;
        }
        let (mut busy, mut measured) = (Instant::now(), None::<Instant>);
        loop {
            if measured.is_none_or(|at| at.elapsed() > MEASURED_EVERY) {
                self.measure().await;
                measured = Some(Instant::now());
            }
            match self.look().await {
                Ok(0) if busy.elapsed() > IDLE_AFTER => tokio::time::sleep(PAUSE_WHEN_IDLE).await,
                Ok(0) => tokio::time::sleep(PAUSE).await,
                Ok(_) => busy = Instant::now(),
                Err(error) => {
                    tracing::warn!(%error, "webhooks will be called later");
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                }
            }
        }
    }

    /// Begins to serve what is due; how many endpoints there were.
    async fn look(&self) -> Result<usize, WebhooksError> {
        let mut taken = 0;
        for (care, places) in [(Care::Usual, &self.usual), (Care::Special, &self.in_care)] {
            let room = places.endpoints.available_permits().min(TAKEN_MAX);
            if room == 0 {
                continue;
            }
            for served in self.webhooks.serve(care, u32::try_from(room).unwrap_or(1), (self.clock)()).await? {
                let Ok(place) = Arc::clone(&places.endpoints).acquire_owned().await else { continue };
                taken += 1;
                tokio::spawn(self.serving(places).run(served, care, place));
            }
        }
        Ok(taken)
    }

    fn serving(&self, places: &Places) -> Serving {
        Serving {
            webhooks: Arc::clone(&self.webhooks),
            caller: Arc::clone(&self.caller),
            clock: Arc::clone(&self.clock),
            calls: Arc::clone(&places.calls),
        }
    }

    async fn measure(&self) {
        match self.webhooks.backlog().await {
            Ok(backlog) => {
                metrics::gauge!("florin_webhook_backlog").set(f64::from(u32::try_from(backlog).unwrap_or(u32::MAX)));
            }
            Err(error) => tracing::debug!(%error, "the backlog of webhooks is not known"),
        }
    }
}

impl Serving {
    async fn run(self, mut served: Served, care: Care, place: OwnedSemaphorePermit) {
        let serving = Arc::new(self);
        for chunk in 1..=CHUNKS_MAX {
            let after = if chunk == CHUNKS_MAX { After::Others } else { After::Another };
            match serving.chunk(&served, after).await {
                // Who needs other care is served in the other place.
                Ok(Turn::GoesOn(health)) => served.health = health,
                Ok(Turn::Over) => break,
                Err(error) => {
                    tracing::warn!(webhook_id = %served.id, %error, "a webhook waits for the end of its lease");
                    break;
                }
            }
            if care_of(&served, (serving.clock)()) != care {
                // Nothing was tried: this only gives it back.
                drop(serving.webhooks.settle(&served, Vec::new(), After::Others, (serving.clock)()).await);
                break;
            }
        }
        drop(place);
    }

    async fn chunk(self: &Arc<Self>, served: &Served, after: After) -> Result<Turn, WebhooksError> {
        let now = (self.clock)();
        let lanes = served.health.calls_at_once(now).max(1);
        let limit = if lanes == 1 { 1 } else { CHUNK };
        let due = self.webhooks.due(served, limit, now).await?;
        let tried = self.try_all(served, due, lanes).await;
        self.webhooks.settle(served, tried, after, (self.clock)()).await
    }

    /// Events of one subject are told one after the other; others beside them.
    async fn try_all(self: &Arc<Self>, served: &Served, due: Vec<Due>, lanes: usize) -> Vec<Tried> {
        let mut of_lane: Vec<Vec<Due>> = vec![Vec::new(); lanes];
        for due in due {
            let mut hasher = DefaultHasher::new();
            due.subject.hash(&mut hasher);
            let lane = usize::try_from(hasher.finish() % lanes as u64).unwrap_or_default();
            of_lane[lane].push(due);
        }
        let (mut calling, until) = (JoinSet::new(), Instant::now() + CHUNK_TIME);
        for lane in of_lane.into_iter().filter(|lane| !lane.is_empty()) {
            let (serving, served) = (Arc::clone(self), served.clone());
            calling.spawn(async move { serving.try_lane(&served, lane, until).await });
        }
        let mut tried: Vec<Tried> = calling.join_all().await.into_iter().flatten().collect();
        tried.sort_by_key(|tried| tried.at);
        tried
    }

    async fn try_lane(&self, served: &Served, lane: Vec<Due>, until: Instant) -> Vec<Tried> {
        let mut tried = Vec::with_capacity(lane.len());
        let mut health = served.health;
        for due in lane {
            let Ok(Ok(call)) = tokio::time::timeout_at(until, self.calls.acquire()).await else { break };
            let (begun, at) = (Instant::now(), (self.clock)());
            let Called { answer, failure, excerpt } =
                self.caller.call(served, &due.event_id.to_string(), &due.body, at).await;
            drop(call);
            let duration_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
            let at = (self.clock)();
            health = health.after(&answer, at).after_waiting(duration_ms, at);
            tried.push(Tried { due, at, duration_ms, answer, failure, excerpt, jitter: jitter() });
            if !goes_on(&health, at) || Instant::now() >= until {
                break;
            }
        }
        tried
    }
}

/// Once it stopped answering, or answers slowly, the rest of the chunk waits.
fn goes_on(health: &Health, now: WallTime) -> bool {
    health.disabled.is_none() && !health.needs_care(now)
}

fn jitter() -> Jitter {
    let mut random = [0; 4];
    getrandom::fill(&mut random).expect("the operating system gives random bytes");
    Jitter::of(u32::from_le_bytes(random))
}
