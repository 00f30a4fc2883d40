//! The pure decisions on payments: a book, the transactions in question, one command after the other.
//! Who may do what is decided here, beside the money. No clock, no database, no randomness.

pub(crate) mod booking;
mod concern;
mod counter;
mod review;
pub(crate) mod screen;

use crate::by::{By, Change, is_party};
use crate::discretion::shown;
use crate::transaction::IN_REVIEW;
use crate::{Command, Hat, HoldLength, Order, Refusal, Side, Transaction, TransactionStatus, TransactionType};
use db::BankTime;
use ids::{AccountId, EntryId, HoldId, TransactionId, UserId};
use ledger::{Account, Book, EntryDraft, Hold, HoldStatus};
use money::Money;
use outbox::Actor;
use review::require_not_in_review;
use screen::{Known, Screen, ScreenChanges};
use std::collections::HashMap;

/// A book and the transactions that commands are about.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    book: Book,
    known: HashMap<TransactionId, Transaction>,
    created: Vec<Transaction>,
    for_the_bank: Vec<TransactionId>,
    changed: Vec<Change>,
    /// What the rules of fraud know; nothing where there are none.
    screen: Option<Screen>,
    /// Reviews that are over.
    closed: Vec<(fraud::Closing, Option<Actor>)>,
}

/// What a command gets from outside.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// With which hat somebody asks.
    pub hat: Hat,
    /// Who they are.
    pub actor: Option<Actor>,
    /// The identifier for the transaction that may come of it.
    pub new_id: TransactionId,
    /// Bank time.
    pub now: BankTime,
}

/// What has to be stored.
#[derive(Debug)]
pub struct DeskChanges {
    /// The ledger's part.
    pub ledger: ledger::Changes,
    /// New transactions.
    pub created: Vec<Transaction>,
    /// Those of them that staff power made.
    pub for_the_bank: Vec<TransactionId>,
    /// What happened to earlier transactions, in order; of one that changed twice the last is how it is now.
    pub changed: Vec<Change>,
    /// What the rules of fraud remember and made of it.
    pub(crate) screen: ScreenChanges,
}

impl Desk {
    /// A desk over a loaded book and the earlier transactions that commands are about.
    pub fn new(book: Book, transactions: impl IntoIterator<Item = Transaction>) -> Self {
        let known = transactions.into_iter().map(|transaction| (transaction.id, transaction)).collect();
        Self { book, known, ..Self::default() }
    }

    /// With rules of fraud, and what they need to know.
    pub(crate) fn with_screen(self, screen: Option<Screen>) -> Self {
        Self { screen, ..self }
    }

    /// Does one command.
    ///
    /// # Errors
    /// It cannot be done; nothing changed.
    pub fn decide(&mut self, command: &Command, given: Circumstances) -> Result<Transaction, Refusal> {
        self.attempt(command, given).map_err(|refusal| self.shown(refusal, given.hat))
    }

    /// The reason as whoever asked may know it.
    pub(crate) fn shown(&self, refusal: Refusal, hat: Hat) -> Refusal {
        shown(refusal, hat, &self.book)
    }

    /// The same as [`Desk::decide`], with the whole reason.
    pub(crate) fn attempt(&mut self, command: &Command, given: Circumstances) -> Result<Transaction, Refusal> {
        match command {
            Command::Transfer(order) => self.transfer(order, given),
            Command::FallDue { id, order } => self.fall_due(*id, order, given),
            Command::Adjust { id, order, holder } => self.adjust(*id, order, *holder, given),
            Command::Book(booking) => self.book(booking, given),
            Command::Hold { order, length } => self.hold(order, *length, given),
            Command::Capture { transaction, money } => self.capture(*transaction, *money, given),
            Command::Release { transaction } => self.release(*transaction, given),
            Command::Expire { transaction } => self.expire(*transaction, given),
            Command::Refund { transaction, money } => self.refund(*transaction, *money, given),
            Command::Reverse { transaction } => self.reverse(*transaction, given),
            Command::Approve { transaction, reason, is_hold } => self.approve(*transaction, reason, *is_hold, given),
            Command::Decline { transaction, reason } => self.decline(*transaction, reason, given),
        }
    }

    /// Does new transfers as one: all of them or, with the position of the first that was refused and the whole reason, none.
    pub(crate) fn attempt_all(
        &mut self,
        commands: &[Command],
        mut given: impl FnMut() -> Circumstances,
    ) -> Result<Vec<Transaction>, (usize, Refusal)> {
        let savepoint = self.book.savepoint();
        let (created, for_the_bank) = (self.created.len(), self.for_the_bank.len());
        let mut done = Vec::with_capacity(commands.len());
        if let Some(screen) = self.screen.as_mut().filter(|_| commands.len() > 1) {
            screen.begin_as_one();
        }
        for (position, command) in commands.iter().enumerate() {
            match self.attempt(command, given()) {
                Ok(transaction) => done.push(transaction),
                Err(refusal) => {
                    self.book.roll_back_to(savepoint);
                    self.created.truncate(created);
                    self.for_the_bank.truncate(for_the_bank);
                    self.end_as_one(false);
                    return Err((position, refusal));
                }
            }
        }
        self.end_as_one(true);
        Ok(done)
    }

    /// What has to be stored.
    pub fn into_changes(self) -> DeskChanges {
        let Self { book, created, for_the_bank, changed, screen, closed, .. } = self;
        let mut screen = screen.map(Screen::into_changes).unwrap_or_default();
        screen.closed = closed;
        DeskChanges { ledger: book.into_changes(), created, for_the_bank, changed, screen }
    }

    fn end_as_one(&mut self, is_done: bool) {
        if let Some(screen) = &mut self.screen {
            screen.end_as_one(is_done);
        }
    }

    fn transfer(&mut self, order: &Order, given: Circumstances) -> Result<Transaction, Refusal> {
        let by = self.require_order_allowed(order, given)?;
        if let Some(decision) = self.screen(order, given)? {
            return self.wait_for_review(order, decision, by, given);
        }
        self.book
            .post(entry(given.new_id, order.kind, &order.description, &settlement(order), given.now), given.now)?;
        self.remember(order, given);
        self.create(order, TransactionStatus::Settled, by, given)
    }

    fn fall_due(&mut self, id: TransactionId, order: &Order, given: Circumstances) -> Result<Transaction, Refusal> {
        if let Some(done) = self.done(id) {
            let is_same = order.is_done_as(done);
            return if is_same { Ok(done.clone()) } else { Err(Refusal::BookedOtherwise { transaction: id }) };
        }
        booking::require_in_time(id, given)?;
        self.transfer(order, Circumstances { new_id: id, ..given })
    }

    fn adjust(
        &mut self,
        id: TransactionId,
        order: &Order,
        holder: Option<UserId>,
        given: Circumstances,
    ) -> Result<Transaction, Refusal> {
        if let Some(done) = self.done(id) {
            return Ok(done.clone());
        }
        let is_source = self.book.account(order.destination)?.is_own();
        let account = self.book.account(if is_source { order.source } else { order.destination })?;
        if account.holder_id != holder.map(UserId::uuid) {
            return Err(Refusal::NotAllowed { reason: "the account has another owner than when it was approved" });
        }
        self.transfer(order, Circumstances { new_id: id, ..given })
    }

    /// The transaction under an identifier that was chosen before, if it is done.
    fn done(&self, id: TransactionId) -> Option<&Transaction> {
        self.known.get(&id).or_else(|| self.created.iter().find(|created| created.id == id))
    }

    fn hold(&mut self, order: &Order, length: HoldLength, given: Circumstances) -> Result<Transaction, Refusal> {
        let by = self.require_order_allowed(order, given)?;
        let decision = self.screen(order, given)?;
        let reason = decision.is_some().then_some(IN_REVIEW);
        let pending = self.set_aside(order, Wait { until: length.end(given.now), reason }, by, given)?;
        let payee = if decision.is_some() { Known::NotYet } else { Known::FromNowOn };
        if let Some(decision) = decision {
            self.open_review(&pending, decision, true, given);
        }
        self.remember_payer(order, payee, given);
        Ok(pending)
    }

    /// Sets money aside for the destination.
    fn set_aside(&mut self, order: &Order, wait: Wait, by: By, given: Circumstances) -> Result<Transaction, Refusal> {
        let destination = self.book.account(order.destination)?;
        if destination.status != ledger::AccountStatus::Active {
            return Err(ledger::Refusal::NotActive { account: destination.id, status: destination.status }.into());
        }
        self.book.place_hold(Hold {
            id: HoldId::from_uuid(given.new_id.uuid()),
            account: order.source,
            amount_minor: order.money.minor(),
            captured_minor: 0,
            status: HoldStatus::Held,
            placed_at: given.now,
            expires_at: wait.until,
            closed_at: None,
        })?;
        let mut pending = self.create(order, TransactionStatus::Pending, by, given)?;
        pending.expires_at = Some(wait.until);
        pending.status_reason = wait.reason.map(ToOwned::to_owned);
        // Nothing has reached the destination: it has no balance after this.
        pending.destination.balance_after = None;
        if let Some(created) = self.created.last_mut() {
            created.clone_from(&pending);
        }
        Ok(pending)
    }

    fn capture(
        &mut self,
        id: TransactionId,
        money: Option<Money>,
        given: Circumstances,
    ) -> Result<Transaction, Refusal> {
        let mut pending = self.visible(id, given.hat)?;
        if !is_party(&pending, given.hat) {
            return Err(Refusal::NotAllowed { reason: "only the parties to a hold can capture it" });
        }
        require_status(&pending, TransactionStatus::Pending)?;
        require_not_in_review(&pending)?;
        let minor = money.map_or(pending.money.minor(), Money::minor);
        let movement = Movement { source: pending.source.account, destination: pending.destination.account, minor };
        let entry = entry(id, pending.kind, &pending.description, &movement, given.now);
        self.book.capture_hold(HoldId::from_uuid(id.uuid()), entry, given.now)?;
        pending.status = TransactionStatus::Settled;
        pending.status_reason = (minor < pending.money.minor()).then(|| "PARTIALLY_CAPTURED".to_owned());
        pending.captured_minor = Some(minor);
        pending.settled_at = Some(given.now);
        pending.value_date = given.now.date();
        pending.source = self.side(pending.source.account)?;
        pending.destination = self.side(pending.destination.account)?;
        self.remember_capture(&pending, given.now);
        Ok(self.change(pending, By::themselves(given)))
    }

    fn release(&mut self, id: TransactionId, given: Circumstances) -> Result<Transaction, Refusal> {
        let pending = self.visible(id, given.hat)?;
        let by = match given.hat {
            hat if is_party(&pending, hat) => By::themselves(given),
            Hat::Admin { .. } => By::for_the_bank(&pending.parties(), given)?,
            _ => return Err(Refusal::NotAllowed { reason: RELEASERS }),
        };
        require_status(&pending, TransactionStatus::Pending)?;
        require_not_in_review(&pending)?;
        self.book.release_hold(HoldId::from_uuid(id.uuid()), given.now)?;
        self.cancel(pending, "RELEASED", by)
    }

    fn expire(&mut self, id: TransactionId, given: Circumstances) -> Result<Transaction, Refusal> {
        let pending = self.visible(id, given.hat)?;
        require_status(&pending, TransactionStatus::Pending)?;
        self.book.expire_hold(HoldId::from_uuid(id.uuid()), given.now)?;
        if pending.is_in_review() {
            self.end_review(id, given);
        }
        self.cancel(pending, "EXPIRED", By::themselves(given))
    }

    fn cancel(&mut self, mut pending: Transaction, reason: &str, by: By) -> Result<Transaction, Refusal> {
        pending.status = TransactionStatus::Cancelled;
        pending.status_reason = Some(reason.to_owned());
        pending.source = self.side(pending.source.account)?;
        Ok(self.change(pending, by))
    }

    fn create(
        &mut self,
        order: &Order,
        status: TransactionStatus,
        by: By,
        given: Circumstances,
    ) -> Result<Transaction, Refusal> {
        let transaction = Transaction {
            id: given.new_id,
            kind: order.kind,
            status,
            status_reason: None,
            source: self.side(order.source)?,
            destination: self.side(order.destination)?,
            money: order.money,
            captured_minor: None,
            refunded_minor: 0,
            description: order.description.clone(),
            metadata: order.metadata.clone(),
            original: None,
            counter: None,
            value_date: given.now.date(),
            created_at: given.now,
            settled_at: (status == TransactionStatus::Settled).then_some(given.now),
            expires_at: None,
            started_by: by.actor,
            booked: None,
        };
        if by.is_for_the_bank {
            self.for_the_bank.push(transaction.id);
        }
        self.created.push(transaction.clone());
        Ok(transaction)
    }

    fn change(&mut self, transaction: Transaction, by: By) -> Transaction {
        if let Some(before) = self.known.insert(transaction.id, transaction.clone()) {
            self.changed.push(Change { before, after: transaction.clone(), by });
        }
        transaction
    }

    /// The transaction, if the actor is one of those who may know of it.
    fn visible(&self, id: TransactionId, hat: Hat) -> Result<Transaction, Refusal> {
        let found = self.known.get(&id).filter(|transaction| hat.sees_all() || is_party(transaction, hat));
        found.cloned().ok_or(Refusal::NoSuchTransaction { transaction: id })
    }

    fn side(&self, account: AccountId) -> Result<Side, Refusal> {
        Ok(Side::of(self.book.account(account)?))
    }

    /// A customer spends only from what is theirs; another's account looks as if it were not there.
    fn require_order_allowed(&self, order: &Order, given: Circumstances) -> Result<By, Refusal> {
        if order.source == order.destination {
            return Err(Refusal::SameAccount { account: order.source });
        }
        let source = self.book.account(order.source)?;
        let destination = self.book.account(order.destination)?;
        let is_theirs = |account: &Account| given.hat == Hat::Bank || given.hat.owns(holder(account));
        let missing = |account: &Account| Err(ledger::Refusal::NoSuchAccount { account: account.id }.into());
        // Of the bank's own accounts an order reaches those of the chart's lines; the others are for bookings.
        for account in [source, destination] {
            if account.is_own() && !ledger::is_line_account(account.id) {
                return missing(account);
            }
        }
        let mut by = By::themselves(given);
        match order.kind {
            TransactionType::Deposit if destination.is_own() => return missing(destination),
            TransactionType::Deposit if is_theirs(destination) => {}
            // Cash for a customer.
            TransactionType::Deposit if matches!(given.hat, Hat::Teller { .. } | Hat::Admin { .. }) => {
                by = By::for_the_bank(&[holder(destination)], given)?;
            }
            TransactionType::Deposit => return missing(destination),
            TransactionType::Adjustment if given.hat == Hat::Bank => {
                by = By::for_the_bank(&[holder(destination), holder(source)], given)?;
            }
            TransactionType::Adjustment => {
                return Err(Refusal::NotAllowed { reason: "an adjustment needs two people" });
            }
            _ if !is_theirs(source) => return missing(source),
            TransactionType::Withdrawal => {}
            // The bank's own accounts are not addresses that one can pay to.
            _ if destination.is_own() => return missing(destination),
            _ => {}
        }
        for account in [source, destination] {
            if account.currency != order.money.currency() {
                return Err(ledger::Refusal::CurrencyMismatch { account: account.id }.into());
            }
        }
        Ok(by)
    }
}

/// Who may release a hold, in words.
const RELEASERS: &str = "only the parties to a hold, or an administrator, can release it";

fn holder(account: &Account) -> Option<UserId> {
    account.holder_id.map(UserId::from_uuid)
}

/// Until when money waits, and why if that is not plain.
struct Wait {
    until: BankTime,
    reason: Option<&'static str>,
}

struct Movement {
    source: AccountId,
    destination: AccountId,
    minor: i64,
}

const fn settlement(order: &Order) -> Movement {
    Movement { source: order.source, destination: order.destination, minor: order.money.minor() }
}

fn entry(
    id: TransactionId,
    kind: TransactionType,
    description: &str,
    movement: &Movement,
    now: BankTime,
) -> EntryDraft {
    EntryDraft {
        id: EntryId::from_uuid(id.uuid()),
        kind: kind.word(),
        description: description.to_owned(),
        legs: EntryDraft::transfer_legs(movement.source, movement.destination, movement.minor),
        value_date: now.date(),
    }
}

fn require_status(transaction: &Transaction, status: TransactionStatus) -> Result<(), Refusal> {
    if transaction.status == status {
        return Ok(());
    }
    Err(Refusal::WrongStatus { transaction: transaction.id, status: transaction.status })
}
