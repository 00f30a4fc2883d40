//! A bank of its own: a data folder and a database, on which servers and commands are started.

use crate::folder::Folder;
use crate::program::florin;
use crate::{Background, Finished, Server, Trust};
use db::Engine;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::TestDatabase;

/// Where people would reach the bank.
const PUBLIC_URL: &str = "http://bank.example";

/// The place where a bank's data is; nothing runs by itself.
pub struct Bank {
    data: Folder,
    database: Database,
}

enum Database {
    /// The default: SQLite inside the data folder.
    InDataFolder,
    OfTestServer(TestDatabase),
    At(String),
}

/// Tells the story once on each engine at hand.
pub fn on_each_engine(story: impl Fn(Bank)) {
    for engine in testkit::engines() {
        println!("on {engine:?}");
        story(Bank::on(engine));
    }
}

impl Bank {
    /// An empty one on the engine.
    ///
    /// # Panics
    /// When there is no place for it.
    pub fn on(engine: Engine) -> Self {
        let database = match engine {
            Engine::Sqlite => Database::InDataFolder,
            Engine::Postgres => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let creation = TestDatabase::create(engine);
                Database::OfTestServer(runtime.expect("a runtime starts").block_on(creation))
            }
        };
        Self { data: Folder::private(), database }
    }

    /// One whose database is at the URL.
    pub fn at(url: String) -> Self {
        Self { data: Folder::private(), database: Database::At(url) }
    }

    /// The same, with its keys, on a database that is elsewhere now.
    pub fn moved_to(self, url: String) -> Self {
        Self { database: Database::At(url), ..self }
    }

    /// Which engine it is on.
    pub const fn engine(&self) -> Engine {
        match self.database {
            Database::InDataFolder => Engine::Sqlite,
            Database::OfTestServer(_) | Database::At(_) => Engine::Postgres,
        }
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    /// The file of the embedded database.
    pub fn sqlite_file(&self) -> PathBuf {
        self.data.file("florin.db")
    }

    /// The URL of its database on a server.
    pub fn database_url(&self) -> Option<&str> {
        match &self.database {
            Database::InDataFolder => None,
            Database::OfTestServer(database) => Some(&database.url),
            Database::At(url) => Some(url),
        }
    }

    /// The binary with these arguments, and with no other settings than this bank's.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(florin());
        let names = std::env::vars_os().map(|(name, _)| name);
        for name in names.filter(|name| name.to_string_lossy().starts_with("FLORIN_")) {
            command.env_remove(name);
        }
        // Stories hurry more than people do; those about limits turn them on.
        command.env("FLORIN_RATE_LIMIT", "off");
        command.env_remove("KAFKA_BROKERS");
        command.env_remove("FAILPOINTS").env("FLORIN_DATA_DIR", self.folder()).env("FLORIN_LISTEN", "127.0.0.1:0");
        // Tokens name who issued them: one name for all processes of the bank, and from start to start.
        command.env("FLORIN_PUBLIC_URL", PUBLIC_URL);
        if let Some(url) = self.database_url() {
            command.env("FLORIN_DATABASE_URL", url);
        }
        command.args(arguments);
        command
    }

    /// Starts the server.
    #[track_caller]
    pub fn serve(&self) -> Server {
        self.serve_with(&["serve"], &[])
    }

    /// Starts the server with more arguments and environment.
    #[track_caller]
    pub fn serve_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        Server::start(command, self.data.file("server.log"), None)
    }

    /// The binary under bounds of its own, such as `-n 256`, in the words of `ulimit`.
    pub fn command_under(&self, bounds: &str, arguments: &[&str]) -> Command {
        self.command_after(&format!("ulimit {bounds}"), arguments)
    }

    /// The binary, started by a shell that does something first.
    fn command_after(&self, first: &str, arguments: &[&str]) -> Command {
        let inner = self.command(arguments);
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{first}; exec \"$0\" \"$@\"")).arg(inner.get_program());
        command.args(inner.get_args());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Starts the server as somebody with this umask does.
    #[track_caller]
    pub fn serve_with_umask(&self, umask: &str, arguments: &[&str]) -> Server {
        let command = self.command_after(&format!("umask {umask}"), arguments);
        Server::start(command, self.data.file("server.log"), None)
    }

    /// Starts the server under bounds of its own.
    #[track_caller]
    pub fn serve_under(&self, bounds: &str, environment: &[(&str, &str)]) -> Server {
        let mut command = self.command_under(bounds, &["serve"]);
        command.envs(environment.iter().copied());
        Server::start(command, self.data.file("server.log"), None)
    }

    /// Starts the server with TLS, for the story to reach it with this trust.
    #[track_caller]
    pub fn serve_tls(&self, settings: Vec<(&str, String)>, trust: Trust) -> Server {
        let mut command = self.command(&["serve"]);
        command.env("FLORIN_LOG", "info,http_core=debug").envs(settings);
        Server::start(command, self.data.file("server.log"), Some(trust))
    }

    /// Runs a command to its end.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.start(arguments).finish()
    }

    /// Starts a command that goes on beside the story.
    #[track_caller]
    pub fn start(&self, arguments: &[&str]) -> Background {
        Background::start(self.command(arguments))
    }

    /// Asserts that the books and the audit log are right.
    ///
    /// # Panics
    /// When they are not.
    #[track_caller]
    pub fn expect_verified(&self) {
        let report = self.run(&["verify", "--audit"]).expect_success();
        assert!(report.contains("The books are right."), "{report}");
    }
}
