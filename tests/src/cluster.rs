//! A PostgreSQL server of a story's own, which it may stop and start: the shared one belongs to all tests.

use crate::folder::Folder;
use crate::program::{run, script};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

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

    #[track_caller]
    fn control(&self, action: &str, more: &[&str]) -> String {
        let mut command = Command::new(script("postgres.sh"));
        command.arg(action).arg(&self.folder).args(more);
        run(command).expect_success()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
    }
}
