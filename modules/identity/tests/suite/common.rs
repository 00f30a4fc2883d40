//! One module opened on a fresh database, with a clock that only moves when it is told to.

use db::{Db, Migration, WallTime};
use identity::{
    BegunLogin, Dependents, Identity, IdentityError, Login, Mailing, NewUser, Occasion, Password, Settings,
};
use ids::UserId;
use outbox::{Act, Actor, Means};
use std::path::{Path, PathBuf};
use uuid::Uuid;

pub(crate) const START: WallTime = WallTime::from_unix_micros(1_767_225_600_250_000);
pub(crate) const ISSUER: &str = "https://bank.example";
pub(crate) const PASSWORD: &str = "secure_password";

pub(crate) struct TestIdentity {
    pub(crate) identity: Identity,
    pub(crate) db: Db,
    folder: PathBuf,
}

/// Runs the test body once on each engine.
pub(crate) fn with_identity(body: impl AsyncFn(TestIdentity)) {
    let migrations: Vec<Migration> =
        [db::MIGRATIONS, outbox::MIGRATIONS, notifications::MIGRATIONS, identity::MIGRATIONS].concat();
    testkit::on_each_engine(&migrations, async |db| body(TestIdentity::open(db).await).await);
}

impl TestIdentity {
    async fn open(db: Db) -> Self {
        let folder = std::env::temp_dir().join(format!("florin_auth_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let identity = Identity::open(db.clone(), settings_in(&folder), Dependents::default(), START).await.unwrap();
        Self { identity, db, folder }
    }

    pub(crate) fn settings(&self) -> Settings {
        settings_in(&self.folder)
    }

    /// Another process on the same database, or the same one after a restart.
    pub(crate) async fn open_again(&self, now: WallTime) -> Identity {
        Identity::open(self.db.clone(), self.settings(), Dependents::default(), now).await.unwrap()
    }

    /// Logs somebody in who has no second factor.
    pub(crate) async fn login(
        &self,
        username: &str,
        password: Password,
        occasion: impl Into<Occasion>,
    ) -> Result<Login, IdentityError> {
        match self.identity.begin_login(username, password, occasion).await? {
            BegunLogin::Complete(login) => Ok(login),
            BegunLogin::NeedsSecondFactor(half) => panic!("{} has a second factor", half.user.username),
        }
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

impl Drop for TestIdentity {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
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
