//! The legs of bookings as they are stored: what must then stand in the books, and what their transaction must say.

use super::told::{Fact, HeadFact};
use db::{BankTime, Date, IfLegible, columns, statements};
use ledger::verify::Dates;
use uuid::Uuid;

columns! {
    Leg {
        transaction = "leg.transaction_id", account = "leg.account_id", holder = "leg.holder_id", is_own = "leg.is_own",
        currency = "leg.currency", amount_minor = "leg.amount_minor", balance_minor = "leg.balance_minor",
        currency_of_whole = "whole.currency", source = "whole.source_account_id",
        destination = "whole.destination_account_id", value_date = "whole.value_date" as IfLegible<Date>,
        settled_at = "whole.settled_at" as IfLegible<BankTime>
    }
}

statements! {
    WALK_LEGS -> Leg =
        "SELECT {columns}
         FROM payments_leg leg LEFT JOIN payments_transaction whole ON whole.id = leg.transaction_id";
}

/// A leg, with what it needs to know of its transaction; that may be missing.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) transaction: Uuid,
    pub(super) account: Uuid,
    pub(super) holder: Option<Uuid>,
    pub(super) is_own: bool,
    pub(super) currency: String,
    amount_minor: i64,
    balance_minor: i64,
    currency_of_whole: Option<String>,
    source: Option<Uuid>,
    destination: Option<Uuid>,
    value_date: Option<Date>,
    settled_at: Option<BankTime>,
}

impl Leg {
    /// The posting that the ledger must have.
    pub(super) fn fact(&self) -> Fact<'_> {
        Fact::Posting {
            account: self.account,
            amount_minor: self.amount_minor,
            balance_minor: Some(self.balance_minor),
            currency: &self.currency,
            dates: Dates { value_date: self.value_date, booked_at: self.settled_at },
        }
    }

    /// What the transaction must say because of it: the credits in its currency, and which accounts are its two sides.
    pub(super) fn head(&self) -> impl Iterator<Item = (HeadFact, i64)> {
        let balance_minor = Some(self.balance_minor);
        let account = self.account;
        let is_of_currency = self.currency_of_whole.as_ref() == Some(&self.currency);
        let (is_credit, is_debit) = (is_of_currency && self.amount_minor > 0, is_of_currency && self.amount_minor < 0);
        let moved = is_credit.then_some((HeadFact::Moved, self.amount_minor));
        let source = is_debit && self.source == Some(account);
        let source = source.then_some((HeadFact::Source { account, balance_minor }, 1));
        let destination = is_credit && self.destination == Some(account);
        let destination = destination.then_some((HeadFact::Destination { account, balance_minor }, 1));
        [moved, source, destination].into_iter().flatten()
    }
}
