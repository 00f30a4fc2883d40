//! One module opened on a fresh database, with a clock that only moves when it is told to.

use db::{Db, Migration, WallTime};
use factors::{Factors, HalfDoneLogins};
use identity::{Dependents, Identity, Login, Mailing, NewUser, Password, Settings};
use outbox::{Act, Actor};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) const START: WallTime = WallTime::from_unix_micros(1_767_225_600_250_000);
pub(crate) const ISSUER: &str = "https://bank.example";
pub(crate) const PASSWORD: &str = "secure_password";

pub(crate) struct TestFactors {
    pub(crate) identity: Arc<Identity>,
    pub(crate) factors: Factors,
    pub(crate) db: Db,
    folder: PathBuf,
}

/// Runs the test body once on each engine.
pub(crate) fn with_factors(body: impl AsyncFn(TestFactors)) {
    let migrations: Vec<Migration> = migrations().concat();
    testkit::on_each_engine(&migrations, async |db| body(TestFactors::open(db).await).await);
}

impl TestFactors {
    async fn open(db: Db) -> Self {
        let folder = std::env::temp_dir().join(format!("florin_factors_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let (identity, factors) = open(&db, settings_in(&folder), START).await;
        Self { identity, factors, db, folder }
    }

    /// Another process on the same database, or the same one after a restart.
    pub(crate) async fn open_again(&self, now: WallTime) -> (Arc<Identity>, Factors) {
        open(&self.db, settings_in(&self.folder), now).await
    }

    /// A copy of the database, without the key that its secrets are sealed with.
    pub(crate) async fn open_with_another_key(&self, now: WallTime) -> Factors {
        let settings = settings_in(&self.folder);
        let secrets_key_path = settings.secrets_key_path.with_file_name("other.key");
        open(&self.db, Settings { secrets_key_path, ..settings }, now).await.1
    }

    pub(crate) async fn register(&self, username: &str) -> Login {
        self.identity.register(new_user(username), START).await.unwrap()
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

    /// The events of a kind so far, in order.
    pub(crate) async fn events_of(&self, kind: &str) -> Vec<outbox::Event> {
        let mut all = outbox::numbered_after(&self.db, 0, 100).await.unwrap();
        all.retain(|event| event.kind == kind);
        all
    }
}

impl Drop for TestFactors {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

async fn open(db: &Db, settings: Settings, now: WallTime) -> (Arc<Identity>, Factors) {
    let dependents = Dependents::new(vec![Arc::new(HalfDoneLogins)]);
    let identity = Arc::new(Identity::open(db.clone(), settings, dependents, now).await.unwrap());
    let factors = Factors::new(db.clone(), Arc::clone(&identity));
    (identity, factors)
}

pub(crate) const fn migrations() -> [&'static [Migration]; 5] {
    [db::MIGRATIONS, outbox::MIGRATIONS, notifications::MIGRATIONS, identity::MIGRATIONS, factors::MIGRATIONS]
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
