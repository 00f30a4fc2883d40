//! What would become of a transfer, without making it: the same decision over the same accounts, of which nothing is kept.
//! What is ordered later is decided anew.

use crate::desk::{Circumstances, Desk};
use crate::proof::new_payees;
use crate::rules::Leaving;
use crate::{Command, Order, OrderError, Outcome, Payments, PosterError, hat_of};
use db::WallTime;
use factors::{ProofReason, Spending};
use identity::Caller;
use ids::TransactionId;
use ledger::Book;

/// What would become of an order.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The transaction as it would be, under an identifier that nobody will meet, or why it would be refused.
    pub outcome: Outcome,
    /// Why a fresh proof would be asked for; `None`: none would.
    pub proof: Option<ProofReason>,
    /// Whether the person would pay this account for the first time; `None`: that is kept of nobody without a second factor.
    pub is_new_payee: Option<bool>,
}

pub(crate) async fn preview(
    payments: &Payments,
    caller: &Caller,
    order: Order,
    now: WallTime,
) -> Result<Preview, OrderError> {
    let hat = hat_of(caller, now).ok_or(OrderError::MovesNoMoney)?;
    let command = Command::Transfer(order);
    payments.rules.require_allowed(std::slice::from_ref(&command))?;
    let moment = payments.clocks.now(&payments.db).await.map_err(PosterError::from)?;
    let touched: Vec<_> = command.accounts().collect();
    let accounts = ledger::accounts(&payments.db, &touched).await.map_err(PosterError::from)?;
    let given = Circumstances { hat, actor: Some(caller.actor()), new_id: TransactionId::generate(), now: moment.bank };
    let outcome = Desk::new(Book::new(accounts, []), []).decide(&command, given);
    let Leaving { money, payee } = Leaving::of(&command, None);
    if !caller.proves_payments() {
        return Ok(Preview { outcome, proof: None, is_new_payee: None });
    }
    let is_new = !new_payees(&payments.db, caller, payee.into_iter().collect()).await?.is_empty();
    let moneys: Vec<_> = money.into_iter().collect();
    let spending = Spending { moneys: &moneys, has_new_payee: is_new, limit_units: payments.rules.unproved_units };
    let proof = factors::missing_proof(&payments.db, caller, &spending, now).await?;
    Ok(Preview { outcome, proof, is_new_payee: Some(is_new) })
}
