//! One module opened on a fresh database, with a clock that only moves when it is told to.

use auth::{Auth, Login, Mailing, NewUser, Password, Settings, TrustedIssuer};
use db::{Db, Migration, Timestamp};
use ids::{EventId, UserId};
use outbox::{Act, Actor, Means};
use std::path::{Path, PathBuf};
use uuid::Uuid;

pub(crate) const START: Timestamp = Timestamp::from_unix_micros(1_767_225_600_250_000);
pub(crate) const ISSUER: &str = "https://bank.example";
pub(crate) const PASSWORD: &str = "secure_password";

pub(crate) struct TestAuth {
    pub(crate) auth: Auth,
    pub(crate) db: Db,
    folder: PathBuf,
}

/// Runs the test body once on each engine.
pub(crate) fn with_auth(body: impl AsyncFn(TestAuth)) {
    let migrations: Vec<Migration> = [outbox::MIGRATIONS, notifications::MIGRATIONS, auth::MIGRATIONS].concat();
    testkit::on_each_engine(&migrations, async |db| body(TestAuth::open(db).await).await);
}

impl TestAuth {
    async fn open(db: Db) -> Self {
        let folder = std::env::temp_dir().join(format!("florin_auth_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let auth = Auth::open(db.clone(), settings_in(&folder), START).await.unwrap();
        Self { auth, db, folder }
    }

    /// Another process, that trusts an issuer.
    pub(crate) async fn open_trusting(&self, trusted: TrustedIssuer) -> Auth {
        let settings = Settings { trusted_issuer: Some(trusted), ..self.settings() };
        Auth::open(self.db.clone(), settings, START).await.unwrap()
    }

    pub(crate) fn settings(&self) -> Settings {
        settings_in(&self.folder)
    }

    /// Another process on the same database, or the same one after a restart.
    pub(crate) async fn open_again(&self, now: Timestamp) -> Auth {
        Auth::open(self.db.clone(), self.settings(), now).await.unwrap()
    }

    pub(crate) async fn register(&self, username: &str) -> Login {
        self.auth.register(new_user(username), START).await.unwrap()
    }

    /// The events of a kind so far, in order.
    pub(crate) async fn events_of(&self, kind: &str) -> Vec<outbox::Event> {
        let nothing = EventId::from_uuid(Uuid::nil());
        let mut all = outbox::after(&self.db, nothing, 100).await.unwrap();
        all.retain(|event| event.kind == kind);
        all
    }

    /// The kinds of all events so far, in order.
    pub(crate) async fn event_kinds(&self) -> Vec<String> {
        let nothing = EventId::from_uuid(Uuid::nil());
        outbox::after(&self.db, nothing, 100).await.unwrap().into_iter().map(|event| event.kind).collect()
    }
}

impl Drop for TestAuth {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn settings_in(folder: &Path) -> Settings {
    Settings {
        signing_keys_folder: folder.join("signing-keys"),
        issuer: ISSUER.to_owned(),
        breached_passwords_file: None,
        mailing: Mailing::On,
        secrets_key_path: folder.join("secrets.key"),
        trusted_issuer: None,
    }
}

pub(crate) fn new_user(username: &str) -> NewUser {
    NewUser { username: username.to_owned(), password: password(), email: None }
}

pub(crate) fn password() -> Password {
    Password::new(PASSWORD)
}

/// The command line does it, at the start.
pub(crate) const fn command_line() -> Act {
    done(START)
}

/// The command line does it.
pub(crate) const fn done(at: Timestamp) -> Act {
    Actor::COMMAND_LINE.does(at)
}

/// The person does it.
pub(crate) const fn by(user: UserId, at: Timestamp) -> Act {
    Actor::person(user, Means::External).does(at)
}
