//! Answers that are kept under idempotency keys: each names transactions, and says what they say.
//!
//! What they say is kept for a bounded number of transactions at a time; more are looked up in further passes.

use super::told::{Dated, Told};
use super::{ANSWER, READABLE, ReadReceipt};
use crate::Receipt;
use db::{BankTime, Date, IfLegible, Result, Snapshot, WallTime, columns, params, statements};
use ids::{AccountId, TransactionId};
use ledger::verify::{Finding, find};
use money::Money;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use uuid::Uuid;

/// Some 150 MB.
const NAMED_MAX: usize = 2_000_000;

columns! {
    struct Kept {
        label: IfLegible<u16> = status,
        body: IfLegible<Vec<u8>>,
        created_at: IfLegible<WallTime>,
    }
}

statements! {
    WALK_ANSWERS -> Kept = "SELECT {columns} FROM payments_idempotency";
}

/// What a receipt says of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Which one.
    pub id: TransactionId,
    /// The word for its type.
    pub kind: String,
    /// The word for where it stood.
    pub status: String,
    /// How much was asked for.
    pub money: Money,
    /// How much of a hold was taken.
    pub captured: Option<Money>,
    /// Where the money came from; the bank's own accounts are not told.
    pub source: Option<AccountId>,
    /// Where it went.
    pub destination: Option<AccountId>,
    /// When it was made.
    pub created_at: BankTime,
    /// When it settled, if it had.
    pub settled_at: Option<BankTime>,
    /// The day from which it counts.
    pub value_date: Date,
    /// Of a hold: when it ends.
    pub expires_at: Option<BankTime>,
}

/// The receipt is not what the bank writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a receipt of this bank")]
pub struct UnreadableReceipt;

/// What is said of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Told {
        print: u64,
        standing: Standing,
    },
    /// Two answers do not agree.
    Contradiction,
}

/// How far a transaction had come. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Pending,
    Settled { captured_minor: Option<i64>, settled_at: Option<BankTime> },
    Cancelled,
}

/// Where an answer that cannot be read was found.
struct Spoilt(Option<WallTime>);

pub(super) struct Answers {
    keys: RandomState,
    named: HashMap<Uuid, Said>,
    /// Only transactions of one of so many equal parts are looked up at a time.
    parts: u64,
    part: u64,
    named_max: usize,
    read: u64,
    spoilt: Option<Spoilt>,
    findings: Vec<Finding>,
}

impl Answers {
    /// What is said of the transactions of the first part; how many parts there are shows on the way.
    pub(super) async fn collect(snapshot: &Snapshot, read_receipt: ReadReceipt) -> Result<Self> {
        Self::of_at_most(NAMED_MAX).read_part(snapshot, read_receipt).await
    }

    fn of_at_most(named_max: usize) -> Self {
        Self {
            keys: RandomState::new(),
            named: HashMap::new(),
            parts: 1,
            part: 0,
            named_max,
            read: 0,
            spoilt: None,
            findings: Vec::new(),
        }
    }

    async fn read_part(mut self, snapshot: &Snapshot, read_receipt: ReadReceipt) -> Result<Self> {
        self.read = 0;
        let step = move |answers: &mut Self, kept: Kept| {
            answers.answer(kept, read_receipt);
            Ok(())
        };
        snapshot.fold(&WALK_ANSWERS, params![], self, step).await
    }

    /// The other parts, each with a walk over the transactions of its own.
    pub(super) async fn look_up_the_rest(mut self, snapshot: &Snapshot, read_receipt: ReadReceipt) -> Result<Self> {
        while self.part + 1 < self.parts {
            self.report_missing();
            self.part += 1;
            self = self.read_part(snapshot, read_receipt).await?;
            let meet = |answers: &mut Self, told: Told| {
                answers.meet(&told);
                Ok(())
            };
            self = snapshot.fold(&super::told::WALK_TRANSACTIONS, params![], self, meet).await?;
        }
        Ok(self)
    }

    /// How many answers were read.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    fn answer(&mut self, Kept { label, body, created_at }: Kept, read_receipt: ReadReceipt) {
        self.read += 1;
        let read = match label.0.zip(body.0) {
            // A plain receipt of what was done names nothing.
            Some((_, body)) if body.is_empty() => return,
            Some((label, body)) => read_receipt(&Receipt { label, body }),
            None => Err(UnreadableReceipt),
        };
        match read {
            Err(UnreadableReceipt) => drop(self.spoilt.get_or_insert(Spoilt(created_at.0))),
            Ok(tellings) => {
                for telling in tellings {
                    let said = self.said(&telling);
                    self.note(telling.id.uuid(), said);
                }
            }
        }
    }

    fn note(&mut self, id: Uuid, said: Said) {
        if !self.is_in_part(id) {
            return;
        }
        let known = self.named.get(&id).copied();
        self.named.insert(id, known.map_or(said, |known| known.and(said)));
        // Later passes keep to the parts that the first one found to be needed.
        while self.part == 0 && self.named.len() > self.named_max {
            self.parts *= 2;
            let (keys, parts, part) = (&self.keys, self.parts, self.part);
            self.named.retain(|id, _| keys.hash_one(id) % parts == part);
        }
    }

    fn is_in_part(&self, id: Uuid) -> bool {
        self.parts == 1 || self.keys.hash_one(id) % self.parts == self.part
    }

    fn said(&self, telling: &Telling) -> Said {
        let Telling { ref kind, money, source, destination, .. } = *telling;
        let accounts = [source, destination].map(|account| account.map(AccountId::uuid));
        let Telling { created_at, expires_at, value_date, .. } = *telling;
        let print = self.print(
            (kind, money.minor(), money.currency().code()),
            accounts,
            Dated::new(created_at, expires_at, value_date),
        );
        let standing = match telling.status.as_str() {
            "PENDING" => Standing::Pending,
            "CANCELLED" => Standing::Cancelled,
            _ => {
                Standing::Settled { captured_minor: telling.captured.map(Money::minor), settled_at: telling.settled_at }
            }
        };
        Said::Told { print, standing }
    }

    fn print(&self, what: (&str, i64, &str), accounts: [Option<Uuid>; 2], dates: Dated) -> u64 {
        self.keys.hash_one((what, accounts, dates))
    }

    /// Compares what is said of a transaction with what it says.
    pub(super) fn meet(&mut self, told: &Told) {
        let Some(said) = self.named.remove(&told.id) else { return };
        let is_true = match said {
            Said::Contradiction => false,
            Said::Told { print, standing } => {
                let [hides_source, hides_destination] = told.shows_own();
                let shown = [(told.source, hides_source), (told.destination, hides_destination)]
                    .map(|(account, is_own)| (!is_own).then_some(account));
                let what = (told.kind.as_str(), told.amount_minor, told.currency.as_str());
                print == self.print(what, shown, told.dated()) && standing.led_to(told)
            }
        };
        if !is_true {
            find(&mut self.findings, ANSWER, || TransactionId::from_uuid(told.id).to_string());
        }
    }

    /// Whatever was not met is not there. Then there is room for the next part.
    fn report_missing(&mut self) {
        if let Some(id) = self.named.keys().min() {
            find(&mut self.findings, ANSWER, || format!("{}, which is missing", TransactionId::from_uuid(*id)));
        }
        self.named.clear();
    }

    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.report_missing();
        if let Some(Spoilt(since)) = self.spoilt {
            let since = since.map_or_else(|| "an unknown time".to_owned(), |since| since.to_string());
            self.findings.push(Finding { rule: READABLE, row: format!("the answer of {since}") });
        }
        self.findings
    }
}

impl Said {
    /// What is said when both are said.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Told { print, standing }, Self::Told { print: other_print, standing: other })
                if print == other_print =>
            {
                standing.and(other).map_or(Self::Contradiction, |standing| Self::Told { print, standing })
            }
            _ => Self::Contradiction,
        }
    }
}

impl Standing {
    /// The later of the two, if one can have come after the other.
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Pending, later) | (later, Self::Pending) => Some(later),
            _ => (self == other).then_some(self),
        }
    }

    fn led_to(self, told: &Told) -> bool {
        match self {
            Self::Pending => told.was_held(),
            Self::Settled { captured_minor, settled_at } => {
                told.has_settled() && told.captured_minor == captured_minor && told.settled_at == settled_at
            }
            Self::Cancelled => told.status == "CANCELLED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_at_once_is_looked_up_in_parts_each_transaction_in_one() {
        let ids: Vec<Uuid> = (0..1_000).map(|_| Uuid::now_v7()).collect();
        let mut answers = Answers::of_at_most(50);
        for id in &ids {
            answers.note(*id, Said::Contradiction);
            assert!(answers.named.len() <= 50);
        }
        assert!(answers.parts >= 16);
        let mut looked_up = 0;
        for part in 0..answers.parts {
            answers.part = part;
            answers.named.clear();
            ids.iter().for_each(|id| answers.note(*id, Said::Contradiction));
            looked_up += answers.named.len();
        }
        assert_eq!(looked_up, ids.len());
    }

    #[test]
    fn answers_to_one_transaction_agree_if_the_one_can_have_followed_the_other() {
        let told = |standing| Said::Told { print: 7, standing };
        let settled = Standing::Settled { captured_minor: Some(300), settled_at: None };
        for (one, other, both) in [
            (told(Standing::Pending), told(settled), told(settled)),
            (told(settled), told(Standing::Pending), told(settled)),
            (told(settled), told(settled), told(settled)),
            (told(settled), told(Standing::Cancelled), Said::Contradiction),
            (told(settled), Said::Told { print: 8, standing: settled }, Said::Contradiction),
        ] {
            assert_eq!(one.and(other), both);
        }
    }
}
