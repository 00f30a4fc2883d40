//! A Redis server of a story's own, which it may kill and start again, or let hang. It keeps nothing.

use crate::Certificates;
use crate::folder::Folder;
use crate::program::Tool;
use crate::wait::until_some;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const START_TIME_MAX: Duration = Duration::from_secs(20);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Outlives neither the story nor its process: when its input closes, it kills the server.
const GUARD: &str = r#""$@" >/dev/null 2>&1 & server=$!; trap '' INT TERM HUP; cat >/dev/null; kill -9 $server"#;

/// The server; gone when dropped.
#[derive(Debug)]
pub struct Redis {
    program: PathBuf,
    address: SocketAddr,
    guard: Child,
    folder: Folder,
    encryption: Option<Certificates>,
}

impl Redis {
    /// Starts one; nothing when Redis is not installed and nobody promised that it would be.
    pub fn start() -> Option<Self> {
        Self::start_with(None)
    }

    /// The same, reached over TLS only.
    pub fn start_encrypted(certificates: Certificates) -> Option<Self> {
        Self::start_with(Some(certificates))
    }

    fn start_with(encryption: Option<Certificates>) -> Option<Self> {
        let program = Tool::RedisServer.find()?;
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("there is a free port");
        let folder = Folder::fresh();
        let guard = spawn(&program, address, (&folder, encryption.as_ref()));
        let redis = Self { program, address, guard, folder, encryption };
        redis.await_start();
        Some(redis)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        let scheme = if self.encryption.is_some() { "rediss" } else { "redis" };
        format!("{scheme}://{}", self.address)
    }

    /// How many scripts it has run since it started.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn scripts_run(&self) -> u64 {
        let mut stream = TcpStream::connect_timeout(&self.address, ANSWER_TIMEOUT).expect("Redis takes connections");
        stream.write_all(b"INFO commandstats\r\nQUIT\r\n").expect("Redis reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("Redis answers");
        let calls = |line: &str| line.strip_prefix("cmdstat_evalsha:calls=")?.split(',').next()?.parse::<u64>().ok();
        answer.lines().find_map(calls).unwrap_or_default()
    }

    /// Lets it hang: it takes connections, and answers nothing.
    pub fn hang(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on where it hung.
    pub fn wake(&self) {
        self.signal("-CONT");
    }

    /// # Panics
    /// When there is no such process any more.
    fn signal(&self, name: &str) {
        let process = std::fs::read_to_string(self.folder.file("redis.pid")).expect("Redis writes down its process");
        let sent = Command::new("kill").args([name, process.trim()]).status().expect("kill starts");
        assert!(sent.success(), "{name} was not sent to {process}");
    }

    /// Kills it on the spot.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        drop(self.guard.stdin.take());
        self.guard.wait().expect("a child can be waited for");
    }

    /// Starts it again, with nothing in it.
    pub fn start_again(&mut self) {
        self.guard = spawn(&self.program, self.address, (&self.folder, self.encryption.as_ref()));
        self.await_start();
    }

    /// # Panics
    /// When it does not answer in time.
    fn await_start(&self) {
        until_some("Redis answers", START_TIME_MAX, || {
            let mut stream = TcpStream::connect_timeout(&self.address, ANSWER_TIMEOUT).ok()?;
            if self.encryption.is_some() {
                return Some(());
            }
            stream.set_read_timeout(Some(ANSWER_TIMEOUT)).ok()?;
            stream.write_all(b"PING\r\n").ok()?;
            let mut answer = [0; 5];
            stream.read_exact(&mut answer).ok().filter(|()| answer == *b"+PONG")
        });
    }
}

fn spawn(program: &PathBuf, address: SocketAddr, (folder, encryption): (&Folder, Option<&Certificates>)) -> Child {
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD, "sh"]).arg(program);
    guard.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    guard.arg("--dir").arg(folder.path()).arg("--pidfile").arg(folder.file("redis.pid"));
    let port = address.port().to_string();
    match encryption {
        None => guard.args(["--port", &port]),
        Some(certificates) => {
            guard.args(["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"]);
            guard.arg("--tls-cert-file").arg(certificates.file("server.pem"));
            guard.arg("--tls-key-file").arg(certificates.file("server.key"));
            guard.arg("--tls-ca-cert-file").arg(certificates.file("ca.pem"))
        }
    };
    guard.stdin(Stdio::piped()).spawn().expect("a shell starts")
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
    }
}
