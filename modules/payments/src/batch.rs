//! One batch of the poster: load everything that it touches, decide in memory, write it all in one commit.

use crate::by::{By, Change};
use crate::desk::screen::{Screen, profiles_needed};
use crate::desk::{Circumstances, Desk, DeskChanges};
use crate::ground::Ground;
use crate::idempotency::{self, Stored};
use crate::lanes::Lanes;
use crate::reason::Why;
use crate::receipt::Receipt;
use crate::refused::{Refused, Witness, store as refusals};
use crate::request::{Answer, Job};
use crate::transaction::event::{BookedNow, event, place};
use crate::transaction::{Transaction, store as transactions};
use crate::turn::Turn;
use crate::{Command, Outcome, Reason, Refusal};
use clock::{Clocks, Moment};
use db::{BankTime, Result, Tx};
use fail::fail_point;
use fraud::profile::store as profiles;
use futures_util::future;
use ids::{AccountId, HoldId, IdempotencyKey, TransactionId};
use ledger::Book;
use outbox::Place;
use std::collections::{BTreeMap, HashMap};

/// What a batch is decided on. Either way the update of the balances has the last word: the database refuses it where an
/// account is not as it was when this was decided.
pub(crate) enum Basis {
    /// Rows that stay locked until the end: nobody can come in between.
    Locked,
    /// Rows as they are just now, and accounts as earlier batches leave them; it is committed after those.
    Presumed(Ground),
}

/// Works a batch of jobs off; the answers are in the order of the jobs. On an error nothing was stored,
/// or, if the connection broke during the commit, it is unknown whether it was.
pub(crate) async fn run(lanes: &Lanes, jobs: &[Job], basis: Basis, turn: &mut Turn<'_, Job>) -> Result<Vec<Answer>> {
    let Lanes { db, clocks, .. } = lanes;
    let tx = db.begin().await?;
    let (mut loaded, mut ground) = match basis {
        Basis::Locked => (load_locked(&tx, lanes, jobs).await?, Ground::default()),
        Basis::Presumed(ground) => (load_presumed(&tx, lanes, jobs, &ground).await?, ground),
    };
    fail_point!("poster::after_load");
    let moment = clocks.moment_in_tx(&tx).await?;
    let judge = Judge { lanes, moment };
    let Answered { answers, refused } = match judge.answer_all(&mut loaded, jobs, &ground) {
        Some(answered) => answered,
        None => {
            ground.forget_remembered();
            loaded = load_presumed(&tx, lanes, jobs, &ground).await?;
            judge.answer_all(&mut loaded, jobs, &ground).expect("nothing is remembered")
        }
    };
    let mut kept = Vec::new();
    for (job, answer) in jobs.iter().zip(&answers) {
        if let (Answer::Fresh { receipt, is_kept: true, .. }, Some(key)) = (answer, &job.request.key) {
            kept.push((key, receipt.clone()));
        }
    }
    fail_point!("poster::after_decide");
    let mut changes = loaded.desk.into_changes();
    // What one person can have kept has a bound, as with refusals.
    changes.screen.declined.retain(|declined| lanes.throttle.lets_through(declined.customer, moment.wall));
    let counts = std::mem::take(&mut changes.screen.counts);
    let known = &changes.screen.known;
    let profile = |account: AccountId| known.get(&account).cloned();
    turn.decided(changes.ledger.accounts.iter().map(|change| (change.after, profile(change.after.id))));
    store(tx, Additions { changes, kept, refused: &refused, moment }, &ground).await?;
    count(&answers);
    counts.tell();
    refused.iter().for_each(Refused::log);
    fail_point!("poster::after_commit");
    Ok(answers)
}

/// The answers to all jobs, in their order, and what is to be kept of the refusals among them.
struct Answered {
    answers: Vec<Answer>,
    refused: Vec<Refused>,
}

/// What decides.
#[derive(Clone, Copy)]
struct Judge<'a> {
    lanes: &'a Lanes,
    moment: Moment,
}

impl Judge<'_> {
    /// Nothing where something is refused over what is only remembered: a refusal writes nothing that the database could hold
    /// against that.
    fn answer_all(self, loaded: &mut Loaded, jobs: &[Job], ground: &Ground) -> Option<Answered> {
        let Self { lanes: Lanes { clocks, throttle, .. }, moment } = self;
        let mut answers = Vec::with_capacity(jobs.len());
        let mut refused = Vec::new();
        for job in jobs {
            let stored =
                job.request.key.as_ref().and_then(|key| Some((loaded.stored.get(key.hash().as_slice())?, key)));
            if let Some((stored, key)) = stored {
                answers.push(stored.answer(key));
                continue;
            }
            let Decided { answer, refusals } = decide(&mut loaded.desk, job, clocks, moment.bank);
            // Nearly always there are none.
            if !refusals.is_empty() {
                if !ground.remembered.is_empty() {
                    return None;
                }
                let witness = Witness { desk: &loaded.desk, throttle, now: moment.wall };
                refused.extend(witness.refused(job.asker, &job.request, refusals));
            }
            answers.push(answer);
        }
        Some(Answered { answers, refused })
    }
}

struct Loaded {
    desk: Desk,
    stored: HashMap<Vec<u8>, Stored>,
}

/// Whether the jobs make new transfers only: what they change are balances, and nothing else has to stay as it is.
pub(crate) fn only_transfers(jobs: &[Job]) -> bool {
    jobs.iter().flat_map(|job| &job.request.commands).all(|command| matches!(command, Command::Transfer(_)))
}

/// For transfers only: they are about no earlier transaction and no hold. A key that is not looked for and is there all the
/// same makes the commit fail, and the batch is run again.
async fn load_presumed(tx: &Tx, lanes: &Lanes, jobs: &[Job], ground: &Ground) -> Result<Loaded> {
    let accounts = jobs.iter().flat_map(|job| &job.request.commands).flat_map(Command::accounts);
    let mut unknown: Vec<AccountId> = accounts.filter(|account| !ground.presumed.contains_key(account)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    let mut keys: Vec<_> = jobs.iter().filter_map(|job| job.request.key.as_ref()).collect();
    if !lanes.must_look_for(&keys) {
        keys.clear();
    }
    let watching = lanes.fraud.watching();
    let unknown_profiles = unknown_profiles(watching.is_some(), jobs, ground);
    let read = future::try_join3(
        idempotency::stored(tx, &keys),
        ledger::accounts(tx, &unknown),
        profiles::read(tx, &unknown_profiles),
    );
    let (stored, accounts, profiles) = read.await?;
    let profiles = profiles.into_iter().chain(ground.profiles.iter().map(|(id, profile)| (*id, profile.clone())));
    let screen = watching.map(|watching| Screen::new(watching, profiles));
    let stored = stored.into_iter().map(|stored| (stored.hash.clone(), stored)).collect();
    let accounts = accounts.into_iter().chain(ground.presumed.values().copied());
    Ok(Loaded { desk: Desk::new(Book::new(accounts, []), []).with_screen(screen), stored })
}

/// Of which accounts it is not known yet what is remembered of them, although it is needed.
fn unknown_profiles(is_watched: bool, jobs: &[Job], ground: &Ground) -> Vec<AccountId> {
    if !is_watched {
        return Vec::new();
    }
    let needed = jobs.iter().flat_map(|job| &job.request.commands).flat_map(profiles_needed);
    let mut unknown: Vec<AccountId> = needed.filter(|account| !ground.profiles.contains_key(account)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}

/// Earlier transactions are read twice: first to learn which accounts to lock, then as they are under the locks.
/// Every change of a transaction happens under the locks of its accounts.
async fn load_locked(tx: &Tx, lanes: &Lanes, jobs: &[Job]) -> Result<Loaded> {
    let commands = || jobs.iter().flat_map(|job| &job.request.commands);
    let mut subjects: Vec<TransactionId> = commands().filter_map(Command::subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let unlocked = transactions::by_ids(tx, &subjects).await?;
    let earlier = unlocked.iter().flat_map(|transaction| [transaction.source.account, transaction.destination.account]);
    let mut accounts: Vec<AccountId> = earlier.chain(commands().flat_map(Command::accounts)).collect();
    accounts.sort_unstable();
    accounts.dedup();

    let holds: Vec<HoldId> = subjects.iter().map(|id| HoldId::from_uuid(id.uuid())).collect();
    let keys: Vec<_> = jobs.iter().filter_map(|job| job.request.key.as_ref()).collect();
    // A key that another process stores after this look at the keys makes the commit fail, and the batch is run again.
    let locked = future::try_join(idempotency::stored(tx, &keys), ledger::lock_accounts_in_tx(tx, &accounts));
    let (stored, accounts) = locked.await?;
    // Only now: sent beside the locks, these could overtake a statement that the connection still has to prepare.
    let watching = lanes.fraud.watching();
    let watched: Vec<AccountId> = if watching.is_some() {
        accounts.iter().filter(|account| !account.is_own()).map(|account| account.id).collect()
    } else {
        Vec::new()
    };
    let (transactions, holds, profiles) =
        future::try_join3(transactions::by_ids(tx, &subjects), ledger::holds(tx, &holds), profiles::read(tx, &watched))
            .await?;
    let screen = watching.map(|watching| Screen::new(watching, profiles));
    let stored = stored.into_iter().map(|stored| (stored.hash.clone(), stored)).collect();
    Ok(Loaded { desk: Desk::new(Book::new(accounts, holds), transactions).with_screen(screen), stored })
}

/// A job that was decided, with the positions and the whole reasons of the commands that were refused.
struct Decided {
    answer: Answer,
    refusals: Vec<(usize, Why)>,
}

fn decide(desk: &mut Desk, job: &Job, clocks: &Clocks, now: BankTime) -> Decided {
    let Job { asker, request, .. } = job;
    // Identifiers rise with bank time, as the lists and the balances of the past assume.
    let new_id = || TransactionId::generate_in(clocks.sequence(), now.unix_micros());
    let given = || Circumstances { hat: asker.hat, actor: asker.actor, new_id: new_id(), now };
    let mut refusals = Vec::new();
    let outcomes: Vec<Outcome> = if request.is_atomic {
        match desk.attempt_all(&request.commands, given) {
            Ok(done) => done.into_iter().map(Ok).collect(),
            Err((position, refusal)) => {
                let mut outcomes: Vec<Outcome> = request.commands.iter().map(|_| Err(Refusal::BatchRefused)).collect();
                refusals.push((position, Why::from(&refusal)));
                outcomes[position] = Err(desk.shown(refusal, asker.hat));
                outcomes
            }
        }
    } else {
        let outcome = |(position, command)| {
            desk.attempt(command, given()).map_err(|refusal| {
                refusals.push((position, Why::from(&refusal)));
                desk.shown(refusal, asker.hat)
            })
        };
        request.commands.iter().enumerate().map(outcome).collect()
    };
    // A list of outcomes is an answer of its own; a single refusal is kept if it says so.
    let is_refusal_kept = |outcome: &Outcome| outcome.as_ref().err().is_none_or(Refusal::is_kept);
    let is_kept = !request.is_atomic || outcomes.iter().all(is_refusal_kept);
    let receipt = (request.pack)(&outcomes);
    Decided { answer: Answer::Fresh { outcomes, receipt, is_kept }, refusals }
}

fn count(answers: &[Answer]) {
    let fresh = answers.iter().filter_map(|answer| match answer {
        Answer::Fresh { outcomes, .. } => Some(outcomes),
        Answer::Replayed(_) | Answer::KeyReused => None,
    });
    for outcome in fresh.flatten() {
        match outcome {
            Ok(done) => {
                metrics::counter!("florin_transactions_total", "outcome" => done.status.word()).increment(1);
            }
            Err(refusal) => count_refusal(refusal.reason()),
        }
    }
}

/// Counts a refusal, with its reason.
pub(crate) fn count_refusal(reason: Reason) {
    metrics::counter!("florin_transactions_total", "outcome" => "REFUSED", "reason" => reason.word()).increment(1);
}

/// What a batch adds to the tables.
struct Additions<'a> {
    changes: DeskChanges,
    kept: Vec<(&'a IdempotencyKey, Receipt)>,
    refused: &'a [Refused],
    moment: Moment,
}

async fn store(tx: Tx, additions: Additions<'_>, ground: &Ground) -> Result<()> {
    let Additions { changes, kept, refused, moment } = additions;
    let booked = BookedNow::of(&changes.ledger.postings);
    let created = changes.created.iter().map(|transaction| {
        // Nearly always there are none.
        let is_for_the_bank = changes.for_the_bank.contains(&transaction.id);
        let by = By { actor: transaction.started_by, is_for_the_bank };
        event(transaction, &booked, by, moment.wall).placed(place(transaction, Place::Opening))
    });
    let changed = changes.changed.iter().map(|change| {
        let event = event(&change.after, &booked, change.by, moment.wall);
        event.placed(place(&change.after, Place::Following))
    });
    let screened = changes.screen.events(moment.wall);
    let happened = created.chain(changed).chain(refused.iter().map(Refused::event)).chain(screened).collect();
    let mut writes = ledger::additions(&changes.ledger);
    writes.extend(transactions::inserts(&changes.created));
    writes.push(transactions::update(first_and_last(&changes.changed)));
    writes.push(idempotency::as_write(kept, moment.wall));
    writes.push(outbox::as_write(happened));
    if !refused.is_empty() {
        writes.push(refusals::as_write(refused));
    }
    writes.extend(changes.screen.writes(moment.bank, moment.wall));
    let balances = ledger::balances(&changes.ledger);
    if balances.1.is_empty() && writes.iter().all(|(_, rows)| rows.is_empty()) {
        // What is answered may rest on the earlier batches all the same.
        ground.hold().await?;
        return tx.rollback().await;
    }
    fail_point!("poster::before_commit");
    if !ground.is_firm() {
        // What is new waits for nobody; the balances would wait for the earlier batches in the database.
        future::try_join(tx.write(std::mem::take(&mut writes)), ground.hold()).await?;
    }
    writes.extend([moment.guard(), balances]);
    if !changes.screen.profiles.is_empty() {
        writes.push(profiles::as_write(changes.screen.profiles));
    }
    tx.write_and_commit(writes).await
}

/// Each earlier transaction once: as it was loaded, and as it is now.
fn first_and_last(changed: &[Change]) -> impl Iterator<Item = (&Transaction, &Transaction)> {
    let mut ends: BTreeMap<TransactionId, (&Transaction, &Transaction)> = BTreeMap::new();
    for change in changed {
        ends.entry(change.after.id).or_insert((&change.before, &change.after)).1 = &change.after;
    }
    ends.into_values()
}
