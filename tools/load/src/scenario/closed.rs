//! The closed loop: each connection sends its next request when the last one is answered. What comes out is throughput;
//! its latencies are those of a saturated server and grow with the number of connections.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::transfers::{self, TransferWriter};
use super::{Course, GRACE, LOGIN_PAUSE, PAUSE, lock, measure};
use crate::client::{Connection, Reply};
use crate::customers::Customers;
use crate::options::{Options, Scenario};
use crate::random::Random;
use crate::report::{Report, RequestReport};
use crate::request::RequestWriter;
use crate::session::Session;
use crate::tally::{Outcome, Tally};

/// Applies the load and reports it.
pub(super) async fn run(options: &Options, customers: &Customers) -> anyhow::Result<Report> {
    let course = Arc::new(Course::default());
    let tally = Arc::new(Mutex::new(Tally::new()));
    let mut workers = tokio::task::JoinSet::new();
    for number in 0..options.load.connections {
        let customer = customers.of_connection(number);
        let stream = u64::from(number);
        let seed = options.load.seed.wrapping_add(stream << 32);
        let worker = Worker {
            scenario: options.scenario,
            session: Arc::clone(&customer.session),
            course: Arc::clone(&course),
            tally: Arc::clone(&tally),
            requests: RequestWriter::new(&customer.session, stream),
            transfers: TransferWriter::new(customers.accounts(), &customer.share, options.scenario, seed),
            random: Random::new(!seed),
        };
        workers.spawn(worker.run());
    }
    let measured = measure(&course, &options.load).await?;
    // Whoever is not answered within the grace is aborted when the set is dropped.
    let answered = tokio::time::timeout(GRACE, async { while workers.join_next().await.is_some() {} }).await;
    let mut tally = lock(&tally).clone();
    if answered.is_err() {
        tally.lost += workers.len() as u64;
        tally.note_trouble(|| "requests were not answered within 10 s of the end".to_owned());
    }
    let name = match options.scenario {
        Scenario::Batch { .. } => "batch",
        Scenario::Logins => "login",
        _ => "transfer",
    };
    let requests = vec![RequestReport::new(name, &tally, measured.elapsed)];
    let mut report = Report::new(options, customers.accounts().len(), measured.elapsed, requests);
    if options.scenario != Scenario::Logins {
        report.count_transfers(&tally);
    }
    report.set_costs(measured.cpu, measured.server_memory_max_kib);
    Ok(report)
}

struct Worker {
    scenario: Scenario,
    session: Arc<Session>,
    course: Arc<Course>,
    tally: Arc<Mutex<Tally>>,
    requests: RequestWriter,
    transfers: TransferWriter,
    random: Random,
}

impl Worker {
    async fn run(mut self) {
        while !self.course.is_over() {
            let Err(error) = self.use_connection().await else { continue };
            lock(&self.tally).record_lost(&error);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends requests until the run is over or the connection ends.
    async fn use_connection(&mut self) -> std::io::Result<()> {
        let mut connection = Connection::open(self.session.target()).await?;
        while !self.course.is_over() && !connection.is_closing() {
            let (path, body) = match self.scenario {
                Scenario::Logins => ("/api/auth/login", self.session.credentials()),
                _ => self.transfers.next(),
            };
            let request = self.requests.post(path, body);
            let sent = Instant::now();
            let reply = connection.exchange(request).await?;
            if self.record(sent, reply) {
                tokio::time::sleep(self.pause()).await;
            }
        }
        Ok(())
    }

    /// How long to hold back: after a login as `Retry-After` says and up to as much again, so that those who were turned
    /// away together do not come back together.
    fn pause(&mut self) -> Duration {
        match self.scenario {
            Scenario::Logins => LOGIN_PAUSE + Duration::from_millis(self.random.next() % 1_000),
            _ => PAUSE,
        }
    }

    /// Counts a reply; whether the server asked to slow down.
    fn record(&self, sent: Instant, reply: Reply<'_>) -> bool {
        let latency = sent.elapsed();
        let wanted = if let Scenario::Batch { size } = self.scenario { size } else { 1 };
        let done = transfers::settled(self.scenario, reply);
        let measured = self.course.is_measuring();
        let refused = wanted.saturating_sub(done);
        let mut tally = lock(&self.tally);
        tally.record(&Outcome { measured, latency, status: reply.status, done, refused });
        if refused > 0 {
            tally.note_trouble(|| format!("{}: {}", reply.status, reply.excerpt()));
        }
        matches!(reply.status, 429 | 503)
    }
}
