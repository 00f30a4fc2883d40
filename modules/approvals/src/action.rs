//! What takes two people. Each action belongs to the module whose business it is; that module implements [`Action`], and
//! the program registers it in [`Actions`]. Here it is known by its word and its details only.

use crate::Approval;
use crate::people::{Awaited, Duty};
use db::{Db, DbError, Result, Tx};
use ids::{ApprovalId, UserId};
use outbox::Act;
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that one person alone does not do, with everything that says what is to be done.
pub trait Action: Sized + Send + Sync + 'static {
    /// What its module needs to know and to do it.
    type Owner: Clone + Send + Sync + 'static;
    /// Why it cannot be asked for.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The word that is stored and shown.
    const WORD: &'static str;
    /// Who may ask for it; the routes that ask say the same.
    const ASKERS: &'static [Duty];
    /// What asking for the same again means, while the first still waits and neither had a key.
    const REPETITION: Repetition = Repetition::IsTheSame;
    /// Who may gain by it.
    const GAIN: Gain = Gain::OfOthers;

    /// What it is about, as it is stored and shown. Amounts are decimal texts with their currency beside them.
    fn details(&self) -> Value;

    /// Reads what was stored; `None`: another version has written it.
    fn read(details: &Value) -> Option<Self>;

    /// Whom it would be for, as things stand; it is asked again when it is decided.
    ///
    /// # Errors
    /// It cannot be asked for, or the database failed.
    fn prospect(
        &self,
        owner: &Self::Owner,
        db: &Db,
    ) -> impl Future<Output = std::result::Result<Prospect, Self::Error>> + Send;

    /// Whom it is for by now: read under the locks that keep it so until the caller's transaction ends. People are held
    /// afterwards and by others, so what is held here is never a person.
    ///
    /// # Errors
    /// The database failed.
    fn beneficiary_in_tx(&self, tx: &Tx) -> impl Future<Output = Result<Option<UserId>>> + Send;

    /// Does it in the transaction of the decision, or as much of it as one transaction can do. Failed, it has written
    /// nothing.
    ///
    /// # Errors
    /// The database failed; nothing is decided then.
    fn execute_in_tx(
        &self,
        owner: &Self::Owner,
        tx: &Tx,
        agreed: Agreed,
        act: Act,
    ) -> impl Future<Output = Result<Execution>> + Send;

    /// Does the rest of what was [`Execution::Begun`], after the commit. It may be called again and by several at once:
    /// what it does under the approval's identifier is done once.
    ///
    /// # Errors
    /// What is a defect; what may pass is [`Completion::Later`].
    fn complete(
        &self,
        _owner: &Self::Owner,
        agreed: Agreed,
        _act: Act,
    ) -> impl Future<Output = Result<Completion>> + Send {
        async move { Err(DbError::Internal(format!("{} was begun by nobody", agreed.approval))) }
    }
}

/// What asking for the same a second time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// It is asked for already: a role is given once.
    IsTheSame,
    /// It is asked for twice: two equal amounts are two.
    IsAnother,
}

/// Who may gain by an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gain {
    /// Anybody but who asks for it: nobody of the bank asks for money or power over money for themselves.
    OfOthers,
    /// Anybody: one may ask for a change of what one is.
    OfAnybody,
}

/// What would come of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// It would be for this person, or for nobody who is known.
    For(Option<UserId>),
    /// Nothing: it is so already.
    ChangesNothing,
}

/// What two people have agreed on, besides the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Under this identifier, whatever comes of it.
    pub approval: ApprovalId,
    /// Who asked for it.
    pub requested_by: UserId,
    /// Whom it was for when it was approved.
    pub beneficiary: Option<UserId>,
}

/// What came of an action in the transaction of the decision.
pub enum Execution {
    /// It is done with the commit; then this process learns what it has to know at once.
    Done(AfterCommit),
    /// It cannot be done, for this reason.
    Failed(String),
    /// What is left of it is done after the commit, by [`Action::complete`].
    Begun,
}

/// What is called once the decision is committed.
pub type AfterCommit = Box<dyn FnOnce() + Send>;

/// How far the rest of an action has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It is done.
    Done,
    /// It cannot be done, for this reason.
    Failed(String),
    /// Not yet: it is tried again.
    Later,
}

impl Execution {
    /// It is done with the commit, and that is all.
    pub fn done() -> Self {
        Self::Done(Box::new(|| ()))
    }
}

/// The actions that can be asked for and done here, by their words.
#[derive(Clone, Default)]
pub struct Actions(BTreeMap<&'static str, Registered>);

#[derive(Clone)]
struct Registered {
    owner: Arc<dyn Any + Send + Sync>,
    read: Arc<Reading>,
}

/// Reads details; `None`: another version has written them.
type Reading = dyn Fn(&Value) -> Option<Box<dyn Understood>> + Send + Sync;

impl Actions {
    /// With one more, done by its owner.
    ///
    /// # Panics
    /// Another one has its word.
    #[must_use]
    pub fn with<A: Action>(mut self, owner: A::Owner) -> Self {
        let doing = owner.clone();
        let read = move |details: &Value| {
            let owned = |action| Owned::<A> { action, owner: doing.clone() };
            A::read(details).map(|action| Box::new(owned(action)) as Box<dyn Understood>)
        };
        let before = self.0.insert(A::WORD, Registered { owner: Arc::new(owner), read: Arc::new(read) });
        assert!(before.is_none(), "two actions have the word {}", A::WORD);
        self
    }

    /// Who does such an action here, if anybody does.
    pub(crate) fn owner_of<A: Action>(&self) -> Option<&A::Owner> {
        self.0.get(A::WORD).and_then(|registered| registered.owner.downcast_ref())
    }

    /// What was asked for, with who does it; `None`: another version has asked for it.
    pub(crate) fn understand(&self, approval: &Approval) -> Option<Box<dyn Understood>> {
        self.0.get(approval.action.as_str()).and_then(|registered| (registered.read)(&approval.details))
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

/// An action together with who does it, whichever it is.
pub(crate) trait Understood: Send + Sync {
    fn askers(&self) -> &'static [Duty];
    fn gain(&self) -> Gain;
    fn beneficiary_in_tx<'a>(&'a self, tx: &'a Tx) -> Awaited<'a, Result<Option<UserId>>>;
    fn execute_in_tx<'a>(&'a self, tx: &'a Tx, agreed: Agreed, act: Act) -> Awaited<'a, Result<Execution>>;
    fn complete(&self, agreed: Agreed, act: Act) -> Awaited<'_, Result<Completion>>;
}

struct Owned<A: Action> {
    action: A,
    owner: A::Owner,
}

impl<A: Action> Understood for Owned<A> {
    fn askers(&self) -> &'static [Duty] {
        A::ASKERS
    }

    fn gain(&self) -> Gain {
        A::GAIN
    }

    fn beneficiary_in_tx<'a>(&'a self, tx: &'a Tx) -> Awaited<'a, Result<Option<UserId>>> {
        Box::pin(self.action.beneficiary_in_tx(tx))
    }

    fn execute_in_tx<'a>(&'a self, tx: &'a Tx, agreed: Agreed, act: Act) -> Awaited<'a, Result<Execution>> {
        Box::pin(self.action.execute_in_tx(&self.owner, tx, agreed, act))
    }

    fn complete(&self, agreed: Agreed, act: Act) -> Awaited<'_, Result<Completion>> {
        Box::pin(self.action.complete(&self.owner, agreed, act))
    }
}
