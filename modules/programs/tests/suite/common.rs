//! One module opened on a fresh database, with a clock that only moves when it is told to.

use db::{Db, Migration, WallTime};
use factors::{Factors, HalfDoneLogins};
use identity::{Dependents, Identity, Login, Mailing, NewUser, Password, Settings};
use ids::UserId;
use outbox::{Act, Actor, Means};
use programs::{Memory, Programs, TrustedIssuer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) const START: WallTime = WallTime::from_unix_micros(1_767_225_600_250_000);
pub(crate) const ISSUER: &str = "https://bank.example";
pub(crate) const PASSWORD: &str = "secure_password";

pub(crate) struct TestPrograms {
    pub(crate) identity: Arc<Identity>,
    pub(crate) factors: Factors,
    pub(crate) programs: Programs,
    pub(crate) db: Db,
    folder: PathBuf,
}

/// Another process.
pub(crate) struct Process {
    pub(crate) identity: Arc<Identity>,
    pub(crate) factors: Factors,
    pub(crate) programs: Programs,
}

/// Runs the test body once on each engine.
pub(crate) fn with_programs(body: impl AsyncFn(TestPrograms)) {
    let migrations: Vec<Migration> = migrations().concat();
    testkit::on_each_engine(&migrations, async |db| body(TestPrograms::open(db).await).await);
}

impl TestPrograms {
    async fn open(db: Db) -> Self {
        let folder = std::env::temp_dir().join(format!("florin_programs_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let Process { identity, factors, programs } = open(&db, settings_in(&folder), None, START).await;
        Self { identity, factors, programs, db, folder }
    }

    /// Another process, that trusts an issuer.
    pub(crate) async fn open_trusting(&self, trusted: TrustedIssuer) -> Process {
        open(&self.db, settings_in(&self.folder), Some(trusted), START).await
    }

    /// Another process on the same database, or the same one after a restart.
    pub(crate) async fn open_again(&self, now: WallTime) -> Process {
        open(&self.db, settings_in(&self.folder), None, now).await
    }

    pub(crate) async fn register(&self, username: &str) -> Login {
        self.identity.register(new_user(username), START).await.unwrap()
    }

    /// The events of a kind so far, in order.
    pub(crate) async fn events_of(&self, kind: &str) -> Vec<outbox::Event> {
        let mut all = outbox::numbered_after(&self.db, 0, 100).await.unwrap();
        all.retain(|event| event.kind == kind);
        all
    }

    /// Each of these kinds of events was written by now.
    pub(crate) async fn expect_events(&self, kinds: &[&str]) {
        let all = self.event_kinds().await;
        for kind in kinds {
            assert!(all.iter().any(|written| written == kind), "{kind} is not among {all:?}");
        }
    }

    /// The kinds of all events so far, in order.
    pub(crate) async fn event_kinds(&self) -> Vec<String> {
        outbox::numbered_after(&self.db, 0, 100).await.unwrap().into_iter().map(|event| event.kind).collect()
    }
}

impl Drop for TestPrograms {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

async fn open(db: &Db, settings: Settings, trusted: Option<TrustedIssuer>, now: WallTime) -> Process {
    let memory = Arc::new(Memory::new(trusted));
    let dependents = Dependents::new(vec![Arc::new(HalfDoneLogins), Arc::clone(&memory) as _]);
    let identity = Arc::new(Identity::open(db.clone(), settings, dependents, now).await.unwrap());
    let programs = Programs::new(db.clone(), Arc::clone(&identity), memory);
    let factors = Factors::new(db.clone(), Arc::clone(&identity));
    Process { identity, factors, programs }
}

pub(crate) const fn migrations() -> [&'static [Migration]; 7] {
    [
        db::MIGRATIONS,
        outbox::MIGRATIONS,
        notifications::MIGRATIONS,
        approvals::MIGRATIONS,
        identity::MIGRATIONS,
        factors::MIGRATIONS,
        programs::MIGRATIONS,
    ]
}

fn settings_in(folder: &Path) -> Settings {
    Settings {
        token_keys_folder: folder.join("signing-keys"),
        issuer: ISSUER.to_owned(),
        breached_passwords_file: None,
        mailing: Mailing::On,
        secrets_key_path: folder.join("secrets.key"),
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
pub(crate) const fn done(at: WallTime) -> Act {
    Actor::COMMAND_LINE.does(at)
}

/// The person does it.
pub(crate) const fn by(user: UserId, at: WallTime) -> Act {
    Actor::person(user, Means::External).does(at)
}
