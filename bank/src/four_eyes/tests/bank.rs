//! A whole small bank on a fresh database.

use crate::opening::People;
use approvals::{Action, Approval, Approvals, Decision, NewRequest, RequestError, Requested};
use db::{Db, WallTime};
use identity::{BegunLogin, Identity, Login, Mailing, NewStaff, NewUser, Password, Role, Settings};
use ids::{AccountId, UserId};
use money::{Currency, Money};
use outbox::{Act, Actor, Means};
use payments::{Adjustment, Mode, Payments, Rules};
use programs::{TrustedIssuer, UnknownSubjects};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "secure_password";

pub(crate) struct Bank {
    pub(crate) db: Db,
    pub(crate) identity: Arc<Identity>,
    pub(crate) payments: Payments,
    pub(crate) approvals: Approvals,
    folder: PathBuf,
}

pub(crate) fn with_bank(body: impl AsyncFn(Bank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| body(Bank::open(db).await).await);
}

impl Bank {
    async fn open(db: Db) -> Self {
        let folder = std::env::temp_dir().join(format!("florin_approvals_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let people = People::open_with(db.clone(), settings_in(&folder), None).await.unwrap();
        let rules = Rules { mode: Mode::Production, unproved_units: 0 };
        let payments = Payments::start(db.clone(), testkit::clocks(), rules);
        let approvals = crate::four_eyes::open(&db, &people, &payments);
        Self { db, identity: people.identity, payments, approvals, folder }
    }

    /// Logs somebody in who has no second factor.
    pub(crate) async fn login(&self, username: &str, password: Password, now: WallTime) -> identity::Result<Login> {
        match self.identity.begin_login(username, password, now).await? {
            BegunLogin::Complete(login) => Ok(login),
            BegunLogin::NeedsSecondFactor(half) => panic!("{} has a second factor", half.user.username),
        }
    }

    /// An administrator, as the command line makes one.
    pub(crate) async fn admin(&self, username: &str) -> UserId {
        self.staff(username, Role::Admin).await
    }

    /// Somebody who works here, as the command line makes one.
    pub(crate) async fn staff(&self, username: &str, role: Role) -> UserId {
        self.identity.create_staff(new_staff(username, role), command_line()).await.unwrap().user.id
    }

    /// An account that was imported and belongs to nobody.
    pub(crate) async fn unowned_account(&self) -> AccountId {
        let new = accounts::NewAccount { external_ref: Some(Uuid::now_v7().to_string()), ..new_account(None) };
        accounts::open(&self.db, new, testkit::bank_now(), command_line()).await.unwrap().id
    }

    pub(crate) async fn owner(&self, account: AccountId) -> Option<UserId> {
        accounts::get(&self.db, account).await.unwrap().unwrap().user_id
    }

    pub(crate) async fn customer(&self, username: &str) -> UserId {
        let password = Password::new(PASSWORD);
        let new = NewUser { username: username.to_owned(), password, email: None };
        self.identity.register(new, WallTime::now()).await.unwrap().user.id
    }

    pub(crate) async fn account(&self, owner: UserId) -> AccountId {
        accounts::open(&self.db, new_account(Some(owner)), testkit::bank_now(), command_line()).await.unwrap().id
    }

    pub(crate) async fn posted(&self, account: AccountId) -> i64 {
        ledger::accounts(&self.db, &[account]).await.unwrap()[0].posted_minor
    }

    pub(crate) async fn ask<A: Action>(&self, action: A, asker: UserId) -> Result<Requested, RequestError<A::Error>> {
        self.approvals.request(NewRequest { action, by: asker, key: None }, by(asker)).await
    }

    pub(crate) async fn request(&self, action: impl Action, by: UserId) -> Approval {
        match self.ask(action, by).await.unwrap() {
            Requested::New(approval) => approval,
            Requested::Replayed(approval) | Requested::Waiting(approval) => panic!("{approval:?} was asked for before"),
        }
    }

    pub(crate) async fn approve(&self, approval: &Approval, by: UserId) -> approvals::Result<Approval> {
        self.approvals.approve(approval.id, decision(by), actor(by)).await
    }

    /// Another process, that trusts an issuer.
    pub(crate) async fn trusting(&self, issuer: &str) -> People {
        let (issuer, audience) = (issuer.to_owned(), "florin".to_owned());
        let trusted = TrustedIssuer { issuer, audience, unknown: UnknownSubjects::Refuse };
        People::open_with(self.db.clone(), settings_in(&self.folder), Some(trusted)).await.unwrap()
    }

    pub(crate) async fn kinds_told_of(&self, approval: &Approval) -> Vec<String> {
        self.told_of(approval).await.into_iter().map(|event| event.kind).collect()
    }

    pub(crate) async fn told_of(&self, approval: &Approval) -> Vec<outbox::Event> {
        let subject_id = Some(approval.id.uuid());
        let filter = outbox::EventFilter { subject_id, ..outbox::EventFilter::default() };
        let mut told = outbox::audited(&self.db, &filter, None, 100).await.unwrap();
        told.reverse();
        told
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn settings_in(folder: &Path) -> Settings {
    Settings {
        token_keys_folder: folder.join("signing-keys"),
        secrets_key_path: folder.join("secrets.key"),
        issuer: "http://bank.example".to_owned(),
        breached_passwords_file: None,
        mailing: Mailing::Off,
    }
}

pub(crate) fn new_staff(username: &str, role: Role) -> NewStaff {
    NewStaff { username: username.to_owned(), password: Some(Password::new(PASSWORD)), role }
}

fn new_account(owner: Option<UserId>) -> accounts::NewAccount {
    accounts::NewAccount {
        user_id: owner,
        name: Some(accounts::AccountName::parse("Everyday").unwrap()),
        kind: accounts::AccountKind::Checking,
        currency: dollars(0).currency(),
        external_ref: None,
    }
}

pub(crate) const fn actor(user: UserId) -> Actor {
    Actor::person(user, Means::External)
}

/// What a person does now.
pub(crate) fn by(user: UserId) -> Act {
    actor(user).does(WallTime::now())
}

/// What the command line does now.
pub(crate) fn command_line() -> Act {
    Actor::COMMAND_LINE.does(WallTime::now())
}

pub(crate) fn decision(by: UserId) -> Decision {
    Decision { by, at: WallTime::now(), comment: Some("seen".to_owned()) }
}

pub(crate) fn dollars(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

pub(crate) fn adjustment(account: AccountId, minor: i64) -> Adjustment {
    Adjustment { account, money: dollars(minor), reason: "A fee that was wrong".to_owned() }
}
