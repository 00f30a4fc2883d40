//! CPU time and memory of processes, from Linux's /proc.

use std::fs;

use anyhow::Context as _;

/// Linux counts CPU time for user space in hundredths of a second (USER_HZ), whatever the kernel's own tick.
const TICK_US: u64 = 10_000;

/// The processes that take part in a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processes {
    /// The server.
    pub(crate) server: Option<u32>,
    /// PostgreSQL's first process.
    pub(crate) postgres_parent: Option<u32>,
}

/// CPU time used so far, in microseconds; `None` for a process that is not watched.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CpuTimes {
    /// Of the server.
    pub(crate) server_us: Option<u64>,
    /// Of PostgreSQL and all its children, past and present.
    pub(crate) database_us: Option<u64>,
    /// Of this process.
    pub(crate) generator_us: u64,
}

impl CpuTimes {
    /// What was used between an earlier reading and this one.
    pub(crate) fn since(self, earlier: Self) -> Self {
        let spent = |now: Option<u64>, then: Option<u64>| Some(now?.saturating_sub(then?));
        Self {
            server_us: spent(self.server_us, earlier.server_us),
            database_us: spent(self.database_us, earlier.database_us),
            generator_us: self.generator_us.saturating_sub(earlier.generator_us),
        }
    }
}

impl Processes {
    /// Reads the CPU times of now.
    ///
    /// # Errors
    /// A watched process does not exist.
    pub(crate) fn cpu_times(self) -> anyhow::Result<CpuTimes> {
        let own = |id: &str| read_stat(id).map(|stat| stat.own_ticks * TICK_US);
        Ok(CpuTimes {
            server_us: self.server.map(|id| own(&id.to_string())).transpose()?,
            database_us: self.postgres_parent.map(family_us).transpose()?,
            generator_us: own("self")?,
        })
    }

    /// The most memory that the server ever held at once, in KiB (VmHWM).
    pub(crate) fn server_memory_max_kib(self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server?)).ok()?;
        parse_memory_max(&status)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own_ticks: u64,
    exited_children_ticks: u64,
}

fn read_stat(id: &str) -> anyhow::Result<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).with_context(|| format!("no process {id}"))?;
    parse_stat(&text).with_context(|| format!("/proc/{id}/stat cannot be read"))
}

/// A process with its children; what exited children used is kept by the kernel on the parent's account.
fn family_us(parent: u32) -> anyhow::Result<u64> {
    let stat = read_stat(&parent.to_string())?;
    let mut ticks = stat.own_ticks + stat.exited_children_ticks;
    for entry in fs::read_dir("/proc").context("/proc cannot be read")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())) else { continue };
        // A process may be gone by now: then it is on its parent's account at the next reading.
        if let Ok(child) = read_stat(id)
            && child.parent == parent
        {
            ticks += child.own_ticks + child.exited_children_ticks;
        }
    }
    Ok(ticks * TICK_US)
}

/// Fields of proc(5): the name in parentheses may hold anything, so counting starts behind the last one.
fn parse_stat(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(4)?).ok()?,
        own_ticks: number(14)? + number(15)?,
        exited_children_ticks: number(16)? + number(17)?,
    })
}

fn parse_memory_max(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_a_strange_name_is_read() {
        let text = "42 (a) S 9 (b)) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 30 4 20 0 1 0 99 1 2";
        let stat = Stat { parent: 7, own_ticks: 120, exited_children_ticks: 34 };
        assert_eq!(parse_stat(text), Some(stat));
        assert_eq!(parse_stat("42 (a) S 7"), None);
    }

    #[test]
    fn the_memory_peak_is_read() {
        assert_eq!(parse_memory_max("VmPeak:\t  9 kB\nVmHWM:\t  1234 kB\nVmRSS:\t 5 kB\n"), Some(1234));
        assert_eq!(parse_memory_max("VmPeak:\t  9 kB\n"), None);
    }

    #[test]
    fn this_process_has_used_time_and_memory() {
        let here = Processes { server: Some(std::process::id()), postgres_parent: Some(std::process::id()) };
        let times = here.cpu_times().unwrap();
        assert!(times.server_us.is_some() && times.database_us >= times.server_us);
        assert!(here.server_memory_max_kib().unwrap() > 0);
        assert!(Processes { server: Some(u32::MAX), postgres_parent: None }.cpu_times().is_err());
    }
}
