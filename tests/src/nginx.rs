//! A real nginx of a story's own in front of a bank's instances, with the configuration that the project ships.

use crate::folder::Folder;
use crate::program::{repository_file, run};
use crate::wait::until_some;
use crate::{Certificates, Door, Tool};
use std::net::{SocketAddr, TcpListener};
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Outlives the story, whatever ends it: when its input closes, it ends nginx.
const GUARD: &str = "trap '' INT TERM HUP; \"$@\" & cat >/dev/null; kill -TERM $!; wait $!";
const START_TIME_MAX: Duration = Duration::from_secs(10);
/// Somebody else may be quicker at taking a port that was free.
const ATTEMPTS: usize = 5;

/// The proxy; gone when dropped, and also when the story is killed.
#[derive(Debug)]
pub struct Nginx {
    guard: Child,
    door: Door,
    plain: SocketAddr,
    folder: Folder,
}

impl Nginx {
    /// In front of the instances, with more values for the template; nothing if nginx is not installed.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(certificates: &Certificates, instances: &[SocketAddr], values: &[&str]) -> Option<Self> {
        Self::start_without("", certificates, instances, values)
    }

    /// The same with one line of the configuration left out, as somebody else may have written it.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_without(
        line: &str,
        certificates: &Certificates,
        instances: &[SocketAddr],
        values: &[&str],
    ) -> Option<Self> {
        let program = Tool::Nginx.find()?;
        let config = |[address, plain]: [SocketAddr; 2]| {
            let mut render = Command::new(repository_file("deploy/nginx/render.sh"));
            render.args(["name=localhost", &format!("certs={}", certificates.path("").trim_end_matches('/'))]);
            let addresses: Vec<String> = instances.iter().map(ToString::to_string).collect();
            render.args([format!("instances={}", addresses.join(","))]);
            render.args([format!("listen={address}"), format!("listen_plain={plain}")]).args(values);
            let config = run(render).expect_success();
            assert!(line.is_empty() || config.contains(line), "the configuration has the line");
            if line.is_empty() { config } else { config.replace(line, "") }
        };
        let started = (0..ATTEMPTS).find_map(|_| Self::attempt(&program, certificates, &config));
        Some(started.expect("nginx starts"))
    }

    fn attempt(
        program: &Path,
        certificates: &Certificates,
        config: &impl Fn([SocketAddr; 2]) -> String,
    ) -> Option<Self> {
        let folder = Folder::fresh();
        let [address, plain] = free_addresses();
        let config = folder.write("nginx.conf", config([address, plain]));
        let mut guard = Command::new("sh");
        guard.arg("-c").arg(GUARD).arg("sh").arg(program).args(["-e", "error.log", "-g", "daemon off;"]);
        guard.arg("-p").arg(folder.path()).arg("-c").arg(config).stdin(Stdio::piped());
        let guard = guard.spawn().expect("a shell starts");
        let nginx = Self { guard, door: Door::new(address, Some(certificates.trust())), plain, folder };
        let log = nginx.folder.file("error.log");
        until_some("nginx listens or says why not", START_TIME_MAX, || {
            let failed = std::fs::read_to_string(&log).is_ok_and(|log| log.contains("[emerg]"));
            if failed {
                return Some(None);
            }
            nginx.connect().is_ok().then_some(Some(()))
        })?;
        Some(nginx)
    }

    /// Where it takes requests without TLS.
    pub const fn plain(&self) -> Door {
        Door::new(self.plain, None)
    }

    /// What it has logged about requests.
    pub fn access_log(&self) -> String {
        std::fs::read_to_string(self.folder.file("access.log")).unwrap_or_default()
    }
}

impl Deref for Nginx {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.file("error.log")).unwrap_or_default();
            eprintln!("what nginx said:\n{log}");
        }
    }
}

/// Ports that nobody has at the moment.
fn free_addresses() -> [SocketAddr; 2] {
    let listeners = [0, 1].map(|_| TcpListener::bind("127.0.0.1:0").expect("there is a free port"));
    listeners.map(|listener| listener.local_addr().expect("a listener has an address"))
}
