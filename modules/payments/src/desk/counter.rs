//! What goes back of a transaction that is done: refunds in parts, and reversals of the whole.

use super::{Circumstances, Desk, entry, require_status, settlement};
use crate::by::{By, receiver_first};
use crate::{Hat, Order, Refusal, Transaction, TransactionStatus, TransactionType};
use ids::TransactionId;
use money::Money;

/// What goes back of a transaction, and as what.
struct Counter {
    kind: TransactionType,
    minor: i64,
}

impl Desk {
    pub(super) fn refund(
        &mut self,
        id: TransactionId,
        money: Option<Money>,
        given: Circumstances,
    ) -> Result<Transaction, Refusal> {
        let original = self.visible(id, given.hat)?;
        let by = match given.hat {
            hat if hat.owns(original.destination.holder) => By::themselves(given),
            Hat::Admin { .. } => By::for_the_bank(&receiver_first(&original), given)?,
            _ => {
                return Err(Refusal::NotAllowed {
                    reason: "only the receiver of a payment or an administrator can refund it",
                });
            }
        };
        if original.booked.is_some() || !matches!(original.kind, TransactionType::Transfer | TransactionType::Payment) {
            return Err(Refusal::NotCounterable { transaction: id });
        }
        let left_minor = original.refundable_minor();
        if left_minor == 0 || original.status == TransactionStatus::Reversed {
            require_not_countered(&original)?;
        }
        let minor = money.map_or(left_minor, Money::minor);
        if minor > left_minor {
            let (settled, refunded_minor) = (original.settled(), original.refunded_minor);
            return Err(Refusal::MoreThanOriginal { transaction: id, settled, refunded_minor, requested_minor: minor });
        }
        self.counter(original, Counter { kind: TransactionType::Refund, minor }, by, given)
    }

    pub(super) fn reverse(&mut self, id: TransactionId, given: Circumstances) -> Result<Transaction, Refusal> {
        let original = self.visible(id, given.hat)?;
        if !matches!(given.hat, Hat::Admin { .. }) {
            return Err(Refusal::NotAllowed { reason: "only an administrator can reverse a transaction" });
        }
        let by = By::for_the_bank(&receiver_first(&original), given)?;
        // What two people put right, one does not undo; what the bank booked, it books back.
        let kinds = [TransactionType::Refund, TransactionType::Reversal, TransactionType::Adjustment];
        if original.booked.is_some() || kinds.contains(&original.kind) {
            return Err(Refusal::NotCounterable { transaction: id });
        }
        // The whole is undone or nothing: what was given back in part cannot be taken back as well.
        require_not_countered(&original)?;
        let minor = original.settled_minor();
        self.counter(original, Counter { kind: TransactionType::Reversal, minor }, by, given)
    }

    /// Moves money back.
    fn counter(
        &mut self,
        mut original: Transaction,
        Counter { kind, minor }: Counter,
        by: By,
        given: Circumstances,
    ) -> Result<Transaction, Refusal> {
        require_status(&original, TransactionStatus::Settled)?;
        by.require_customers_on_both_sides(&original)?;
        let order = Order {
            kind,
            source: original.destination.account,
            destination: original.source.account,
            money: Money::new(minor, original.money.currency()),
            description: original.description.clone(),
            metadata: None,
        };
        self.book.post(entry(given.new_id, kind, &order.description, &settlement(&order), given.now), given.now)?;
        let mut counter = self.create(&order, TransactionStatus::Settled, by, given)?;
        counter.original = Some(original.id);
        if let Some(created) = self.created.last_mut() {
            created.original = Some(original.id);
        }
        original.counter = Some(counter.id);
        match kind {
            TransactionType::Reversal => original.status = TransactionStatus::Reversed,
            _ => original.refunded_minor += minor,
        }
        self.change(original, by);
        Ok(counter)
    }
}

fn require_not_countered(transaction: &Transaction) -> Result<(), Refusal> {
    let Some(counter) = transaction.counter else { return Ok(()) };
    let (settled, refunded_minor) = (transaction.settled(), transaction.refunded_minor);
    Err(Refusal::AlreadyCountered { transaction: transaction.id, counter, settled, refunded_minor })
}
