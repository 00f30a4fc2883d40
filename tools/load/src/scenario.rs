//! Applies a load: closed loops (`closed`), where each connection waits for its reply, and the fixed rate (`floor`).

mod closed;
mod floor;
mod transfers;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::customers::Customers;
use crate::options::{LoadOptions, Options, Scenario};
use crate::processes::{CpuTimes, Processes};
use crate::report::Report;
use crate::tally::Tally;

/// Requests under way when the time is up may still be answered for so long.
const GRACE: Duration = Duration::from_secs(10);
/// A connection that broke, or was told to slow down, rests for so long.
const PAUSE: Duration = Duration::from_millis(20);
/// Who logs in waits as the server asks with `Retry-After: 1`.
const LOGIN_PAUSE: Duration = Duration::from_secs(1);

/// Applies the load and reports it.
pub(crate) async fn run(options: &Options, customers: &Customers) -> anyhow::Result<Report> {
    match options.scenario {
        Scenario::Uniform | Scenario::Hot | Scenario::Batch { .. } | Scenario::Logins => {
            closed::run(options, customers).await
        }
        Scenario::Floor { reads_per_second, transfers_per_second } => {
            let rates = floor::Rates { reads_per_second, transfers_per_second };
            floor::run(options, rates, customers).await
        }
    }
}

/// Where a run is in its course; shared by everything that takes part.
#[derive(Debug, Default)]
struct Course(AtomicU8);

impl Course {
    const MEASURING: u8 = 1;
    const OVER: u8 = 2;

    fn is_measuring(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::MEASURING
    }

    fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::OVER
    }
}

/// What was spent in the measured time.
struct Measured {
    elapsed: Duration,
    cpu: CpuTimes,
    server_memory_max_kib: Option<u64>,
}

/// Lets the load warm up, run and end by the clock, and reads the processes at both ends of the measured time.
async fn measure(course: &Course, load: &LoadOptions) -> anyhow::Result<Measured> {
    let processes = Processes { server: load.server_pid, postgres_parent: load.postgres_parent_pid };
    tokio::time::sleep(Duration::from_secs(load.warm_up_seconds.into())).await;
    let (start, cpu_start) = (Instant::now(), processes.cpu_times()?);
    course.0.store(Course::MEASURING, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(load.seconds.into())).await;
    course.0.store(Course::OVER, Ordering::Relaxed);
    let elapsed = start.elapsed();
    let cpu = processes.cpu_times()?.since(cpu_start);
    Ok(Measured { elapsed, cpu, server_memory_max_kib: processes.server_memory_max_kib() })
}

/// The tally; a panic of one connection does not spoil the counts of the others.
fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
