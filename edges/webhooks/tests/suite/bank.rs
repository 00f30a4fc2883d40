//! A bank with people and webhooks, which follows the stream and calls.

use db::{Db, WallTime};
use identity::{Dependents, Identity, Mailing, NewUser, Password, Settings};
use ids::{EventId, UserId};
use outbox::{Actor, Event, Means};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stream::{Running, Stream};
use uuid::Uuid;
use webhooks::{
    Algorithm, Attempt, Delivery, Endpoint, EndpointWish, IssuedEndpoint, Mode, OwnedEndpoint, Policy, Queueing,
    Webhooks,
};
use webhooks_edge::{Calling, Resolver};

pub(crate) struct Bank {
    pub(crate) webhooks: Arc<Webhooks>,
    db: Db,
    identity: Arc<Identity>,
    folder: PathBuf,
    _following: Running,
    calling: tokio::task::JoinHandle<()>,
}

/// Runs the test body once on each engine, in a sandbox that may call this machine.
pub(crate) fn with_bank(body: impl AsyncFn(Bank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| {
        body(Bank::open(db, "127.0.0.0/8", Resolver::system()).await).await;
    });
}

impl Bank {
    pub(crate) async fn open(db: Db, allowed: &str, resolver: Resolver) -> Self {
        let folder = std::env::temp_dir().join(format!("florin_calls_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let settings = Settings {
            token_keys_folder: folder.join("signing-keys"),
            issuer: "https://bank.example".to_owned(),
            breached_passwords_file: None,
            mailing: Mailing::Off,
            secrets_key_path: folder.join("secrets.key"),
        };
        let identity = Identity::open(db.clone(), settings, Dependents::default(), WallTime::now()).await.unwrap();
        let identity = Arc::new(identity);
        let policy = Policy::new(Mode::Sandbox, allowed, Vec::new()).unwrap();
        let clock: db::Clock = Arc::new(WallTime::now);
        let webhooks = Arc::new(Webhooks::new(db.clone(), Arc::clone(&clock), Arc::clone(&identity), policy));
        let queueing = Arc::new(Queueing::new(Arc::clone(&webhooks)));
        let following = Stream::new(&db, Arc::clone(&clock)).start(vec![queueing]).await.unwrap();
        let calling = Calling::open(resolver, None).unwrap();
        let calling = tokio::spawn(webhooks_edge::keep_calling(Arc::clone(&webhooks), calling, clock));
        Self { webhooks, db, identity, folder, _following: following, calling }
    }

    pub(crate) async fn customer(&self) -> UserId {
        let username = format!("c{}", Uuid::now_v7().simple());
        let new = NewUser { username, password: Password::new("secure_password"), email: None };
        self.identity.register(new, WallTime::now()).await.unwrap().user.id
    }

    /// A webhook of somebody that is told when they log in.
    pub(crate) async fn webhook(&self, owner: UserId, url: &str) -> IssuedEndpoint {
        let wish = EndpointWish {
            url: url.to_owned(),
            patterns: vec!["auth.logged_in".to_owned()],
            description: String::new(),
        };
        let act = Actor::person(owner, Means::External).does(WallTime::now());
        self.webhooks.create(owner, &wish, Algorithm::HmacSha256, act).await.unwrap()
    }

    /// Somebody logs in so often.
    pub(crate) async fn log_in(&self, user: UserId, times: usize) -> Vec<EventId> {
        let event = || {
            let payload = r#"{"username":"ann"}"#.to_owned();
            Event::new(user.uuid(), "auth.logged_in", payload, Actor::ITSELF.does(WallTime::now()))
        };
        let events: Vec<Event> = std::iter::repeat_with(event).take(times).collect();
        let ids = events.iter().map(|event| event.id).collect();
        let tx = self.db.begin().await.unwrap();
        outbox::append_in_tx(&tx, events).await.unwrap();
        tx.commit().await.unwrap();
        ids
    }

    /// The delivery that was tried first, once it was.
    pub(crate) async fn first_try(&self, endpoint: &Endpoint) -> (Delivery, Attempt) {
        let of = OwnedEndpoint { owner: endpoint.user_id, id: endpoint.id };
        for _ in 0..3_000 {
            let mut found = self.webhooks.deliveries(of, None, 100).await.unwrap();
            let oldest = found.pop().unwrap();
            if let Some(attempt) = oldest.1.first() {
                return (oldest.0, attempt.clone());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing was tried at {}", endpoint.url);
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        self.calling.abort();
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
