//! The outbox on both engines: who brought something about, and what those who check are shown.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use db::{Db, Engine, WallTime};
use ids::{ApiKeyId, ClientId, GrantId, SessionId, UserId};
use outbox::{Act, Actor, Event, EventFilter, Means};
use uuid::Uuid;

const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

fn event(subject: Uuid, kind: &str, act: Act) -> Event {
    Event::new(subject, kind, "{}".to_owned(), act)
}

async fn append(db: &Db, events: Vec<Event>) {
    let tx = db.begin().await.unwrap();
    outbox::append_in_tx(&tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

async fn all(db: &Db) -> Vec<Event> {
    outbox::numbered_after(db, 0, 100).await.unwrap()
}

async fn kinds(db: &Db, filter: EventFilter) -> Vec<String> {
    let found = outbox::audited(db, &filter, None, 100).await.unwrap();
    found.into_iter().map(|event| event.kind).collect()
}

#[test]
fn every_statement_prepares() {
    testkit::prepare_every_statement(&[outbox::MIGRATIONS]);
}

#[test]
fn who_brought_it_about_comes_back_as_it_was_written() {
    testkit::on_each_engine(outbox::MIGRATIONS, async |db| {
        let (user, owner) = (UserId::generate(), UserId::generate());
        let grant = Means::Grant { id: GrantId::generate(), client: Some(ClientId::generate()) };
        let actors = [
            Some(Actor::person(user, Means::Session(SessionId::generate())).on_behalf_of(Some(owner))),
            Some(Actor::person(user, Means::ApiKey(ApiKeyId::generate()))),
            Some(Actor::person(user, grant)),
            Some(Actor::person(user, Means::External)),
            Some(Actor::COMMAND_LINE),
            Some(Actor::ITSELF),
            None,
        ];
        // Enough rows for columns that are the same in all of them to be sent once, and few enough for an array.
        for repeated in [1, 20] {
            let written: Vec<Event> = actors
                .iter()
                .flat_map(|by| std::iter::repeat_n(Act { by: *by, at: NOW }, repeated))
                .map(|act| event(user.uuid(), "auth.happened", act))
                .collect();
            let known = all(&db).await.len();
            append(&db, written.clone()).await;
            assert_eq!(outbox::numbered_after(&db, 0, 1_000).await.unwrap()[known..], written);
        }
    });
}

#[test]
fn those_who_check_are_shown_all_but_the_everyday_by_subject_and_by_who_did_it() {
    testkit::on_each_engine(outbox::MIGRATIONS, async |db| {
        let (teller, customer) = (UserId::generate(), UserId::generate());
        let staff = Actor::person(teller, Means::Session(SessionId::generate())).does(NOW);
        let owner = Actor::person(customer, Means::Session(SessionId::generate())).does(NOW);
        let (payment, account) = (Uuid::now_v7(), Uuid::now_v7());
        append(
            &db,
            vec![
                event(payment, "payments.paid", owner).everyday(),
                event(account, "accounts.opened", owner),
                event(payment, "payments.refunded", staff),
                event(account, "accounts.frozen", staff),
            ],
        )
        .await;
        let everything = EventFilter::default();
        let of = |subject| EventFilter { subject_id: Some(subject), ..EventFilter::default() };
        let by = |actor| EventFilter { actor: Some(actor), ..EventFilter::default() };
        assert_eq!(all(&db).await.len(), 4);
        assert_eq!(kinds(&db, everything).await, ["accounts.frozen", "payments.refunded", "accounts.opened"]);
        assert_eq!(kinds(&db, of(payment)).await, ["payments.refunded"]);
        assert_eq!(kinds(&db, by(teller)).await, ["accounts.frozen", "payments.refunded"]);
        assert_eq!(kinds(&db, by(customer)).await, ["accounts.opened"]);
        let both = EventFilter { subject_id: Some(account), ..by(teller) };
        assert_eq!(kinds(&db, both).await, ["accounts.frozen"]);
        let money = EventFilter { kind_prefix: Some("payments.".to_owned()), ..EventFilter::default() };
        assert_eq!(kinds(&db, money).await, ["payments.refunded"]);
    });
}

#[test]
fn what_an_older_version_told_is_shown_as_before_and_names_nobody() {
    testkit::on_each_engine(&outbox::MIGRATIONS[..2], async |db| {
        let subject = Uuid::now_v7();
        let tx = db.begin().await.unwrap();
        for kind in ["auth.logged_in", "payments.transaction_settled"] {
            tx.run_script(&insert_as_of_old(db.engine(), subject, kind)).await.unwrap();
        }
        tx.commit().await.unwrap();
        db::migrate(&db, outbox::MIGRATIONS, NOW).await.unwrap();
        assert!(all(&db).await.iter().all(|event| event.actor.is_none()));
        assert_eq!(kinds(&db, EventFilter::default()).await, ["auth.logged_in"]);
    });
}

fn insert_as_of_old(engine: Engine, subject: Uuid, kind: &str) -> String {
    let literal = |id: Uuid| match engine {
        Engine::Postgres => format!("'{id}'"),
        Engine::Sqlite => format!("x'{}'", id.simple()),
    };
    let time = match engine {
        Engine::Postgres => format!("'{NOW}'"),
        Engine::Sqlite => NOW.unix_micros().to_string(),
    };
    let (id, subject) = (literal(Uuid::now_v7()), literal(subject));
    format!("INSERT INTO events_outbox VALUES ({id}, {subject}, '{kind}', '{{}}', {time})")
}
