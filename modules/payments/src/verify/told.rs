//! A transaction as it is stored, and what must then stand in the books. Words are not read into types: a row that
//! somebody spoilt must not stop the search for it.

use crate::TransactionType;
use crate::transaction::DECLINED;
use db::{BankTime, Date, IfLegible, columns, statements};
use ids::AccountId;
use ledger::verify::{Comparison, Dates, Seen};
use std::collections::BTreeMap;
use uuid::Uuid;

columns! {
    Told {
        id, kind = type, status, status_reason, source = source_account_id, destination = destination_account_id,
        source_holder = source_holder_id, destination_holder = destination_holder_id, amount_minor, captured_minor,
        currency, description, original = original_id, counter = counter_id, value_date as IfLegible<Date>,
        created_at as IfLegible<BankTime>, settled_at as IfLegible<BankTime>, expires_at as IfLegible<BankTime>,
        source_balance_minor, destination_balance_minor, refunded_minor, booked_as, legs, source_is_own,
        destination_is_own,
        imported = "CASE WHEN actor_credential = 'COMMAND_LINE' AND booked_as IS NULL THEN COALESCE(metadata, '') END"
    }
}

statements! {
    WALK_TRANSACTIONS -> Told = "SELECT {columns} FROM payments_transaction";
}

#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) status: String,
    status_reason: Option<String>,
    pub(super) source: Uuid,
    pub(super) destination: Uuid,
    pub(super) source_holder: Option<Uuid>,
    pub(super) destination_holder: Option<Uuid>,
    pub(super) amount_minor: i64,
    pub(super) captured_minor: Option<i64>,
    pub(super) currency: String,
    description: String,
    pub(super) original: Option<Uuid>,
    pub(super) counter: Option<Uuid>,
    value_date: Option<Date>,
    created_at: Option<BankTime>,
    pub(super) settled_at: Option<BankTime>,
    expires_at: Option<BankTime>,
    source_balance_minor: Option<i64>,
    destination_balance_minor: Option<i64>,
    /// What its refunds gave back together; absent while nothing was.
    refunded_minor: Option<i64>,
    /// Of a booking: the word that its entry has, and how many legs are stored for it.
    pub(super) booked_as: Option<String>,
    pub(super) legs: Option<i64>,
    source_is_own: Option<bool>,
    destination_is_own: Option<bool>,
    /// What an import wrote beside it: nothing but imports makes a transaction on the command line.
    imported: Option<String>,
}

/// The dates that a transaction has from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Dated {
    created_at: Option<BankTime>,
    expires_at: Option<BankTime>,
    /// What is held counts from the day on which it is captured.
    value_date: Option<Date>,
}

impl Dated {
    pub(super) fn new(created_at: BankTime, expires_at: Option<BankTime>, value_date: Date) -> Self {
        let value_date = expires_at.is_none().then_some(value_date);
        Self { created_at: Some(created_at), expires_at, value_date }
    }
}

/// Something that the ledger and the transaction of the same identifier must both say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Fact<'a> {
    Entry { kind: &'a str, description: &'a str, sides: i64, dates: Dates },
    Posting { account: Uuid, amount_minor: i64, balance_minor: Option<i64>, currency: &'a str, dates: Dates },
    Hold { account: Uuid, amount_minor: i64, captured_minor: i64, status: &'a str, times: [Option<BankTime>; 2] },
}

/// Something that a booking with many legs and its legs must both say, so many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum HeadFact {
    Moved,
    Source { account: Uuid, balance_minor: Option<i64> },
    Destination { account: Uuid, balance_minor: Option<i64> },
}

impl<'a> Fact<'a> {
    /// What a row of the ledger says, and of which transaction.
    pub(super) fn of_books(seen: &'a Seen) -> Option<(Uuid, Self)> {
        Some(match seen {
            Seen::Account(_) => return None,
            Seen::Entry(entry) => {
                let (kind, description) = (&entry.kind, &entry.description);
                (entry.id, Self::Entry { kind, description, sides: entry.sides, dates: entry.dates })
            }
            Seen::Posting(posting) => {
                let fact = Self::Posting {
                    account: posting.account,
                    amount_minor: posting.amount_minor,
                    balance_minor: Some(posting.balance_minor),
                    currency: &posting.currency,
                    dates: posting.dates,
                };
                (posting.entry, fact)
            }
            Seen::Hold(hold) => {
                let fact = Self::Hold {
                    account: hold.account,
                    amount_minor: hold.amount_minor,
                    captured_minor: hold.captured_minor,
                    status: &hold.status,
                    times: [hold.placed_at, hold.expires_at],
                };
                (hold.id, fact)
            }
        })
    }

    pub(super) const fn is_of_hold(&self) -> bool {
        matches!(self, Self::Hold { .. })
    }
}

impl Told {
    pub(super) fn has_settled(&self) -> bool {
        matches!(self.status.as_str(), "SETTLED" | "REVERSED")
    }

    pub(super) fn was_held(&self) -> bool {
        self.expires_at.is_some()
    }

    pub(super) fn dated(&self) -> Dated {
        let Self { created_at, expires_at, .. } = *self;
        Dated { created_at, expires_at, value_date: self.value_date.filter(|_| expires_at.is_none()) }
    }

    /// Under which name an import booked it; nothing of what no import booked.
    pub(super) fn external_id(&self) -> Option<String> {
        let metadata: serde_json::Value = serde_json::from_str(self.imported.as_deref()?).unwrap_or_default();
        Some(metadata.get("externalId").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
    }

    pub(super) fn settled_minor(&self) -> i64 {
        self.captured_minor.unwrap_or(self.amount_minor)
    }

    /// Whether it has what belongs to its type and status.
    pub(super) fn is_sound(&self) -> bool {
        let is_undoing = matches!(self.kind.as_str(), "REFUND" | "REVERSAL");
        let is_captured = self.captured_minor.is_some();
        // A reversal undoes the whole, so nothing was refunded then; the counter is the reversal or the latest refund.
        let is_undone = match self.status.as_str() {
            "REVERSED" => self.counter.is_some() && self.refunded_minor.is_none(),
            "SETTLED" => self.counter.is_some() == self.refunded_minor.is_some(),
            _ => self.counter.is_none() && self.refunded_minor.is_none(),
        };
        let of_status = match self.status.as_str() {
            "PENDING" => self.was_held() && !is_captured,
            "SETTLED" | "REVERSED" => self.was_held() == is_captured,
            "CANCELLED" => self.was_held() && !is_captured && self.ended_as().is_some(),
            _ => false,
        };
        of_status
            && is_undone
            && self.refunded_minor.is_none_or(|minor| (1..=self.settled_minor()).contains(&minor))
            && self.has_settled() == self.settled_at.is_some()
            && TransactionType::parse(&self.kind).is_some()
            && is_undoing == self.original.is_some()
            && (1..=self.amount_minor).contains(&self.settled_minor())
            && self.source != self.destination
            && self.is_of_one_origin()
    }

    /// A booking settles at once and says whose its sides are; what is none has nothing of one.
    fn is_of_one_origin(&self) -> bool {
        let says_own = [self.source_is_own, self.destination_is_own].map(|is_own| is_own.is_some());
        match &self.booked_as {
            Some(_) => self.status == "SETTLED" && !self.was_held() && says_own == [true; 2],
            None => self.legs.is_none() && says_own == [false; 2],
        }
    }

    /// Whether a side is shown as the bank's own: source first.
    pub(super) fn shows_own(&self) -> [bool; 2] {
        let is_line = |id| ledger::is_line_account(AccountId::from_uuid(id));
        [(self.source_is_own, self.source), (self.destination_is_own, self.destination)]
            .map(|(is_own, account)| is_own.unwrap_or_else(|| is_line(account)))
    }

    /// Whether a customer paid somebody by it.
    pub(super) fn is_payment_of_a_customer(&self) -> bool {
        self.source_holder.is_some() && matches!(self.kind.as_str(), "TRANSFER" | "PAYMENT" | "WITHDRAWAL")
    }

    /// What the ledger must say of it.
    pub(super) fn facts(&self) -> impl Iterator<Item = Fact<'_>> {
        let moved = self.has_settled().then(|| self.moved());
        let held = self.was_held().then(|| Fact::Hold {
            account: self.source,
            amount_minor: self.amount_minor,
            captured_minor: self.captured_minor.unwrap_or(0),
            status: self.status_of_hold(),
            times: [self.created_at, self.expires_at],
        });
        moved.into_iter().flatten().chain(held)
    }

    /// The entry, and its postings unless there are legs that say more of them.
    fn moved(&self) -> impl Iterator<Item = Fact<'_>> {
        let dates = Dates { value_date: self.value_date, booked_at: self.settled_at };
        let side = |account, amount_minor, balance_minor| Fact::Posting {
            account,
            amount_minor,
            balance_minor,
            currency: &self.currency,
            dates,
        };
        let minor = self.settled_minor();
        let kind = self.booked_as.as_deref().unwrap_or(&self.kind);
        let entry = Fact::Entry { kind, description: &self.description, sides: self.legs.unwrap_or(2), dates };
        let sides = [
            side(self.source, minor.saturating_neg(), self.source_balance_minor),
            side(self.destination, minor, self.destination_balance_minor),
        ];
        std::iter::once(entry).chain(sides.into_iter().filter(|_| self.legs.is_none()))
    }

    /// What the legs of a booking must say of it together.
    pub(super) fn head(&self) -> impl Iterator<Item = (HeadFact, i64)> {
        let facts = [
            (HeadFact::Moved, self.amount_minor),
            (HeadFact::Source { account: self.source, balance_minor: self.source_balance_minor }, 1),
            (HeadFact::Destination { account: self.destination, balance_minor: self.destination_balance_minor }, 1),
        ];
        facts.into_iter().filter(|_| self.legs.is_some())
    }

    fn status_of_hold(&self) -> &str {
        match self.status.as_str() {
            "PENDING" => "HELD",
            "CANCELLED" => self.ended_as().unwrap_or("unknown"),
            _ => "CAPTURED",
        }
    }

    /// How a hold ended that nobody captured.
    fn ended_as(&self) -> Option<&str> {
        match self.status_reason.as_deref()? {
            // Somebody looked at it, and let go of the money.
            DECLINED => Some("RELEASED"),
            reason => Some(reason).filter(|reason| matches!(*reason, "RELEASED" | "EXPIRED")),
        }
    }

    /// What it says of its original, and less what it says of its own refunds and reversal: they go back between the same
    /// two accounts.
    pub(super) fn undoings(&self) -> impl Iterator<Item = Undoing<'_>> {
        let here = |accounts, original, by, times| Undoing { original, by, accounts, currency: &self.currency, times };
        let (there, back) = ([self.source, self.destination], [self.destination, self.source]);
        let undone = self.original.map(|original| {
            let is_reversal = self.kind == "REVERSAL";
            let (by, times) =
                if is_reversal { (Some((self.id, self.amount_minor)), 1) } else { (None, self.amount_minor) };
            here(back, original, by, times)
        });
        let refunded = self.refunded_minor.map(|minor| here(there, self.id, None, minor.saturating_neg()));
        let reversed = self.counter.filter(|_| self.status == "REVERSED");
        let reversed = reversed.map(|counter| here(there, self.id, Some((counter, self.settled_minor())), -1));
        undone.into_iter().chain(refunded).chain(reversed)
    }
}

/// Something that an original and what undid it must both say: a reversal once, with its amount; refunds together as
/// often as they have minor units. The one side counts it, the other takes it away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Undoing<'a> {
    pub(super) original: Uuid,
    by: Option<(Uuid, i64)>,
    accounts: [Uuid; 2],
    currency: &'a str,
    times: i64,
}

impl Undoing<'_> {
    pub(super) fn count(&self, counters: &mut Comparison) {
        counters.add_times(self.original, (self.by, self.accounts, self.currency), self.times);
    }

    /// The same, exactly.
    pub(super) fn count_exactly(&self, counted: &mut BTreeMap<String, i128>) {
        let what = format!("{:?}", (self.by, self.accounts, self.currency));
        *counted.entry(what).or_default() += i128::from(self.times);
    }
}
