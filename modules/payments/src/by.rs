//! Who did something to a payment, and as what: as everybody may with what is theirs, or with staff power for the bank.

use crate::{Circumstances, Hat, Refusal, Transaction};
use ids::UserId;
use outbox::Actor;

/// A change of an earlier transaction.
#[derive(Clone, Debug)]
pub struct Change {
    /// As it was before it: what was decided assumes that it is still so.
    pub before: Transaction,
    /// As it is after it.
    pub after: Transaction,
    /// Who changed it.
    pub by: By,
}

/// Who did something to a payment, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Option<Actor>,
    /// Whether it took staff power: somebody of the bank acted on what is not theirs.
    pub is_for_the_bank: bool,
}

impl By {
    /// Somebody does what everybody may do with what is theirs.
    pub(crate) const fn themselves(given: Circumstances) -> Self {
        Self { actor: given.actor, is_for_the_bank: false }
    }

    /// Somebody of the bank acts on what belongs to these parties; the first is whose it is, if it is anybody's.
    pub(crate) fn for_the_bank(parties: &[Option<UserId>], given: Circumstances) -> Result<Self, Refusal> {
        given.hat.require_power(parties)?;
        let owner = parties.iter().copied().flatten().next();
        Ok(Self { actor: given.actor.map(|actor| actor.on_behalf_of(owner)), is_for_the_bank: true })
    }

    /// What would give a customer back the bank's own money, or take a customer's for the bank, nobody of the bank undoes
    /// alone.
    pub(crate) const fn require_customers_on_both_sides(self, original: &Transaction) -> Result<(), Refusal> {
        if self.is_for_the_bank && (original.source.is_own || original.destination.is_own) {
            return Err(Refusal::NeedsTwoPeople { transaction: original.id });
        }
        Ok(())
    }
}

/// It is the receiver's money that a counter moves.
pub(crate) const fn receiver_first(transaction: &Transaction) -> [Option<UserId>; 2] {
    let [source, destination] = transaction.parties();
    [destination, source]
}

/// Whether the person is on one of its sides.
pub(crate) fn is_party(transaction: &Transaction, hat: Hat) -> bool {
    transaction.holders().any(|party| hat.owns(party))
}
