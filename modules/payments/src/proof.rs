//! Asks the factors whether somebody's proof reaches for what they order, and lets it know what became of that. Only people with a
//! second factor are asked: programs with a key or a grant cannot show one, and their scopes are what bounds them. Tokens
//! of the trusted issuer say when and with what their holder logged in there, and count like sessions. Who has no second
//! factor costs nothing here.

use crate::request::done_of;
use crate::rules::Leaving;
use crate::{Answer, Command, OrderError, Payments, PosterError, Request};
use db::{Db, WallTime};
use factors::{Reservation, Spending};
use identity::Caller;
use ids::AccountId;
use money::Money;
use std::collections::BTreeSet;

/// What is to be done about a request before it goes to the poster.
pub(crate) enum Passage {
    /// Nothing: it is worked on, and what becomes of it goes to [`Proved::settle`], if there is something to settle.
    Open(Option<Proved>),
    /// It was answered before: the answer needs no proof.
    Answered(Answer),
}

/// What somebody orders who is asked for proofs, and whose proof reaches for it.
pub(crate) struct Proved {
    caller: Caller,
    /// One for each command.
    leaving: Vec<Leaving>,
    /// Whom the caller pays for the first time.
    new_payees: BTreeSet<AccountId>,
    reservation: Option<Reservation>,
    now: WallTime,
}

/// Refuses what needs a proof that the caller lacks.
pub(crate) async fn require(
    payments: &Payments,
    caller: &Caller,
    request: &Request,
    now: WallTime,
) -> Result<Passage, OrderError> {
    if !caller.proves_payments() {
        return Ok(Passage::Open(None));
    }
    let is_fresh = caller.is_freshly_proved(now);
    if !is_fresh
        && let Some(key) = &request.key
        && let Some(answer) = payments.answer_to(key).await.map_err(PosterError::from)?
    {
        return Ok(Passage::Answered(answer));
    }
    let mut leaving = Vec::with_capacity(request.commands.len());
    for command in &request.commands {
        // Nothing is counted for a fresh proof, so nothing has to be looked up either.
        let refunded = match command {
            Command::Refund { transaction, money: None } if !is_fresh => {
                payments.transaction(*transaction).await.map_err(PosterError::from)?
            }
            _ => None,
        };
        leaving.push(Leaving::of(command, refunded.as_ref()));
    }
    let payees = leaving.iter().filter_map(|leaving| leaving.payee).collect();
    let new_payees = new_payees(&payments.db, caller, payees).await?;
    let moneys: Vec<Money> = leaving.iter().filter_map(|leaving| leaving.money).collect();
    let limit_units = payments.rules.unproved_units;
    let spending = Spending { moneys: &moneys, has_new_payee: !new_payees.is_empty(), limit_units };
    let reservation = factors::reserve_spending(&payments.db, caller, &spending, now).await?;
    Ok(Passage::Open(Some(Proved { caller: *caller, leaving, new_payees, reservation, now })))
}

impl Proved {
    /// Gives back what was counted and did not leave, and remembers who was paid with a fresh proof. The money has moved or
    /// not: a failure here only means being asked once more.
    pub(crate) async fn settle(self, db: &Db, answer: &Result<Answer, PosterError>) {
        // It may have moved, or may yet, under its key.
        let Some(settled) = done_of(answer) else { return };
        let is_settled = |position: usize| settled.get(position).copied().unwrap_or(false);
        let (done, refused): (Vec<_>, Vec<_>) =
            self.leaving.iter().enumerate().partition(|(position, _)| is_settled(*position));
        let refused: Vec<Money> = refused.into_iter().filter_map(|(_, leaving)| leaving.money).collect();
        let paid: BTreeSet<AccountId> = done.into_iter().filter_map(|(_, leaving)| leaving.payee).collect();
        let paid: Vec<AccountId> = self.new_payees.intersection(&paid).copied().collect();
        let user_id = self.caller.user_id;
        if let Some(reservation) = self.reservation.filter(|_| !refused.is_empty())
            && let Err(error) = factors::give_back(db, &reservation, &refused).await
        {
            tracing::warn!(%error, %user_id, "what was not paid stays counted");
        }
        if !paid.is_empty()
            && let Err(error) = factors::remember_payees(db, user_id, &paid, self.now).await
        {
            tracing::warn!(%error, %user_id, "a payee could not be remembered");
        }
    }
}

/// Those that the caller has not paid yet; their own accounts are no news.
pub(crate) async fn new_payees(
    db: &Db,
    caller: &Caller,
    payees: BTreeSet<AccountId>,
) -> Result<BTreeSet<AccountId>, OrderError> {
    if payees.is_empty() {
        return Ok(payees);
    }
    let payees: Vec<AccountId> = payees.into_iter().collect();
    let unknown = factors::new_payees(db, caller.user_id, &payees).await?;
    if unknown.is_empty() {
        return Ok(BTreeSet::new());
    }
    let accounts = ledger::accounts(db, &unknown).await.map_err(PosterError::from)?;
    let is_own = |account: &&ledger::Account| account.holder_id == Some(caller.user_id.uuid());
    let own: Vec<AccountId> = accounts.iter().filter(is_own).map(|account| account.id).collect();
    Ok(unknown.into_iter().filter(|account| !own.contains(account)).collect())
}
