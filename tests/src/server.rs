//! A bank that serves: the process, where it listens, what it printed, and its end.

use crate::finished::is_setting;
use crate::wait::until_some;
use crate::{Door, Trust};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const START_TIME_MAX: Duration = Duration::from_secs(30);
const STOP_TIME_MAX: Duration = Duration::from_secs(20);
const LOG_LINES_SHOWN: usize = 40;

/// A running `florin serve`; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    door: Door,
    operations: Option<Door>,
    printed: Vec<String>,
    log: PathBuf,
}

impl Server {
    /// Starts it and waits until it is ready. Its log goes to the file. A server with TLS needs somebody who trusts it.
    pub(crate) fn start(mut command: Command, log: PathBuf, trust: Option<Trust>) -> Self {
        let file = File::options().create(true).append(true).open(&log).expect("the data folder takes a log");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let lines = lines_of(&mut child);
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        // From here on a failed start kills the child and shows its log.
        let scheme = if trust.is_some() { "https://" } else { "http://" };
        let door = Door::new(nowhere, trust.clone());
        let mut server = Self { child, door, operations: None, printed: Vec::new(), log };
        let address = loop {
            let line = lines.recv_timeout(START_TIME_MAX).expect("the server prints where it listens");
            let operations = line.strip_prefix("Operations are answered on ").and_then(|rest| rest.split_once(": "));
            if let Some((address, _)) = operations {
                server.operations = Some(Door::new(address.parse().expect("it prints an address"), None));
            }
            let address = line.split_once(scheme).and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
            server.printed.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        server.door = Door::new(address, trust);
        let asked = server.operations.as_ref().unwrap_or(&server.door).anonymous();
        let is_ready = || asked.try_send(("GET", "/ready"), None, "").ok().filter(|ready| ready.status == 200);
        until_some("the server is ready", START_TIME_MAX, is_ready);
        server
    }

    /// What it printed until it listened.
    pub fn printed(&self) -> &[String] {
        &self.printed
    }

    /// Where it answers those who run it.
    ///
    /// # Panics
    /// When it answers them where it answers everybody.
    pub fn operations(&self) -> &Door {
        self.operations.as_ref().expect("the server has a listener for operations")
    }

    /// Kills it on the spot, as by a power cut.
    ///
    /// # Panics
    /// When it had ended before.
    pub fn kill(mut self) {
        assert!(self.child.try_wait().expect("a child can be asked").is_none(), "the server ended by itself");
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Asks it to stop; does not wait.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Waits until it has ended in order.
    ///
    /// # Panics
    /// When it does not end, or not well.
    #[track_caller]
    pub fn expect_end(mut self) {
        let end = || self.child.try_wait().expect("a child can be asked");
        let status = until_some("the server stops", STOP_TIME_MAX, end);
        assert!(status.success(), "a server that is asked to stop ends well: {status}");
    }

    /// Waits until it has given up by itself, and gives its log.
    ///
    /// # Panics
    /// When it does not end, or as if nothing were wrong.
    #[track_caller]
    pub fn expect_failure(mut self) -> String {
        let end = || self.child.try_wait().expect("a child can be asked");
        let status = until_some("the server gives up", STOP_TIME_MAX, end);
        assert!(!status.success(), "a server that gives up says so");
        self.log()
    }

    /// Stops it in order.
    ///
    /// # Panics
    /// When it does not stop, or not well.
    #[track_caller]
    pub fn stop(self) {
        self.terminate();
        self.expect_end();
    }

    /// Tells it that its certificates are new.
    ///
    /// # Panics
    /// When it cannot be told.
    pub fn hang_up(&self) {
        self.signal("-HUP");
    }

    /// The most memory that it has had so far, in KiB.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn memory_peak_kib(&self) -> u64 {
        let status = self.told_by_system("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak.and_then(|kib| kib.trim().parse().ok()).expect("the system knows how much memory a process has")
    }

    /// How many files it may have open.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn files_max(&self) -> u64 {
        let limits = self.told_by_system("limits");
        let limit = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next());
        limit.and_then(|limit| limit.parse().ok()).expect("the system knows how many files a process may have open")
    }

    fn told_by_system(&self, what: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{what}", self.child.id())).unwrap_or_default()
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "a signal can be sent");
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn show_log(&self) {
        let log = self.log();
        // Each start prints its settings first.
        let lines: Vec<&str> = log.lines().filter(|line| !is_setting(line)).collect();
        let start = lines.len().saturating_sub(LOG_LINES_SHOWN);
        eprintln!("the end of the server's log:\n{}", lines[start..].join("\n"));
    }
}

impl Deref for Server {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            self.show_log();
        }
    }
}

/// The lines that the child prints; read to the end, so that it never waits for a reader.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    let stdout = BufReader::new(child.stdout.take().expect("the output is piped"));
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            // Nobody reads any more once it listens.
            drop(sender.send(line));
        }
    });
    lines
}
