//! A PgBouncer of a story's own, in front of a PostgreSQL server.

use crate::folder::Folder;
use crate::program::Tool;
use crate::wait::until_some;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const START_TIME_MAX: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Outlives neither the story nor its process: when its input closes, it kills the pooler.
const GUARD: &str = r#""$@" >/dev/null 2>&1 & pooler=$!; trap '' INT TERM HUP; cat >/dev/null; kill -9 $pooler"#;

/// The pooler; gone when dropped.
#[derive(Debug)]
pub struct PgBouncer {
    program: PathBuf,
    database_url: String,
    address: SocketAddr,
    guard: Child,
    folder: Folder,
}

impl PgBouncer {
    /// Starts one in front of the database at the URL, with these lines in its configuration; nothing when PgBouncer is
    /// not installed and nobody promised that it would be.
    pub fn start(database_url: &str, lines: &[&str]) -> Option<Self> {
        let program = Tool::PgBouncer.find()?;
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("there is a free port");
        let (database_url, folder) = (database_url.to_owned(), Folder::fresh());
        let configuration = folder.write("pgbouncer.ini", configuration(&database_url, address, lines));
        let guard = spawn(&program, &configuration);
        let pooler = Self { program, database_url, address, guard, folder };
        pooler.await_start();
        Some(pooler)
    }

    /// Ends it with all its connections, and starts it with other lines.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self, lines: &[&str]) {
        self.stop();
        let configuration = configuration(&self.database_url, self.address, lines);
        self.guard = spawn(&self.program, &self.folder.write("pgbouncer.ini", configuration));
        self.await_start();
    }

    /// # Panics
    /// When it does not take connections in time.
    fn await_start(&self) {
        let connect = || TcpStream::connect_timeout(&self.address, ANSWER_TIMEOUT).ok();
        until_some("PgBouncer listens", START_TIME_MAX, connect);
    }

    fn stop(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
    }

    /// Where the bank finds its database.
    pub fn url(&self) -> String {
        format!("postgres://florin@{}/bank", self.address)
    }
}

fn spawn(program: &Path, configuration: &Path) -> Child {
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD, "sh"]).arg(program);
    // It refuses to run as root, and takes no user from anybody else.
    if is_root() {
        guard.args(["-u", "nobody"]);
    }
    guard.arg(configuration).stdin(Stdio::piped()).spawn().expect("a shell starts")
}

/// # Panics
/// When the URL is not one of the tests' servers.
fn configuration(database_url: &str, address: SocketAddr, lines: &[&str]) -> String {
    let rest = database_url.strip_prefix("postgres://florin@127.0.0.1:").and_then(|rest| rest.split_once('/'));
    let (port, name) = rest.expect("the server is that of the tests");
    format!(
        "[databases]\nbank = host=127.0.0.1 port={port} dbname={name} user=florin\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\nauth_type = any\nunix_socket_dir =\n\
         max_client_conn = 100\ndefault_pool_size = 30\n{}\n",
        address.port(),
        lines.join("\n")
    )
}

/// Whether this process may do everything.
pub(crate) fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").output();
    asked.is_ok_and(|output| output.stdout == b"0\n")
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        self.stop();
    }
}
