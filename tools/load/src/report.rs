//! What a run found, as lines to read or as JSON. Whole numbers throughout: rates for a second, times in microseconds.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::options::Options;
use crate::processes::CpuTimes;
use crate::tally::Tally;

/// What a run found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Which requests were sent.
    pub(crate) scenario: &'static str,
    /// How many connections sent them.
    pub(crate) connections: u32,
    /// How many customers sent them.
    pub(crate) users: u32,
    /// How many accounts took part.
    pub(crate) accounts: usize,
    /// How long was measured.
    pub(crate) measured_us: u64,
    /// Transfers that the server reported as settled in the measured time.
    pub(crate) transfers: u64,
    /// Those transfers for each second.
    pub(crate) transfers_per_second: u64,
    /// Settled transfers with those before and after the measured time.
    pub(crate) transfers_in_all: u64,
    /// Each kind of request.
    pub(crate) requests: Vec<RequestReport>,
    /// CPU time of the server in the measured time, if its process is known.
    pub(crate) server_cpu_us: Option<u64>,
    /// CPU time of PostgreSQL in the measured time, if its process is known.
    pub(crate) database_cpu_us: Option<u64>,
    /// CPU time of the load generator in the measured time.
    pub(crate) generator_cpu_us: u64,
    /// The most memory that the server ever held, in KiB (VmHWM), if its process is known.
    pub(crate) server_memory_max_kib: Option<u64>,
}

/// How one kind of request went in the measured time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestReport {
    /// Which kind.
    pub(crate) kind: &'static str,
    /// Replies of all kinds.
    pub(crate) answered: u64,
    /// Replies of all kinds for each second.
    pub(crate) answered_per_second: u64,
    /// Replies by status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Reads or transfers that the server refused, those inside of batches included.
    pub(crate) refused: u64,
    /// Requests without a reply, warming up included.
    pub(crate) lost: u64,
    /// The first refusal or failure.
    pub(crate) first_trouble: Option<String>,
    /// Latency of the successful ones.
    pub(crate) latency: Latency,
}

/// Percentiles in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Latency {
    /// Half are no slower.
    pub(crate) p50_us: u64,
    /// Nine in ten are no slower.
    pub(crate) p90_us: u64,
    /// All but one in a hundred are no slower.
    pub(crate) p99_us: u64,
    /// All but one in a thousand are no slower.
    pub(crate) p999_us: u64,
    /// The slowest.
    pub(crate) max_us: u64,
}

impl RequestReport {
    /// The counts of a tally.
    pub(crate) fn new(kind: &'static str, tally: &Tally, elapsed: Duration) -> Self {
        let answered = tally.statuses.values().sum();
        let latency = Latency {
            p50_us: tally.latency.percentile_us(500),
            p90_us: tally.latency.percentile_us(900),
            p99_us: tally.latency.percentile_us(990),
            p999_us: tally.latency.percentile_us(999),
            max_us: tally.latency.max_us(),
        };
        Self {
            kind,
            answered,
            answered_per_second: per_second(answered, elapsed),
            statuses: tally.statuses.clone(),
            refused: tally.refused,
            lost: tally.lost,
            first_trouble: tally.first_trouble.clone(),
            latency,
        }
    }
}

impl Report {
    /// A report without transfers and costs.
    pub(crate) fn new(options: &Options, accounts: usize, elapsed: Duration, requests: Vec<RequestReport>) -> Self {
        Self {
            scenario: options.scenario.name(),
            connections: options.load.connections,
            users: options.load.users,
            accounts,
            measured_us: micros(elapsed),
            transfers: 0,
            transfers_per_second: 0,
            transfers_in_all: 0,
            requests,
            server_cpu_us: None,
            database_cpu_us: None,
            generator_cpu_us: 0,
            server_memory_max_kib: None,
        }
    }

    /// Takes over the transfers of a tally.
    pub(crate) fn count_transfers(&mut self, tally: &Tally) {
        self.transfers = tally.done;
        self.transfers_per_second = per_second(tally.done, Duration::from_micros(self.measured_us));
        self.transfers_in_all = tally.done_in_all;
    }

    /// Takes over what the processes used.
    pub(crate) const fn set_costs(&mut self, cpu: CpuTimes, server_memory_max_kib: Option<u64>) {
        self.server_cpu_us = cpu.server_us;
        self.database_cpu_us = cpu.database_us;
        self.generator_cpu_us = cpu.generator_us;
        self.server_memory_max_kib = server_memory_max_kib;
    }

    /// Whether anything at all went well.
    pub(crate) fn succeeded(&self) -> bool {
        self.requests.iter().any(|request| request.latency.max_us > 0)
    }

    fn write_cost(&self, formatter: &mut fmt::Formatter<'_>, who: &str, cpu_us: u64) -> fmt::Result {
        write!(formatter, "cpu {who}: {} s", decimal(cpu_us / 1_000))?;
        // Microseconds for one are milliseconds for a thousand: three decimals are seconds for a thousand.
        if let Some(for_one_us) = cpu_us.checked_div(self.transfers) {
            write!(formatter, ", {} s per 1,000 transfers", decimal(for_one_us))?;
        }
        let answered: u64 = self.requests.iter().map(|request| request.answered).sum();
        match cpu_us.checked_div(answered) {
            Some(for_one_us) => writeln!(formatter, ", {for_one_us} us per request"),
            None => writeln!(formatter),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, connections, users, accounts, .. } = self;
        let seconds = decimal(self.measured_us / 1_000);
        writeln!(
            formatter,
            "{scenario}: {accounts} accounts, users: {users}, {connections} connections, {seconds} s measured"
        )?;
        let (transfers, rate, in_all) = (self.transfers, self.transfers_per_second, self.transfers_in_all);
        writeln!(formatter, "transfers: {transfers}, {rate}/s ({in_all} with warm-up)")?;
        self.requests.iter().try_for_each(|request| write!(formatter, "{request}"))?;
        let costs = [("server", self.server_cpu_us), ("database", self.database_cpu_us)];
        for (who, cpu_us) in costs.into_iter().filter_map(|(who, cpu_us)| Some((who, cpu_us?))) {
            self.write_cost(formatter, who, cpu_us)?;
        }
        self.write_cost(formatter, "generator", self.generator_cpu_us)?;
        match self.server_memory_max_kib {
            Some(kib) => writeln!(formatter, "server memory, most at once: {} MiB", kib.div_ceil(1024)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for RequestReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, answered, answered_per_second, refused, lost, latency, .. } = self;
        write!(formatter, "{kind} requests: {answered}, {answered_per_second}/s")?;
        self.statuses.iter().try_for_each(|(status, count)| write!(formatter, ", {status}: {count}"))?;
        writeln!(formatter, "; refused {refused}, lost {lost}")?;
        let milliseconds =
            [latency.p50_us, latency.p90_us, latency.p99_us, latency.p999_us, latency.max_us].map(decimal);
        let [p50, p90, p99, p999, max] = milliseconds;
        writeln!(formatter, "{kind} latency, ms: p50 {p50}, p90 {p90}, p99 {p99}, p99.9 {p999}, max {max}")?;
        match &self.first_trouble {
            Some(trouble) => writeln!(formatter, "first {kind} that went wrong: {trouble}"),
            None => Ok(()),
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn per_second(count: u64, elapsed: Duration) -> u64 {
    count.saturating_mul(1_000_000) / micros(elapsed).max(1)
}

/// Thousandths as a number with three decimals.
fn decimal(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Outcome;

    fn report() -> Report {
        let mut tally = Tally::new();
        let outcome = |status, done| Outcome {
            measured: true,
            latency: Duration::from_micros(2_500),
            status,
            done,
            refused: 1 - done,
        };
        (0..30).for_each(|_| tally.record(&outcome(201, 1)));
        tally.record(&outcome(422, 0));
        tally.note_trouble(|| "422: {}".to_owned());
        let elapsed = Duration::from_secs(15);
        let requests = vec![RequestReport::new("transfer", &tally, elapsed)];
        let mut report = Report {
            scenario: "uniform",
            connections: 64,
            users: 1,
            accounts: 10,
            measured_us: micros(elapsed),
            transfers: 0,
            transfers_per_second: 0,
            transfers_in_all: 0,
            requests,
            server_cpu_us: None,
            database_cpu_us: None,
            generator_cpu_us: 0,
            server_memory_max_kib: None,
        };
        report.count_transfers(&tally);
        report.set_costs(CpuTimes { server_us: Some(1_650), database_us: None, generator_us: 310 }, Some(2_049));
        report
    }

    #[test]
    fn the_text_names_every_figure() {
        let text = report().to_string();
        let expected = "uniform: 10 accounts, users: 1, 64 connections, 15.000 s measured\n\
            transfers: 30, 2/s (30 with warm-up)\n\
            transfer requests: 31, 2/s, 201: 30, 422: 1; refused 1, lost 0\n\
            transfer latency, ms: p50 2.500, p90 2.500, p99 2.500, p99.9 2.500, max 2.500\n\
            first transfer that went wrong: 422: {}\n\
            cpu server: 0.001 s, 0.055 s per 1,000 transfers, 53 us per request\n\
            cpu generator: 0.000 s, 0.010 s per 1,000 transfers, 10 us per request\n\
            server memory, most at once: 3 MiB\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_json_has_one_figure_a_line_for_scripts() {
        let json = serde_json::to_string_pretty(&report()).unwrap();
        assert!(json.contains("\n  \"transfersPerSecond\": 2,\n"), "{json}");
        assert!(json.contains("\n        \"201\": 30,\n") || json.contains("\"201\": 30"), "{json}");
    }
}
