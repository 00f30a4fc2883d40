//! Clients that move money without a pause, and remember every answer and every lack of one.

use crate::wait::until_some;
use crate::{Answer, Client, Random, decimal, fresh_key, transfer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const CLIENTS: u64 = 8;
const ORDERS_PER_CLIENT_MAX: usize = 20_000;
const AMOUNT_MINOR_MAX: u64 = 2_500;
/// What a client does with `Retry-After` while the story goes on.
const RETRY_PAUSE: Duration = Duration::from_millis(50);
const RESOLVED_WITHIN: Duration = Duration::from_secs(20);

/// One transfer that a client wants, under its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its idempotency key.
    pub key: String,
    /// The account that pays.
    pub source: String,
    /// The account that is paid.
    pub destination: String,
    /// How much, in cents.
    pub amount_minor: i64,
}

/// What the clients know when they stop.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Orders that were done, or refused for good.
    pub answered: Vec<(Order, Answer)>,
    /// Orders of which nobody knows whether they were done.
    pub unknown: Vec<Order>,
    /// Replies that told a client to come back later.
    pub turned_away: Vec<Answer>,
}

/// Clients at work.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Memory>>,
}

impl Order {
    /// Sends it once.
    ///
    /// # Errors
    /// The connection broke: it is unknown whether it was done.
    pub fn send(&self, client: &Client) -> std::io::Result<Answer> {
        let body = transfer(&self.source, &self.destination, &decimal(self.amount_minor, 2));
        client.try_send(("POST", "/api/transactions/transfer"), Some(&self.key), &body.to_string())
    }

    fn random(random: &mut Random, accounts: &[String]) -> Self {
        let source = random.choose(accounts).clone();
        let others: Vec<&String> = accounts.iter().filter(|account| **account != source).collect();
        let destination = (*random.choose(&others)).clone();
        let amount_minor = random.between(1, AMOUNT_MINOR_MAX).cast_signed();
        Self { key: fresh_key(), source, destination, amount_minor }
    }
}

impl Load {
    /// Lets clients of one customer loose on their accounts.
    pub fn start(customer: &Client, accounts: &[String], seed: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..CLIENTS)
            .map(|number| {
                let (customer, accounts, stop) = (customer.clone(), accounts.to_vec(), Arc::clone(&stop));
                let mut random = Random::new(seed ^ number.rotate_right(8));
                std::thread::spawn(move || work(&customer, &stop, || Order::random(&mut random, &accounts)))
            })
            .collect();
        Self { stop, clients }
    }

    /// Calls the clients back; gives what all of them know.
    ///
    /// # Panics
    /// When a client did.
    pub fn finish(self) -> Memory {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Memory::default();
        for client in self.clients {
            all.add(client.join().expect("a client of the load does not panic"));
        }
        all
    }
}

impl Memory {
    /// Takes over what others know.
    pub fn add(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.unknown.extend(other.unknown);
        self.turned_away.extend(other.turned_away);
    }

    /// Sends every unknown order again, under its key, until it has an answer.
    ///
    /// # Panics
    /// When one gets none in time.
    pub fn resolve(&mut self, client: &Client) {
        for order in self.unknown.drain(..) {
            let answer = until_some("a retried key has its answer", RESOLVED_WITHIN, || {
                order.send(client).ok().filter(Answer::is_final)
            });
            self.answered.push((order, answer));
        }
    }

    /// How many of the answers were transfers that were done.
    pub fn settled(&self) -> usize {
        self.answered.iter().filter(|(_, answer)| answer.status == 201).count()
    }
}

/// One client: order after order until it is called back.
fn work(client: &Client, stop: &AtomicBool, mut next: impl FnMut() -> Order) -> Memory {
    let mut memory = Memory::default();
    for _ in 0..ORDERS_PER_CLIENT_MAX {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let order = next();
        match order.send(client) {
            Ok(answer) if answer.is_final() => memory.answered.push((order, answer)),
            Ok(answer) => {
                memory.turned_away.push(answer);
                memory.unknown.push(order);
                std::thread::sleep(RETRY_PAUSE);
            }
            Err(_) => {
                memory.unknown.push(order);
                std::thread::sleep(RETRY_PAUSE);
            }
        }
    }
    memory
}
