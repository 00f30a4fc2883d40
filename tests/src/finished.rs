//! Commands of the binary that run to their end, or are killed on the way.

use crate::folder::Folder;
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RUN_TIME_MAX: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);

/// What a command left behind.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote for its user.
    pub stdout: String,
    /// What it wrote beside that.
    pub stderr: String,
}

impl Finished {
    /// What it wrote, if it ended well.
    ///
    /// # Panics
    /// When it failed.
    #[track_caller]
    pub fn expect_success(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// The one line that says why it failed. Settings, which `serve` prints first, are left out.
    ///
    /// # Panics
    /// When it succeeded, or said more or less than one line.
    #[track_caller]
    pub fn expect_refusal(self) -> String {
        assert!(self.code.is_some_and(|code| code != 0), "it was not refused: {self:?}");
        let said: Vec<&str> = self.stderr.lines().filter(|line| !is_setting(line)).collect();
        assert_eq!(said.len(), 1, "not one clear line: {self:?}");
        said[0].to_owned()
    }
}

/// A command that is still running.
#[derive(Debug)]
pub struct Background {
    child: Child,
    output: Folder,
}

impl Background {
    /// Starts it, its output going to files: a full pipe would stop it.
    pub(crate) fn start(mut command: Command) -> Self {
        let output = Folder::fresh();
        let file = |name| File::create(output.file(name)).expect("a fresh folder takes files");
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Self { child, output }
    }

    /// Whether it has not ended yet.
    ///
    /// # Panics
    /// When the operating system does not know.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_none()
    }

    /// Kills it on the spot, as by a power cut.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(mut self) -> Finished {
        self.child.kill().expect("a child can be killed");
        self.finish()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it takes too long.
    pub fn finish(mut self) -> Finished {
        let deadline = Instant::now() + RUN_TIME_MAX;
        while self.is_running() {
            assert!(Instant::now() < deadline, "still running after {RUN_TIME_MAX:?}: {:?}", self.read("stderr"));
            std::thread::sleep(PAUSE);
        }
        let code = self.child.wait().expect("a child can be waited for").code();
        Finished { code, stdout: self.read("stdout"), stderr: self.read("stderr") }
    }

    fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.output.file(name)).expect("the output is there");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What `serve` prints first.
pub(crate) fn is_setting(line: &str) -> bool {
    line.starts_with("FLORIN_") || line.starts_with("KAFKA_BROKERS=")
}
