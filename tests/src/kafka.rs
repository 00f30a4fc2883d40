//! A Kafka of a story's own, which it may kill and start again. What it has confirmed it keeps.

use crate::folder::Folder;
use crate::guard::guarded;
use crate::program::{Tool, run};
use crate::wait::until_some;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

const START_TIME_MAX: Duration = Duration::from_secs(120);

/// The server; gone when dropped.
#[derive(Debug)]
pub struct Kafka {
    program: PathBuf,
    port: u16,
    guard: Child,
    folder: Folder,
}

impl Kafka {
    /// Starts one; nothing when Kafka is not installed and nobody promised that it would be.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Option<Self> {
        let program = Tool::Kafka.find()?;
        let folder = Folder::fresh();
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let [port, controller] = std::array::from_fn(|_| free().expect("there is a free port").port());
        std::fs::write(folder.file("server.properties"), properties(port, controller)).expect("a file is written");
        let mut format = Command::new(&program);
        format.current_dir(folder.path()).args([
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
            "Zmxvcmluc3RvcmllczAwMA",
            "--config",
            "server.properties",
        ]);
        run(format).expect_success();
        let guard = spawn(&program, &folder);
        let server = Self { program, port, guard, folder };
        server.await_start();
        Some(server)
    }

    /// Where it is.
    pub fn broker(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Kills it on the spot.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        drop(self.guard.stdin.take());
        self.guard.wait().expect("a child can be waited for");
    }

    /// Starts it again, with all that it had confirmed.
    pub fn start_again(&mut self) {
        self.guard = spawn(&self.program, &self.folder);
        self.await_start();
    }

    fn await_start(&self) {
        until_some("Kafka takes connections", START_TIME_MAX, || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()
        });
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(program: &Path, folder: &Folder) -> Child {
    let mut guard = guarded(program, folder);
    guard.args(["kafka.Kafka", "server.properties"]);
    guard.spawn().expect("sh starts")
}

/// One process that is everything, on loopback.
fn properties(port: u16, controller: u16) -> String {
    [
        "process.roles=broker,controller",
        "node.id=1",
        &format!("controller.quorum.voters=1@127.0.0.1:{controller}"),
        &format!("listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}"),
        &format!("advertised.listeners=PLAINTEXT://127.0.0.1:{port}"),
        "controller.listener.names=CONTROLLER",
        "log.dirs=data",
        "auto.create.topics.enable=false",
        "offsets.topic.replication.factor=1",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
    ]
    .join("\n")
}
