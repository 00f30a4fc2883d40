//! The fixed rate: every request has a moment at which it is due, whether or not earlier ones were answered, and its
//! latency counts from that moment. A server that stalls is charged for everything that queued up meanwhile.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::transfers::TransferWriter;
use super::{Course, GRACE, lock, measure};
use crate::accounts::AccountIds;
use crate::client::Connection;
use crate::customers::Customers;
use crate::options::{LoadOptions, Options, Scenario};
use crate::random::Random;
use crate::report::{Report, RequestReport};
use crate::request::RequestWriter;
use crate::session::Session;
use crate::tally::{Outcome, Tally};

/// Requests that are due and wait for a free connection; more than these are lost, and counted so.
const WAITING_MAX: usize = 65_536;

/// How many requests of each kind are due in a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    pub(super) reads_per_second: u32,
    pub(super) transfers_per_second: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read,
    Transfer,
}

#[derive(Clone, Copy, Debug)]
struct Ticket {
    kind: Kind,
    due: Instant,
    measured: bool,
}

#[derive(Clone)]
struct Tallies {
    reads: Arc<Mutex<Tally>>,
    transfers: Arc<Mutex<Tally>>,
}

impl Tallies {
    fn of(&self, kind: Kind) -> &Mutex<Tally> {
        match kind {
            Kind::Read => &self.reads,
            Kind::Transfer => &self.transfers,
        }
    }
}

/// Applies the load and reports it.
pub(super) async fn run(options: &Options, rates: Rates, customers: &Customers) -> anyhow::Result<Report> {
    let fresh = || Arc::new(Mutex::new(Tally::new()));
    let tallies = Tallies { reads: fresh(), transfers: fresh() };
    let (tickets, waiting) = mpsc::channel(WAITING_MAX);
    let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
    let mut workers = tokio::task::JoinSet::new();
    for number in 0..options.load.connections {
        let customer = customers.of_connection(number);
        let stream = u64::from(number);
        let seed = options.load.seed.wrapping_add(stream << 32);
        let worker = Worker {
            session: Arc::clone(&customer.session),
            accounts: Arc::clone(customers.accounts()),
            share: customer.share.clone(),
            tallies: tallies.clone(),
            requests: RequestWriter::new(&customer.session, stream),
            transfers: TransferWriter::new(customers.accounts(), &customer.share, Scenario::Uniform, seed),
            random: Random::new(!seed),
        };
        workers.spawn(worker.run(Arc::clone(&waiting)));
    }
    let pacer = Pacer { load: options.load.clone(), rates, tallies: tallies.clone() };
    // A thread of its own: it sleeps to within a fraction of the millisecond that the runtime's timer rounds to.
    std::thread::spawn(move || pacer.run(&tickets));
    let course = Course::default();
    let measured = measure(&course, &options.load).await?;
    let answered = tokio::time::timeout(GRACE, async { while workers.join_next().await.is_some() {} }).await;
    let reads = lock(&tallies.reads).clone();
    let mut transfers = lock(&tallies.transfers).clone();
    if answered.is_err() {
        transfers.lost += workers.len() as u64;
        transfers.note_trouble(|| "requests were not answered within 10 s of the end".to_owned());
    }
    let window = Duration::from_secs(options.load.seconds.into());
    let requests = vec![RequestReport::new("read", &reads, window), RequestReport::new("transfer", &transfers, window)];
    let mut report = Report::new(options, customers.accounts().len(), window, requests);
    report.count_transfers(&transfers);
    report.set_costs(measured.cpu, measured.server_memory_max_kib);
    Ok(report)
}

/// Hands out tickets when they are due.
struct Pacer {
    load: LoadOptions,
    rates: Rates,
    tallies: Tallies,
}

impl Pacer {
    fn run(self, tickets: &Sender<Ticket>) {
        let warm_up = Duration::from_secs(self.load.warm_up_seconds.into());
        let start = Instant::now();
        for (at, kind) in schedule(self.rates, warm_up + Duration::from_secs(self.load.seconds.into())) {
            let due = start + at;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            match tickets.try_send(Ticket { kind, due, measured: at >= warm_up }) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(_)) => {
                    lock(self.tallies.of(kind)).record_lost(&std::io::Error::other("too many requests are waiting"));
                }
                Err(mpsc::error::TrySendError::Closed(_)) => return,
            }
        }
    }
}

/// What is due when, in order: each kind evenly spaced, transfers half a step behind the reads.
fn schedule(rates: Rates, end: Duration) -> impl Iterator<Item = (Duration, Kind)> {
    let every = |per_second: u32, offset: Duration| {
        let count = end.as_secs() * u64::from(per_second);
        (0..count).map(move |number| offset + Duration::from_nanos(number * 1_000_000_000 / u64::from(per_second)))
    };
    let half_step = Duration::from_micros(500_000 / u64::from(rates.reads_per_second.max(1)));
    let mut reads = every(rates.reads_per_second, Duration::ZERO).peekable();
    let mut transfers = every(rates.transfers_per_second, half_step).peekable();
    std::iter::from_fn(move || match (reads.peek(), transfers.peek()) {
        (Some(read), Some(transfer)) if transfer < read => Some((transfers.next()?, Kind::Transfer)),
        (Some(_), _) => Some((reads.next()?, Kind::Read)),
        (None, _) => Some((transfers.next()?, Kind::Transfer)),
    })
}

struct Worker {
    session: Arc<Session>,
    accounts: Arc<AccountIds>,
    /// Which accounts may be read.
    share: Range<usize>,
    tallies: Tallies,
    requests: RequestWriter,
    transfers: TransferWriter,
    random: Random,
}

impl Worker {
    /// Serves tickets until there are no more; whoever holds the lock waits for the next one.
    async fn run(mut self, waiting: Arc<tokio::sync::Mutex<Receiver<Ticket>>>) {
        let mut connection = None;
        loop {
            let ticket = waiting.lock().await.recv().await;
            let Some(ticket) = ticket else { return };
            if let Err(error) = self.serve(ticket, &mut connection).await {
                connection = None;
                lock(self.tallies.of(ticket.kind)).record_lost(&error);
            }
        }
    }

    async fn serve(&mut self, ticket: Ticket, connection: &mut Option<Connection>) -> std::io::Result<()> {
        let open = match connection.take() {
            Some(open) if !open.is_closing() => open,
            _ => Connection::open(self.session.target()).await?,
        };
        let open = connection.insert(open);
        let request = match ticket.kind {
            Kind::Read => {
                let account = self.random.within(&self.share);
                self.requests.get(&["/api/accounts/", self.accounts.get(account), "/balance"])
            }
            Kind::Transfer => {
                let (path, body) = self.transfers.next();
                self.requests.post(path, body)
            }
        };
        let reply = open.exchange(request).await?;
        let latency = ticket.due.elapsed();
        let wanted = if ticket.kind == Kind::Read { 200 } else { 201 };
        let done = u32::from(reply.status == wanted);
        let outcome = Outcome { measured: ticket.measured, latency, status: reply.status, done, refused: 1 - done };
        let mut tally = lock(self.tallies.of(ticket.kind));
        tally.record(&outcome);
        if done == 0 {
            tally.note_trouble(|| format!("{}: {}", reply.status, reply.excerpt()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_keeps_both_rates_in_order() {
        let rates = Rates { reads_per_second: 1000, transfers_per_second: 100 };
        let tickets: Vec<_> = schedule(rates, Duration::from_secs(2)).collect();
        assert_eq!(tickets.len(), 2_200);
        assert!(tickets.is_sorted_by_key(|(at, _)| *at));
        assert_eq!(tickets.iter().filter(|(_, kind)| *kind == Kind::Transfer).count(), 200);
        assert_eq!(tickets[0], (Duration::ZERO, Kind::Read));
        assert_eq!(tickets[1], (Duration::from_micros(500), Kind::Transfer));
    }

    #[test]
    fn a_rate_of_nothing_is_never_due() {
        let rates = Rates { reads_per_second: 0, transfers_per_second: 3 };
        assert!(schedule(rates, Duration::from_secs(1)).all(|(_, kind)| kind == Kind::Transfer));
        assert_eq!(schedule(Rates { reads_per_second: 0, transfers_per_second: 0 }, Duration::from_secs(1)).count(), 0);
    }
}
