//! A PostgreSQL server of a story's own, which it may stop and start: the shared one belongs to all tests.

use crate::folder::Folder;
use crate::program::{run, script};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tokio_postgres::NoTls;

/// Outlives the story, whatever ends it: when its input closes, it removes the server.
const GUARD: &str = "trap '' INT TERM HUP; cat >/dev/null; exec \"$0\" destroy \"$1\"";

/// The server; gone when dropped, and also when the story is killed.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    guard: Child,
    _parent: Folder,
}

impl Cluster {
    /// Makes and starts one with more settings, such as `fsync=off`.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub fn create(settings: &[&str]) -> Self {
        let parent = Folder::fresh();
        let folder = parent.file("postgres");
        let mut guard = Command::new("sh");
        guard.arg("-c").arg(GUARD).arg(script("postgres.sh")).arg(&folder);
        let guard = guard.stdin(Stdio::piped()).spawn().expect("a shell starts");
        let cluster = Self { folder, guard, _parent: parent };
        cluster.control("create", settings);
        cluster
    }

    /// Where its database is.
    pub fn url(&self) -> String {
        self.control("url", &[]).trim().to_owned()
    }

    /// Stops it on the spot, as in a crash.
    pub fn stop(&self) {
        self.control("stop", &[]);
    }

    /// Starts it again.
    pub fn start(&self) {
        self.control("start", &[]);
    }

    /// Halts all of its processes until what is given back is dropped: their network goes on as if nothing were wrong.
    ///
    /// # Panics
    /// When it does not tell which they are.
    pub fn halt(&self) -> Halted {
        let asking =
            "SELECT pid FROM pg_stat_activity UNION SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int";
        let (url, runtime) = (self.url(), tokio::runtime::Builder::new_current_thread().enable_all().build());
        let pids = runtime.expect("a runtime starts").block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("the server is there");
            let talking = tokio::spawn(connection);
            let rows = client.query(asking, &[]).await.expect("the owner may ask");
            talking.abort();
            rows.iter().map(|row| row.get::<_, i32>(0).to_string()).collect()
        });
        let halted = Halted(pids);
        halted.signal("-STOP");
        halted
    }

    #[track_caller]
    fn control(&self, action: &str, more: &[&str]) -> String {
        let mut command = Command::new(script("postgres.sh"));
        command.arg(action).arg(&self.folder).args(more);
        run(command).expect_success()
    }
}

/// The processes of a server that was halted; they go on when this is dropped.
#[derive(Debug)]
pub struct Halted(Vec<String>);

impl Halted {
    fn signal(&self, signal: &str) {
        for pid in &self.0 {
            // The session that told of them has ended by itself.
            drop(Command::new("kill").args([signal, pid]).stderr(Stdio::null()).status());
        }
    }
}

impl Drop for Halted {
    fn drop(&mut self) {
        self.signal("-CONT");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
    }
}
