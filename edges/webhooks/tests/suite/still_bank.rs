//! A bank with people and webhooks, whose clock stands where a test sets it.

use db::{Db, WallTime};
use identity::{Dependents, Identity, Mailing, NewUser, Password, Settings};
use ids::{EventId, UserId};
use outbox::{Act, Actor, Event, Means};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stream::Stream;
use testkit::SetClock;
use uuid::Uuid;
use webhooks::{
    After, Algorithm, Answer, Care, Delivery, Due, Endpoint, EndpointWish, Failure, IssuedEndpoint, Jitter, Mode,
    OwnedEndpoint, Policy, Queueing, Served, Tried, Turn, Webhooks,
};

pub(crate) const URL: &str = "https://hooks.example.com/florin";

pub(crate) struct StillBank {
    pub(crate) webhooks: Arc<Webhooks>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) db: Db,
    pub(crate) clock: SetClock,
    folder: PathBuf,
}

/// Runs the test body once on each engine.
pub(crate) fn with_still_bank(body: impl AsyncFn(StillBank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| body(StillBank::open(db).await).await);
}

impl StillBank {
    async fn open(db: Db) -> Self {
        let clock = SetClock::at("2026-11-26T12:00:00Z");
        let folder = std::env::temp_dir().join(format!("florin_webhooks_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let settings = Settings {
            token_keys_folder: folder.join("signing-keys"),
            issuer: "https://bank.example".to_owned(),
            breached_passwords_file: None,
            mailing: Mailing::On,
            secrets_key_path: folder.join("secrets.key"),
        };
        let identity = Identity::open(db.clone(), settings, Dependents::default(), clock.now()).await.unwrap();
        let identity = Arc::new(identity);
        let policy = Policy::new(Mode::Production, "", Vec::new()).unwrap();
        let webhooks = Webhooks::new(db.clone(), clock.reader(), Arc::clone(&identity), policy);
        let bank = Self { webhooks: Arc::new(webhooks), identity, db, clock, folder };
        // From here on the consumer follows.
        bank.follow().await;
        bank
    }

    /// Somebody new, who has an address.
    pub(crate) async fn customer(&self, username: &str) -> UserId {
        let email = Some(format!("{username}@example.com"));
        let new = NewUser { username: username.to_owned(), password: Password::new("secure_password"), email };
        self.identity.register(new, self.clock.now()).await.unwrap().user.id
    }

    pub(crate) fn act(&self, user: UserId) -> Act {
        Actor::person(user, Means::External).does(self.clock.now())
    }

    /// A webhook of somebody, which has had its ping.
    pub(crate) async fn webhook(&self, owner: UserId, types: &[&str]) -> IssuedEndpoint {
        // What happened before is not told to it.
        self.clock.shift(1);
        let issued =
            self.webhooks.create(owner, &wish(URL, types), Algorithm::HmacSha256, self.act(owner)).await.unwrap();
        self.call_all(&status(204)).await;
        issued
    }

    /// Something happens to somebody.
    pub(crate) async fn happen(&self, user: UserId, kind: &str) -> EventId {
        let payload = r#"{"username":"ann","by":"usr_0"}"#.to_owned();
        let event = Event::new(user.uuid(), kind, payload, Actor::ITSELF.does(self.clock.now()));
        let id = event.id;
        let tx = self.db.begin().await.unwrap();
        outbox::append_in_tx(&tx, vec![event]).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The consumer follows to the end of the stream.
    pub(crate) async fn follow(&self) {
        let stream = Stream::new(&self.db, Arc::new(WallTime::now));
        let consumer = Arc::new(Queueing::new(Arc::clone(&self.webhooks)));
        let written = outbox::numbered_after(&self.db, 0, 10_000).await.unwrap().len();
        let running = stream.start(vec![consumer]).await.unwrap();
        loop {
            let head = usize::try_from(stream::head(&self.db).await.unwrap()).unwrap();
            let positions = stream::subscriptions(&self.db).await.unwrap();
            let position = positions.iter().find(|(name, _)| name == "webhooks").map(|(_, position)| *position);
            if head >= written && position.and_then(|position| usize::try_from(position).ok()) == Some(head) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        running.stop().await;
    }

    /// Every endpoint for which something is due, of either care.
    pub(crate) async fn serve(&self) -> Vec<Served> {
        let now = self.clock.now();
        let mut served = self.webhooks.serve(Care::Usual, 10, now).await.unwrap();
        served.extend(self.webhooks.serve(Care::Special, 10, now).await.unwrap());
        served
    }

    /// Tells everything that is due, and gets this answer to all of it; gives what was told.
    pub(crate) async fn call_all(&self, answer: &Answer) -> Vec<Due> {
        let mut told = Vec::new();
        for served in self.serve().await {
            let due = self.webhooks.due(&served, 100, self.clock.now()).await.unwrap();
            told.extend(due.clone());
            let turn = self.settle(&served, due, answer).await;
            assert_eq!(turn, Turn::Over);
        }
        told
    }

    pub(crate) async fn settle(&self, served: &Served, due: Vec<Due>, answer: &Answer) -> Turn {
        let now = self.clock.now();
        let tried = due.into_iter().map(|due| Tried {
            due,
            at: now,
            duration_ms: 7,
            answer: *answer,
            failure: (!answer.is_success()).then_some(Failure::Status),
            excerpt: Some("thanks".to_owned()),
            jitter: Jitter::of(100),
        });
        self.webhooks.settle(served, tried.collect(), After::Others, now).await.unwrap()
    }

    pub(crate) async fn deliveries(&self, endpoint: &Endpoint) -> Vec<Delivery> {
        let found = self.webhooks.deliveries(of(endpoint), None, 100).await.unwrap();
        found.into_iter().map(|(delivery, _)| delivery).collect()
    }

    /// The kinds of all events so far.
    pub(crate) async fn kinds(&self) -> Vec<String> {
        outbox::numbered_after(&self.db, 0, 1_000).await.unwrap().into_iter().map(|event| event.kind).collect()
    }
}

impl Drop for StillBank {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

pub(crate) fn wish(url: &str, types: &[&str]) -> EndpointWish {
    let patterns = types.iter().map(|word| (*word).to_owned()).collect();
    EndpointWish { url: url.to_owned(), patterns, description: "of the test".to_owned() }
}

pub(crate) const fn of(endpoint: &Endpoint) -> OwnedEndpoint {
    OwnedEndpoint { owner: endpoint.user_id, id: endpoint.id }
}

pub(crate) const fn status(code: u16) -> Answer {
    Answer::Status { code, retry_after: None }
}
