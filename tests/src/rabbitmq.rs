//! A RabbitMQ of a story's own, which it may kill and start again. What it has confirmed it keeps.

use crate::folder::Folder;
use crate::guard::guarded;
use crate::program::Tool;
use crate::wait::until_some;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

const START_TIME_MAX: Duration = Duration::from_secs(60);

/// The server; gone when dropped.
#[derive(Debug)]
pub struct RabbitMq {
    program: PathBuf,
    ports: [u16; 3],
    guard: Child,
    folder: Folder,
}

impl RabbitMq {
    /// Starts one; nothing when RabbitMQ is not installed and nobody promised that it would be.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Option<Self> {
        let program = Tool::RabbitMq.find()?;
        let folder = Folder::fresh();
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let ports = std::array::from_fn(|_| free().expect("there is a free port").port());
        let guard = spawn(&program, ports, &folder);
        let server = Self { program, ports, guard, folder };
        server.await_start();
        Some(server)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        let [port, ..] = self.ports;
        format!("amqp://guest:guest@127.0.0.1:{port}/%2f")
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
        self.guard = spawn(&self.program, self.ports, &self.folder);
        self.await_start();
    }

    fn await_start(&self) {
        let [port, ..] = self.ports;
        until_some("RabbitMQ takes connections", START_TIME_MAX, || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
        });
    }
}

impl Drop for RabbitMq {
    /// Erlang's port mapper is a process of its own, in a session of its own.
    fn drop(&mut self) {
        self.kill();
        let [.., mapper] = self.ports;
        let stopped = Command::new("epmd").arg("-kill").env("ERL_EPMD_PORT", mapper.to_string()).output();
        if stopped.is_err() {
            println!("Erlang's port mapper on port {mapper} was left running");
        }
    }
}

/// Everything of it on loopback, under a name, a cookie and a port mapper of its own.
fn spawn(program: &Path, [port, nodes, mapper]: [u16; 3], folder: &Folder) -> Child {
    let in_folder = |name: &str| folder.file(name);
    let mut guard = guarded(program, folder);
    guard.env("HOME", folder.path()).env("RABBITMQ_NODENAME", format!("florin{port}@localhost"));
    guard.env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1").env("RABBITMQ_NODE_PORT", port.to_string());
    guard.env("RABBITMQ_DIST_PORT", nodes.to_string()).env("ERL_EPMD_PORT", mapper.to_string());
    guard.env("ERL_EPMD_ADDRESS", "127.0.0.1");
    let loopback = "-kernel inet_dist_use_interface {127,0,0,1}";
    guard.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", loopback);
    guard.env("RABBITMQ_MNESIA_BASE", in_folder("data")).env("RABBITMQ_LOG_BASE", in_folder("log"));
    guard.env("RABBITMQ_ENABLED_PLUGINS_FILE", in_folder("plugins")).env("RABBITMQ_CONFIG_FILE", in_folder("none"));
    guard.env("RABBITMQ_CONF_ENV_FILE", in_folder("env")).env("RABBITMQ_PID_FILE", in_folder("pid"));
    guard.spawn().expect("sh starts")
}
