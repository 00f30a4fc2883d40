//! Rules of fraud in the commit of the money: what is remembered agrees with what moved, and what somebody looks at waits.

use crate::common::{Bank, RULES, hold, migrations, transfer};
use db::WallTime;
use fraud::profile::store as profiles;
use fraud::{Fraud, Label, Profile, Review, ReviewState, RuleMode, RuleSet};
use ids::{AccountId, TransactionId, UserId};
use outbox::Act;
use payments::replay::{Replay, Replayed, replay};
use payments::{Answer, Command, Hat, Payments, Reason, Refusal, RefusalFilter, Transaction, TransactionStatus};
use std::sync::{Arc, Mutex};
use testkit::on_each_engine;
use tokio::task::JoinSet;

fn all_in(mode: RuleMode) -> Fraud {
    Fraud::by(RuleSet::built_in(mode))
}

async fn watched(db: db::Db, fraud: Fraud) -> Bank {
    let Bank { db, .. } = Bank::open(db).await;
    elsewhere(db, fraud)
}

fn elsewhere(db: db::Db, fraud: Fraud) -> Bank {
    Bank { payments: Payments::start_watched(db.clone(), testkit::clocks(), RULES, fraud), db }
}

async fn profile(bank: &Bank, account: AccountId) -> (i64, Profile) {
    let (_, stored) = profiles::read(&bank.db, &[account]).await.unwrap().remove(0);
    if stored.version == 0 {
        (0, Profile::default())
    } else {
        (stored.version, Profile::decode(&stored.bytes).unwrap())
    }
}

async fn reviews(bank: &Bank, state: ReviewState) -> Vec<Review> {
    bank.payments.fraud().reviews(&bank.db, Some(state), None, 100).await.unwrap()
}

const fn admin(user: UserId) -> Hat {
    Hat::Admin { user, is_fresh: true }
}

fn approve(transaction: TransactionId) -> Command {
    Command::Approve { transaction, reason: "called back".to_owned(), is_hold: false }
}

fn decline(transaction: TransactionId) -> Command {
    Command::Decline { transaction, reason: "not theirs".to_owned() }
}

/// Two people, an account of each, and five small payments within a minute: what comes next is looked at from 100.00 on.
struct Scene {
    bank: Bank,
    payer: UserId,
    from: AccountId,
    to: AccountId,
    new: AccountId,
    staff: UserId,
}

impl Scene {
    async fn set(db: db::Db) -> Self {
        let bank = watched(db, all_in(RuleMode::Active)).await;
        let [payer, payee, staff] = [(); 3].map(|()| UserId::generate());
        let (from, to) = (bank.account(payer, 5_000_000).await, bank.account(payee, 0).await);
        let new = bank.account(payee, 0).await;
        for _ in 0..5 {
            bank.done(Hat::Customer(payer), transfer(from, to, 100)).await;
        }
        Self { bank, payer, from, to, new, staff }
    }

    async fn in_review(&self, minor: i64) -> Transaction {
        let pending = self.bank.done(Hat::Customer(self.payer), transfer(self.from, self.new, minor)).await;
        let stands = (pending.status, pending.status_reason.as_deref());
        assert_eq!(stands, (TransactionStatus::Pending, Some("IN_REVIEW")), "{pending:?}");
        pending
    }
}

#[test]
fn what_is_remembered_counts_every_payment_whoever_makes_them_and_however_many_at_once() {
    on_each_engine(&migrations(), async |db| {
        let here = watched(db, all_in(RuleMode::Shadow)).await;
        let there = elsewhere(here.db.clone(), all_in(RuleMode::Shadow));
        let users = [(); 4].map(|()| UserId::generate());
        let mut accounts = Vec::new();
        for user in users {
            accounts.push(here.account(user, 1_000_000).await);
        }
        let mut payers = JoinSet::new();
        for round in 0..60_usize {
            let bank = if round % 3 == 0 { there.clone() } else { here.clone() };
            let (user, from, to) = (users[round % 4], accounts[round % 4], accounts[(round + 1) % 4]);
            // Every other amount is one that the payee's profile remembers.
            let minor = if round % 2 == 0 { 6_000 } else { 10 };
            payers.spawn(async move { bank.done(Hat::Customer(user), transfer(from, to, minor)).await });
        }
        assert_eq!(payers.join_all().await.len(), 60);
        for account in &accounts {
            assert_eq!(profile(&here, *account).await.1.payments(), 15);
        }
        // Accounts that pay 60.00 each time are paid 0.10 and the reverse: 15 written by each payment, 15 by what comes in.
        let versions: Vec<i64> = futures(&here, &accounts).await;
        assert!(versions.iter().all(|version| (1..=30).contains(version)), "{versions:?}");
        here.assert_sound().await;
    });
}

async fn futures(bank: &Bank, accounts: &[AccountId]) -> Vec<i64> {
    let mut versions = Vec::new();
    for account in accounts {
        versions.push(profile(bank, *account).await.0);
    }
    versions
}

#[test]
fn a_payment_that_is_looked_at_waits_and_is_made_once_it_is_approved() {
    on_each_engine(&migrations(), async |db| {
        let scene = Scene::set(db).await;
        let Scene { bank, payer, from, to, new, staff } = &scene;
        let pending = scene.in_review(50_000).await;
        assert_eq!((bank.state(*from).await.held_minor, bank.posted(*new).await), (50_000, 0));
        let open = reviews(bank, ReviewState::Open).await;
        assert_eq!(
            open.iter().map(|review| (review.transaction, review.points)).collect::<Vec<_>>(),
            [(pending.id, 50)]
        );
        assert!(open[0].findings.contains("payments in one hour"), "{}", open[0].findings);
        // Nobody who is a party to it moves it on, nor does who has no such power.
        let (transaction, money) = (pending.id, None);
        for command in [Command::Capture { transaction, money }, Command::Release { transaction }] {
            let refused = bank.outcome(Hat::Customer(*payer), command).await;
            assert_eq!(refused, Err(Refusal::BeingChecked { transaction }));
        }
        for hat in [Hat::Customer(*payer), admin(*payer), Hat::Teller { user: *staff, is_fresh: true }] {
            assert!(bank.outcome(hat, approve(transaction)).await.is_err());
        }
        assert!(bank.outcome(Hat::Admin { user: *staff, is_fresh: false }, approve(transaction)).await.is_err());
        let made = bank.done(admin(*staff), approve(transaction)).await;
        assert_eq!((made.status, made.status_reason), (TransactionStatus::Settled, None));
        assert_eq!(
            (bank.state(*from).await.held_minor, bank.posted(*new).await, bank.posted(*to).await),
            (0, 50_000, 500)
        );
        assert!(bank.outcome(admin(*staff), approve(transaction)).await.is_err(), "it is over");
        let approved = reviews(bank, ReviewState::Approved).await;
        assert_eq!(approved[0].decided_by, Some(*staff));
        assert_eq!(profile(bank, *from).await.1.payments(), 6);
        let events = outbox::numbered_after(&bank.db, 0, 1_000).await.unwrap();
        let kinds: Vec<_> =
            events.iter().map(|event| event.kind.as_str()).filter(|kind| kind.starts_with("fraud.")).collect();
        assert_eq!(kinds, ["fraud.decision_made", "fraud.review_opened", "fraud.review_decided"]);
        // The payment began with its own event, and these follow it.
        let of_payment = events.iter().filter(|event| event.subject_id == pending.id.uuid());
        let places: Vec<_> = of_payment.map(|event| event.place == outbox::Place::Opening).collect();
        assert_eq!(places, [true, false, false, false, false]);
        bank.assert_sound().await;
    });
}

#[test]
fn what_is_declined_or_left_alone_for_three_days_gives_the_money_back() {
    on_each_engine(&migrations(), async |db| {
        let scene = Scene::set(db).await;
        let Scene { bank, from, new, staff, .. } = &scene;
        let declined = scene.in_review(50_000).await;
        let cancelled = bank.done(admin(*staff), decline(declined.id)).await;
        let stands = (cancelled.status, cancelled.status_reason.as_deref());
        assert_eq!(stands, (TransactionStatus::Cancelled, Some("DECLINED")), "its owner is told no more");
        let left_alone = scene.in_review(50_000).await;
        let now = testkit::bank_now();
        assert_eq!(bank.payments.expire_holds(now.plus_seconds(71 * 3_600)).await.unwrap(), 0);
        assert_eq!(left_alone.expires_at, Some(left_alone.created_at.plus_seconds(72 * 3_600)));
        assert_eq!((bank.state(*from).await.held_minor, bank.posted(*new).await), (50_000, 0));
        assert_eq!(reviews(bank, ReviewState::Declined).await[0].reason.as_deref(), Some("not theirs"));
        bank.assert_sound().await;
        let (version, mut ahead) = profile(bank, *from).await;
        ahead.pay(&fraud::Payment {
            at: 1_700_000_000,
            money: crate::common::cents(1),
            payee: None,
            is_between_own: false,
        });
        let ahead = fraud::StoredProfile { version: version + 1, bytes: ahead.encode().into() };
        bank.db.begin().await.unwrap().write_and_commit(vec![profiles::as_write(vec![(*from, ahead)])]).await.unwrap();
        let found = bank.verify().await.findings;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].row, from.to_string());
    });
}

#[test]
fn a_hold_that_is_looked_at_goes_on_as_one() {
    on_each_engine(&migrations(), async |db| {
        let scene = Scene::set(db).await;
        let Scene { bank, payer, from, new, staff, .. } = &scene;
        let pending = bank.done(Hat::Customer(*payer), hold(*from, *new, 50_000)).await;
        assert_eq!(pending.status_reason.as_deref(), Some("IN_REVIEW"));
        let transaction = pending.id;
        let go_on = Command::Approve { transaction, reason: "fine".to_owned(), is_hold: true };
        let held = bank.done(admin(*staff), go_on).await;
        assert_eq!((held.status, held.status_reason), (TransactionStatus::Pending, None));
        bank.done(Hat::Customer(*payer), Command::Capture { transaction, money: None }).await;
        assert_eq!(bank.posted(*new).await, 50_000);
        bank.assert_sound().await;
    });
}

#[test]
fn a_large_payment_takes_two_people_and_the_second_makes_it_for_the_bank() {
    on_each_engine(&migrations(), async |db| {
        let scene = Scene::set(db).await;
        let pending = scene.in_review(1_000_000).await;
        let (transaction, bank) = (pending.id, &scene.bank);
        let alone = bank.outcome(admin(scene.staff), approve(transaction)).await;
        assert_eq!(alone, Err(Refusal::NeedsTwoPeople { transaction }));
        bank.done(Hat::Bank, approve(transaction)).await;
        assert_eq!(bank.posted(scene.new).await, 1_000_000);
    });
}

#[test]
fn a_decline_is_stored_and_only_the_bank_knows_why() {
    on_each_engine(&migrations(), async |db| {
        let scene = Scene::set(db).await;
        let Scene { bank, payer, from, to, new, .. } = &scene;
        for _ in 0..5 {
            bank.done(Hat::Customer(*payer), transfer(*from, *to, 100)).await;
        }
        // Ten in an hour, a large sum, somebody new.
        let command = transfer(*from, *new, 2_000_000);
        let mut answers = Vec::new();
        for _ in 0..2 {
            answers.push(bank.submit(Hat::Customer(*payer), vec![command.clone()], true, "bad").await);
        }
        let first = answers[0].0.as_ref().unwrap()[0].as_ref().unwrap_err();
        assert_eq!(
            (first.reason(), first.to_string().as_str()),
            (Reason::FraudDeclined, "the bank does not make this payment")
        );
        assert!(matches!(answers[1].1, Ok(Answer::Replayed(_))), "{:?}", answers[1]);
        // The tenth small one within an hour is looked at, and its cent is held.
        assert_eq!((bank.state(*from).await.held_minor, bank.posted(*new).await), (100, 0));
        let kept = bank.payments.refusals(&RefusalFilter::User(*payer), None, 10).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert!(kept[0].reason == "FRAUD_DECLINED" && kept[0].figures.contains("payments in one hour"), "{kept:?}");
        let events = outbox::numbered_after(&bank.db, 0, 1_000).await.unwrap();
        let told = events.iter().find(|event| event.kind == "payments.refused").unwrap();
        assert!(told.payload.contains(r#""reason":"DECLINED""#) && !told.payload.contains("FRAUD"), "{}", told.payload);
        assert!(events.iter().any(|event| event.kind == "fraud.decision_made"));
        // Two customers, and a third one's payment is looked at for that alone.
        bank.payments.fraud().refresh(&bank.db, testkit::bank_now()).await.unwrap();
        let watching = bank.payments.fraud().watching().unwrap();
        assert_eq!((watching.suspicions(*new, UserId::generate()), watching.suspicions(*new, *payer)), (1, 0));
    });
}

#[test]
fn limits_decline_and_say_how_much() {
    on_each_engine(&migrations(), async |db| {
        let bank = watched(db, all_in(RuleMode::Active)).await;
        let user = UserId::generate();
        let (from, to) = (bank.account(user, 50_000_000).await, bank.account(user, 0).await);
        let refused = bank.outcome(Hat::Customer(user), transfer(from, to, 10_000_001)).await.unwrap_err();
        assert!(
            matches!(refused, Refusal::Limit { reason: Reason::LimitPayment, limit: 10_000_000, .. }),
            "{refused:?}"
        );
        for _ in 0..2 {
            bank.done(Hat::Customer(user), transfer(from, to, 10_000_000)).await;
        }
        let refused = bank.outcome(Hat::Customer(user), transfer(from, to, 5_000_001)).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::LimitDay);
        // Between accounts of one owner nothing else counts.
        bank.done(Hat::Customer(user), transfer(from, to, 5_000_000)).await;
        let kept = bank.payments.refusals(&RefusalFilter::User(user), None, 10).await.unwrap();
        let words: Vec<_> = kept.iter().map(|refused| refused.reason.as_str()).collect();
        assert_eq!(words, ["LIMIT_DAY", "LIMIT_PAYMENT"]);
        assert!(reviews(&bank, ReviewState::Open).await.is_empty());
    });
}

#[test]
fn what_is_done_as_one_waits_for_nobody_and_leaves_nothing_behind() {
    on_each_engine(&migrations(), async |db| {
        let scene = Scene::set(db).await;
        let Scene { bank, payer, from, to, new, .. } = &scene;
        let before = profile(bank, *from).await;
        let commands = vec![transfer(*from, *to, 100), transfer(*from, *new, 50_000)];
        let (outcomes, _) = bank.submit(Hat::Customer(*payer), commands.clone(), true, "as-one").await;
        let outcomes = outcomes.unwrap();
        assert_eq!(outcomes[0], Err(Refusal::BatchRefused));
        assert_eq!(outcomes[1].as_ref().unwrap_err().reason(), Reason::FraudDeclined);
        assert_eq!(profile(bank, *from).await, before);
        assert_eq!(bank.state(*from).await.held_minor, 0);
        // Each on its own, the one is made and the other waits.
        let (outcomes, _) = bank.submit(Hat::Customer(*payer), commands, false, "apart").await;
        let stands: Vec<_> = outcomes.unwrap().into_iter().map(|outcome| outcome.unwrap().status).collect();
        assert_eq!(stands, [TransactionStatus::Settled, TransactionStatus::Pending]);
        bank.assert_sound().await;
    });
}

#[test]
fn without_rules_nothing_is_remembered_and_a_profile_that_cannot_be_read_is_looked_at() {
    on_each_engine(&migrations(), async |db| {
        let bank = watched(db, Fraud::off()).await;
        let user = UserId::generate();
        let (from, to) = (bank.account(user, 1_000_000).await, bank.account(UserId::generate(), 0).await);
        bank.done(Hat::Customer(user), transfer(from, to, 60_000)).await;
        assert_eq!((profile(&bank, from).await.0, profile(&bank, to).await.0), (0, 0));

        let damaged = profiles::as_write(vec![(from, fraud::StoredProfile { version: 1, bytes: [9].into() })]);
        bank.db.begin().await.unwrap().write_and_commit(vec![damaged]).await.unwrap();
        let bank = elsewhere(bank.db.clone(), all_in(RuleMode::Active));
        let pending = bank.done(Hat::Customer(user), transfer(from, to, 100)).await;
        assert_eq!(pending.status_reason.as_deref(), Some("IN_REVIEW"));
        let (version, anew) = profile(&bank, from).await;
        assert_eq!((version, anew.payments()), (2, 1), "it begins anew");
    });
}

#[test]
fn a_replay_decides_as_it_was_decided_then_and_again_the_same() {
    on_each_engine(&migrations(), async |db| {
        let scene = Scene::set(db).await;
        let looked_at = scene.in_review(50_000).await;
        scene.bank.done(admin(scene.staff), decline(looked_at.id)).await;
        scene
            .bank
            .payments
            .fraud()
            .label(&scene.bank.db, looked_at.id, Label::Fraud, Act::of_nobody(WallTime::now()))
            .await
            .unwrap();
        let again = scene.in_review(50_000).await;
        let (first, done) = replayed(&scene.bank).await;
        assert_eq!(
            first,
            [(looked_at.id, 50, Some(Label::Fraud)), (again.id, 50, None)],
            "a payee who was not paid is still new"
        );
        assert_eq!(
            (done.payments, done.scores[0].reviews, done.scores[0].frauds, done.scores[1].reviews),
            (7, 2, 1, 0)
        );
        assert_eq!(replayed(&scene.bank).await, (first, done));
    });
}

async fn replayed(bank: &Bank) -> (Vec<(TransactionId, u32, Option<Label>)>, Replayed) {
    let (tried, counting) = (RuleSet::built_in(RuleMode::Active), RuleSet::built_in(RuleMode::Shadow));
    let alerts = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&alerts);
    let snapshot = bank.db.snapshot().await.unwrap();
    let wanted = Replay { tried, counting, from: i64::MIN, to: i64::MAX };
    let done = replay(&snapshot, wanted, move |alert| {
        told.lock().unwrap().push((alert.transaction.id, alert.tried.points, alert.label));
    })
    .await
    .unwrap();
    let alerts = alerts.lock().unwrap().clone();
    (alerts, done)
}
