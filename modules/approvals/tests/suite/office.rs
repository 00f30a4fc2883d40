//! A small office: three people of the bank, and a safe that takes two of them to open.

use approvals::{
    Action, Actions, Agreed, Approval, Approvals, Awaited, Completion, Decision, Duty, Execution, NewRequest, People,
    Person, Prospect, RequestError, Requested, Tied,
};
use db::{Db, DbError, Tx, WallTime};
use ids::{ApprovalId, UserId};
use outbox::{Act, Actor, Means};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

pub(crate) const ADMIN: UserId = UserId::from_uuid(Uuid::from_u128(1));
pub(crate) const SECOND: UserId = UserId::from_uuid(Uuid::from_u128(2));
pub(crate) const TELLER: UserId = UserId::from_uuid(Uuid::from_u128(3));
pub(crate) const CUSTOMER: UserId = UserId::from_uuid(Uuid::from_u128(4));

/// Open the safe for somebody. Only an administrator asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opening {
    pub(crate) person: UserId,
}

/// Count what is in the safe, which takes its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counting;

/// What was done, and whether it can be.
#[derive(Default)]
pub(crate) struct Safe {
    pub(crate) is_jammed: AtomicBool,
    pub(crate) is_busy: AtomicBool,
    pub(crate) opened_for: Mutex<Vec<UserId>>,
    /// By the identifiers of their approvals: whatever is done under one is done once.
    pub(crate) counted: Mutex<HashSet<ApprovalId>>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the safe is jammed")]
pub(crate) struct Jammed;

impl Action for Opening {
    type Owner = Arc<Safe>;
    type Error = Jammed;

    const WORD: &'static str = "OPENING";
    const ASKERS: &'static [Duty] = &[Duty::Administrator];

    fn details(&self) -> Value {
        json!({ "userId": self.person.to_string() })
    }

    fn read(details: &Value) -> Option<Self> {
        Some(Self { person: UserId::parse(details.get("userId")?.as_str()?).ok()? })
    }

    async fn prospect(&self, safe: &Arc<Safe>, _: &Db) -> Result<Prospect, Jammed> {
        if safe.is_jammed.load(Ordering::Relaxed) { Err(Jammed) } else { Ok(Prospect::For(Some(self.person))) }
    }

    async fn beneficiary_in_tx(&self, _: &Tx) -> db::Result<Option<UserId>> {
        Ok(Some(self.person))
    }

    async fn execute_in_tx(&self, safe: &Arc<Safe>, _: &Tx, _: Agreed, _: Act) -> db::Result<Execution> {
        if safe.is_jammed.load(Ordering::Relaxed) {
            return Ok(Execution::Failed(Jammed.to_string()));
        }
        let (safe, person) = (Arc::clone(safe), self.person);
        Ok(Execution::Done(Box::new(move || safe.opened_for.lock().unwrap().push(person))))
    }
}

impl Action for Counting {
    type Owner = Arc<Safe>;
    type Error = DbError;

    const WORD: &'static str = "COUNTING";
    const ASKERS: &'static [Duty] = &[Duty::Teller, Duty::Administrator];

    fn details(&self) -> Value {
        json!({})
    }

    fn read(_: &Value) -> Option<Self> {
        Some(Self)
    }

    async fn prospect(&self, _: &Arc<Safe>, _: &Db) -> db::Result<Prospect> {
        Ok(Prospect::For(None))
    }

    async fn beneficiary_in_tx(&self, _: &Tx) -> db::Result<Option<UserId>> {
        Ok(None)
    }

    async fn execute_in_tx(&self, _: &Arc<Safe>, _: &Tx, _: Agreed, _: Act) -> db::Result<Execution> {
        Ok(Execution::Begun)
    }

    async fn complete(&self, safe: &Arc<Safe>, agreed: Agreed, _: Act) -> db::Result<Completion> {
        if safe.is_busy.load(Ordering::Relaxed) {
            return Ok(Completion::Later);
        }
        safe.counted.lock().unwrap().insert(agreed.approval);
        Ok(Completion::Done)
    }
}

/// Everybody here, of whom nobody is tied to anybody.
struct Everybody;

impl People for Everybody {
    fn find(&self, id: UserId) -> Awaited<'_, db::Result<Option<Person>>> {
        Box::pin(async move {
            let duty = match id {
                ADMIN | SECOND => Some(Duty::Administrator),
                TELLER => Some(Duty::Teller),
                _ => None,
            };
            Ok(Some(Person { id, is_active: true, duty }))
        })
    }

    fn lock_in_tx<'a>(&'a self, _: &'a Tx, people: Vec<UserId>) -> Awaited<'a, db::Result<Vec<Person>>> {
        Box::pin(async move {
            let mut found = Vec::new();
            for id in people {
                found.extend(self.find(id).await?);
            }
            Ok(found)
        })
    }

    fn tied_in_tx<'a>(&'a self, _: &'a Tx, _: UserId, _: UserId, _: WallTime) -> Awaited<'a, db::Result<Option<Tied>>> {
        Box::pin(async { Ok(None) })
    }
}

pub(crate) struct Office {
    pub(crate) db: Db,
    pub(crate) safe: Arc<Safe>,
    /// Where everything can be asked for.
    pub(crate) approvals: Approvals,
}

pub(crate) fn with_office(body: impl AsyncFn(Office)) {
    let migrations = [outbox::MIGRATIONS, approvals::MIGRATIONS].concat();
    testkit::on_each_engine(&migrations, async |db| {
        let safe = Arc::new(Safe::default());
        let actions = Actions::default().with::<Opening>(Arc::clone(&safe)).with::<Counting>(Arc::clone(&safe));
        let approvals = Approvals::new(db.clone(), Arc::new(Everybody), actions);
        body(Office { db, safe, approvals }).await;
    });
}

impl Office {
    /// Another process on the same database, of a version that knows no counting.
    pub(crate) fn of_another_version(&self) -> Approvals {
        let actions = Actions::default().with::<Opening>(Arc::clone(&self.safe));
        Approvals::new(self.db.clone(), Arc::new(Everybody), actions)
    }

    pub(crate) async fn ask<A: Action>(&self, action: A, asker: UserId) -> Result<Requested, RequestError<A::Error>> {
        self.approvals.request(NewRequest { action, by: asker, key: None }, by(asker)).await
    }

    pub(crate) async fn asked(&self, action: impl Action, asker: UserId) -> Approval {
        match self.ask(action, asker).await.unwrap() {
            Requested::New(approval) => approval,
            earlier => panic!("{earlier:?}"),
        }
    }

    pub(crate) async fn approve(&self, approval: &Approval, person: UserId) -> approvals::Result<Approval> {
        self.approvals.approve(approval.id, decision(person), actor(person)).await
    }
}

pub(crate) fn decision(by: UserId) -> Decision {
    Decision { by, at: WallTime::now(), comment: None }
}

pub(crate) const fn actor(person: UserId) -> Actor {
    Actor::person(person, Means::External)
}

pub(crate) fn by(person: UserId) -> Act {
    actor(person).does(WallTime::now())
}
