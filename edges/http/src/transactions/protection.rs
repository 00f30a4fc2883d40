//! Asks auth whether the caller's proof reaches for what they order, and tells it what became of that. Only people with a
//! second factor are asked: programs with a key or a grant cannot show one, and their scopes are what bounds them. Tokens
//! of the trusted issuer say when and with what their holder logged in there, and count like sessions. Who has no second
//! factor costs nothing here.

use crate::App;
use crate::caller::Caller;
use crate::problem::Outcome;
use factors::{Reservation, Spending};
use ids::AccountId;
use money::Money;
use payments::{Answer, Command, IdempotencyKey, PosterError, TransactionType};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What is to be done about a request before it goes to the poster.
pub(super) enum Protection {
    /// Nothing: it is worked on, and what becomes of it is to be told to [`Protected::settle`].
    Passed(Option<Protected>),
    /// It was answered before: the answer needs no proof.
    Answered(Answer),
}

/// A request of somebody who is asked for proofs.
pub(super) struct Protected {
    identity: identity::Caller,
    /// One for each command.
    leaving: Vec<Leaving>,
    /// Whom the caller pays for the first time.
    new_payees: BTreeSet<AccountId>,
    reservation: Option<Reservation>,
    settled: Settled,
}

/// Which of the commands were done, as the poster decided last.
#[derive(Clone, Default)]
pub(super) struct Settled(Arc<Mutex<Vec<bool>>>);

/// What a command takes away from its caller, and to whom.
#[derive(Clone, Copy, Default)]
struct Leaving {
    money: Option<Money>,
    payee: Option<AccountId>,
}

/// Refuses what needs a proof that the caller lacks.
pub(super) async fn require_proof(
    app: &App,
    caller: &Caller,
    commands: &[Command],
    key: &IdempotencyKey,
) -> Outcome<Protection> {
    let (identity, now) = (caller.identity, app.now());
    if !identity.proves_payments() {
        return Ok(Protection::Passed(None));
    }
    let is_fresh = identity.is_freshly_proved(now);
    if !is_fresh && let Some(answer) = app.payments.answer_to(key).await? {
        return Ok(Protection::Answered(answer));
    }
    let mut leaving = Vec::with_capacity(commands.len());
    for command in commands {
        leaving.push(Leaving::of(app, command, is_fresh).await?);
    }
    let new_payees = new_payees(app, caller, leaving.iter().filter_map(|leaving| leaving.payee).collect()).await?;
    let moneys: Vec<Money> = leaving.iter().filter_map(|leaving| leaving.money).collect();
    let spending =
        Spending { moneys: &moneys, has_new_payee: !new_payees.is_empty(), limit_units: app.settings.step_up_amount };
    let reservation = app.factors.reserve_spending(&identity, &spending, now).await?;
    let settled = Settled::default();
    Ok(Protection::Passed(Some(Protected { identity, leaving, new_payees, reservation, settled })))
}

impl Protected {
    /// What the poster is to be given, to write down what it decides.
    pub(super) fn settled(&self) -> Settled {
        self.settled.clone()
    }

    /// Gives back what was counted and did not leave, and remembers who was paid with a fresh proof. The money has moved or
    /// not: a failure here only means being asked once more.
    pub(super) async fn settle(self, app: &App, answer: &Result<Answer, PosterError>) {
        let settled = match answer {
            Ok(Answer::Fresh { .. }) => self.settled.get(),
            Ok(Answer::Replayed(_) | Answer::KeyReused) | Err(PosterError::InProgress | PosterError::Overloaded) => {
                Vec::new()
            }
            // It may have moved, or may yet, under its key.
            Err(PosterError::Store(_)) => return,
        };
        let is_settled = |position: usize| settled.get(position).copied().unwrap_or(false);
        let (done, refused): (Vec<_>, Vec<_>) =
            self.leaving.iter().enumerate().partition(|(position, _)| is_settled(*position));
        let refused: Vec<Money> = refused.into_iter().filter_map(|(_, leaving)| leaving.money).collect();
        let paid: BTreeSet<AccountId> = done.into_iter().filter_map(|(_, leaving)| leaving.payee).collect();
        let paid: Vec<AccountId> = self.new_payees.intersection(&paid).copied().collect();
        if let Some(reservation) = self.reservation.filter(|_| !refused.is_empty())
            && let Err(error) = app.factors.give_back(&reservation, &refused).await
        {
            tracing::warn!(%error, user_id = %self.identity.user_id, "what was not paid stays counted");
        }
        if !paid.is_empty()
            && let Err(error) = app.factors.remember_payees(self.identity.user_id, &paid, app.now()).await
        {
            tracing::warn!(%error, user_id = %self.identity.user_id, "a payee could not be remembered");
        }
    }
}

impl Settled {
    /// Writes down what was decided, in place of what was before.
    pub(super) fn note(&self, outcomes: &[payments::Outcome]) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = outcomes.iter().map(Result::is_ok).collect();
    }

    fn get(&self) -> Vec<bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Leaving {
    /// What moves on or back to the caller was proved when it was ordered; what a receiver gives back was not.
    async fn of(app: &App, command: &Command, is_fresh: bool) -> Outcome<Self> {
        Ok(match command {
            Command::Transfer(order) | Command::Hold { order, .. } if order.kind != TransactionType::Deposit => {
                let payee = Some(order.destination).filter(|_| order.kind != TransactionType::Withdrawal);
                Self { money: Some(order.money), payee }
            }
            Command::Refund { money: Some(money), .. } => Self { money: Some(*money), payee: None },
            // Nothing is counted for a fresh proof, so nothing has to be looked up either.
            Command::Refund { transaction, money: None } if !is_fresh => {
                let refunded = app.payments.transaction(*transaction).await?;
                let left = |of: payments::Transaction| Money::new(of.refundable_minor(), of.money.currency());
                Self { money: refunded.map(left), payee: None }
            }
            _ => Self::default(),
        })
    }
}

/// Those that the caller has not paid yet; their own accounts are no news.
async fn new_payees(app: &App, caller: &Caller, payees: BTreeSet<AccountId>) -> Outcome<BTreeSet<AccountId>> {
    if payees.is_empty() {
        return Ok(payees);
    }
    let payees: Vec<AccountId> = payees.into_iter().collect();
    let unknown = app.factors.new_payees(caller.user_id(), &payees).await?;
    if unknown.is_empty() {
        return Ok(BTreeSet::new());
    }
    let own: Vec<AccountId> = ledger::accounts(&app.db, &unknown)
        .await?
        .into_iter()
        .filter(|account| account.holder_id == Some(caller.user_id().uuid()))
        .map(|account| account.id)
        .collect();
    Ok(unknown.into_iter().filter(|account| !own.contains(account)).collect())
}
