//! One batch of the poster: load everything that it touches, decide in memory, write it all in one commit.

use crate::by::{By, Change};
use crate::desk::{Circumstances, Desk, DeskChanges};
use crate::ground::Ground;
use crate::idempotency::{self, Stored};
use crate::poster::Lanes;
use crate::reason::Why;
use crate::receipt::Receipt;
use crate::refused::{Refused, Witness, store as refusals};
use crate::request::{Answer, Job};
use crate::transaction::{BookedLeg, Transaction, store as transactions};
use crate::turn::Turn;
use crate::{Command, Outcome, Reason, Refusal, TransactionStatus};
use clock::{Clocks, Moment};
use db::{BankTime, Result, Tx, WallTime};
use fail::fail_point;
use futures_util::future;
use ids::{AccountId, HoldId, IdempotencyKey, TransactionId};
use ledger::Book;
use outbox::{Act, Event};
use serde::Serialize;
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
pub(crate) async fn run(
    Lanes { db, clocks, throttle, .. }: &Lanes,
    jobs: &[Job],
    basis: Basis,
    turn: &mut Turn<'_, Job>,
) -> Result<Vec<Answer>> {
    let tx = db.begin().await?;
    let (mut loaded, ground) = match basis {
        Basis::Locked => (load_locked(&tx, jobs).await?, Ground::default()),
        Basis::Presumed(ground) => (load_presumed(&tx, jobs, &ground).await?, ground),
    };
    fail_point!("poster::after_load");
    let moment = clocks.moment_in_tx(&tx).await?;
    let mut answers = Vec::with_capacity(jobs.len());
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for job in jobs {
        let stored = job.request.key.as_ref().and_then(|key| Some((loaded.stored.get(key.hash().as_slice())?, key)));
        let answer = match stored {
            Some((stored, key)) => stored.answer(key),
            None => {
                let Decided { answer, refusals } = decide(&mut loaded.desk, job, clocks, moment.bank);
                // Nearly always there are none.
                if !refusals.is_empty() {
                    let witness = Witness { desk: &loaded.desk, throttle, now: moment.wall };
                    refused.extend(witness.refused(job.asker, &job.request, refusals));
                }
                answer
            }
        };
        if let (Answer::Fresh { receipt, is_kept: true, .. }, Some(key)) = (&answer, &job.request.key) {
            kept.push((key, receipt.clone()));
        }
        answers.push(answer);
    }
    fail_point!("poster::after_decide");
    let changes = loaded.desk.into_changes();
    turn.decided(changes.ledger.accounts.iter().map(|change| change.after));
    store(tx, Additions { changes, kept, refused: &refused, moment }, &ground).await?;
    count(&answers);
    refused.iter().for_each(Refused::log);
    fail_point!("poster::after_commit");
    Ok(answers)
}

struct Loaded {
    desk: Desk,
    stored: HashMap<Vec<u8>, Stored>,
}

/// Whether the jobs make new transfers only: what they change are balances, and nothing else has to stay as it is.
pub(crate) fn only_transfers(jobs: &[Job]) -> bool {
    jobs.iter().flat_map(|job| &job.request.commands).all(|command| matches!(command, Command::Transfer(_)))
}

/// For transfers only: they are about no earlier transaction and no hold.
async fn load_presumed(tx: &Tx, jobs: &[Job], ground: &Ground) -> Result<Loaded> {
    let accounts = jobs.iter().flat_map(|job| &job.request.commands).flat_map(Command::accounts);
    let mut unknown: Vec<AccountId> = accounts.filter(|account| !ground.presumed.contains_key(account)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    let keys: Vec<_> = jobs.iter().filter_map(|job| job.request.key.as_ref()).collect();
    let read = future::try_join(idempotency::stored(tx, &keys), ledger::accounts(tx, &unknown));
    let (stored, accounts) = read.await?;
    let stored = stored.into_iter().map(|stored| (stored.hash.clone(), stored)).collect();
    let accounts = accounts.into_iter().chain(ground.presumed.values().copied());
    Ok(Loaded { desk: Desk::new(Book::new(accounts, []), []), stored })
}

/// Earlier transactions are read twice: first to learn which accounts to lock, then as they are under the locks.
/// Every change of a transaction happens under the locks of its accounts.
async fn load_locked(tx: &Tx, jobs: &[Job]) -> Result<Loaded> {
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
    let (transactions, holds) =
        future::try_join(transactions::by_ids(tx, &subjects), ledger::holds(tx, &holds)).await?;
    let stored = stored.into_iter().map(|stored| (stored.hash.clone(), stored)).collect();
    Ok(Loaded { desk: Desk::new(Book::new(accounts, holds), transactions), stored })
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
    let created = changes.created.iter().map(|transaction| {
        // Nearly always there are none.
        let is_for_the_bank = changes.for_the_bank.contains(&transaction.id);
        event(transaction, By { actor: transaction.started_by, is_for_the_bank }, moment.wall)
    });
    let changed = changes.changed.iter().map(|change| event(&change.after, change.by, moment.wall));
    let happened = created.chain(changed).chain(refused.iter().map(Refused::event)).collect();
    let mut writes = ledger::additions(&changes.ledger);
    writes.extend(transactions::inserts(&changes.created));
    writes.push(transactions::update(first_and_last(&changes.changed)));
    writes.push(idempotency::as_write(kept, moment.wall));
    writes.push(outbox::as_write(happened));
    if !refused.is_empty() {
        writes.push(refusals::as_write(refused));
    }
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

/// The payload of `payments.transaction_*` events.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionEvent<'a> {
    transaction_id: String,
    r#type: &'a str,
    status: &'a str,
    amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded_amount: Option<String>,
    currency: &'a str,
    source_account_id: String,
    destination_account_id: String,
    /// Of a booking: the word of whoever booked it, and its legs, where they are more than source and destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    booked_as: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    legs: Vec<LegOfEvent>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LegOfEvent {
    account_id: String,
    /// Credit positive, debit negative.
    amount: String,
    currency: String,
}

impl LegOfEvent {
    fn of(leg: &BookedLeg) -> Self {
        let currency = leg.money.currency().to_string();
        Self { account_id: leg.side.account.to_string(), amount: leg.money.to_decimal(), currency }
    }
}

fn event(transaction: &Transaction, by: By, now: WallTime) -> Event {
    let kind = match transaction.status {
        TransactionStatus::Pending => "payments.transaction_pending",
        TransactionStatus::Settled if transaction.refunded_minor > 0 => "payments.transaction_refunded",
        TransactionStatus::Settled => "payments.transaction_settled",
        TransactionStatus::Reversed => "payments.transaction_reversed",
        TransactionStatus::Cancelled => "payments.transaction_cancelled",
    };
    let currency = transaction.money.currency();
    let refunded = Some(transaction.refunded_minor).filter(|minor| *minor > 0);
    let payload = TransactionEvent {
        transaction_id: transaction.id.to_string(),
        r#type: transaction.kind.word(),
        status: transaction.status.word(),
        amount: transaction.settled().to_decimal(),
        refunded_amount: refunded.map(|minor| money::Money::new(minor, currency).to_decimal()),
        currency: currency.code(),
        source_account_id: transaction.source.account.to_string(),
        destination_account_id: transaction.destination.account.to_string(),
        booked_as: transaction.booked.as_ref().map(|booked| booked.word.as_str()),
        legs: transaction.booked.iter().flat_map(|booked| &booked.legs).map(LegOfEvent::of).collect(),
    };
    let payload = serde_json::to_string(&payload).expect("plain text fields serialise");
    let event = Event::new(transaction.id.uuid(), kind, payload, Act { by: by.actor, at: now });
    if by.is_for_the_bank { event } else { event.everyday() }
}
