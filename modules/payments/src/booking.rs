//! A booking: what the bank itself puts into the books, in one balanced entry with any number of legs, on customers'
//! accounts and on its own. Nobody outside the bank can ask for one. Whether the books allow it is decided at the desk.

use crate::{Transaction, TransactionType};
use db::{BankTime, Date};
use ids::{AccountId, TransactionId};
use ledger::{Leg, Limits};
use money::{Currency, Money};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// A booking has at most so many legs.
pub const LEGS_MAX: usize = 1_000;
/// The longest word for a kind of booking.
const WORD_LENGTH_MAX: usize = 40;

/// What kind of booking it is. Whoever books declares each of its kinds as a constant; that is the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingKind {
    word: &'static str,
    shown_as: TransactionType,
}

impl BookingKind {
    /// A kind with its word for the books, and the type that customers see.
    ///
    /// # Panics
    /// While the constant is compiled: the word is not of capital letters and underscores, or the type is one of those that
    /// refer to an earlier transaction.
    pub const fn new(word: &'static str, shown_as: TransactionType) -> Self {
        let letters = word.as_bytes();
        assert!(!letters.is_empty() && letters.len() <= WORD_LENGTH_MAX);
        let mut position = 0;
        while position < letters.len() {
            assert!(letters[position].is_ascii_uppercase() || letters[position] == b'_');
            position += 1;
        }
        assert!(!matches!(shown_as, TransactionType::Refund | TransactionType::Reversal));
        Self { word, shown_as }
    }

    /// The word that the entry in the ledger has.
    pub const fn word(self) -> &'static str {
        self.word
    }

    /// The type that the transaction has.
    pub const fn shown_as(self) -> TransactionType {
        self.shown_as
    }
}

/// One side of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingLeg {
    account: AccountId,
    money: Money,
    may_overdraw: bool,
}

impl BookingLeg {
    /// A side: a credit is positive, a debit negative. A debit has to keep to the account's overdraft limit.
    pub const fn new(account: AccountId, money: Money) -> Self {
        Self { account, money, may_overdraw: false }
    }

    /// The same side, past the overdraft limit if need be: interest on an overdraft, for one.
    pub const fn past_the_limit(self) -> Self {
        Self { may_overdraw: true, ..self }
    }

    /// The account.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// How much, credit positive.
    pub const fn money(&self) -> Money {
        self.money
    }

    const fn in_ledger(&self) -> Leg {
        let limits = if self.may_overdraw { Limits::MayOverdraw } else { Limits::Enforced };
        Leg { account: self.account, amount_minor: self.money.minor(), limits }
    }
}

/// Why sides are not those of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegsError {
    /// There are too few or too many.
    #[error("a booking has 2 to {LEGS_MAX} legs, not {legs}")]
    Count {
        /// How many there are.
        legs: usize,
    },
    /// A leg moves nothing.
    #[error("a leg moves nothing on {account}")]
    Nothing {
        /// Its account.
        account: AccountId,
    },
    /// An account has two legs.
    #[error("{account} has more than one leg")]
    Twice {
        /// The account.
        account: AccountId,
    },
    /// Credits and debits of a currency are not the same.
    #[error("the legs in {currency} do not sum to zero")]
    Unbalanced {
        /// The currency.
        currency: Currency,
    },
    /// What the legs move together is more than can be counted.
    #[error("the legs in {currency} move too much")]
    TooLarge {
        /// The currency.
        currency: Currency,
    },
}

/// The sides of a booking: two or more, one for each account, that sum to zero in each currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legs(Vec<BookingLeg>);

impl Legs {
    /// Takes the sides, the one that says most of the booking first.
    ///
    /// # Errors
    /// They are not those of an entry.
    pub fn try_new(legs: Vec<BookingLeg>) -> Result<Self, LegsError> {
        if !(2..=LEGS_MAX).contains(&legs.len()) {
            return Err(LegsError::Count { legs: legs.len() });
        }
        let mut accounts = HashSet::with_capacity(legs.len());
        let mut sums: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
        for BookingLeg { account, money, .. } in legs.iter().copied() {
            if money.minor() == 0 {
                return Err(LegsError::Nothing { account });
            }
            if !accounts.insert(account) {
                return Err(LegsError::Twice { account });
            }
            let (credits, debits) = sums.entry(money.currency()).or_default();
            *credits += i128::from(money.minor().max(0));
            *debits += i128::from(money.minor().min(0));
        }
        for (currency, (credits, debits)) in sums {
            if credits + debits != 0 {
                return Err(LegsError::Unbalanced { currency });
            }
            if i64::try_from(credits).is_err() {
                return Err(LegsError::TooLarge { currency });
            }
        }
        Ok(Self(legs))
    }

    /// The sides, in the order in which they were given.
    pub fn as_slice(&self) -> &[BookingLeg] {
        &self.0
    }

    pub(crate) fn in_ledger(&self) -> Vec<Leg> {
        self.0.iter().map(BookingLeg::in_ledger).collect()
    }

    /// What the booking moves in the currency of its first leg: what the transaction says of itself.
    pub(crate) fn head(&self) -> Head {
        let currency = self.0[0].money.currency();
        let mut legs = self.0.iter().filter(|leg| leg.money.currency() == currency);
        let source = legs.clone().find(|leg| leg.money.minor() < 0).expect("balanced legs have a debit");
        let destination = legs.clone().find(|leg| leg.money.minor() > 0).expect("balanced legs have a credit");
        let minor = legs.try_fold(0_i64, |sum, leg| sum.checked_add(leg.money.minor().max(0)));
        let money = Money::new(minor.expect("the sum of the credits was checked"), currency);
        Head { source: source.account, destination: destination.account, money }
    }
}

/// Source, destination and amount of a booking as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) source: AccountId,
    pub(crate) destination: AccountId,
    pub(crate) money: Money,
}

/// Something that the bank itself puts into the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The identifier of the transaction that it will be: chosen once, stored or derived with [`booking_id`]. Under it this
    /// is booked once; asked for again it is the same transaction.
    pub id: TransactionId,
    /// What kind it is.
    pub kind: BookingKind,
    /// Free text for everybody who has a leg.
    pub description: String,
    /// The day from which it counts, also one that is over.
    pub value_date: Date,
    /// Its sides.
    pub legs: Legs,
}

impl Booking {
    /// Whether the transaction is this booking, done before. Which limits held then does not matter: it was done.
    pub(crate) fn is_done_as(&self, done: &Transaction) -> bool {
        let Some(booked) = &done.booked else { return false };
        let mut wanted: Vec<(AccountId, Money)> = self.legs.0.iter().map(|leg| (leg.account, leg.money)).collect();
        let mut found: Vec<(AccountId, Money)> = done.legs();
        wanted.sort_unstable_by_key(|(account, _)| *account);
        found.sort_unstable_by_key(|(account, _)| *account);
        booked.word == self.kind.word
            && done.kind == self.kind.shown_as
            && done.description == self.description
            && done.value_date == self.value_date
            && wanted == found
    }
}

/// The identifier of what falls due once, at a moment and under a name: whoever derives it again gets the same. Its place in
/// every list is that of the moment, which has to lie within [`crate::BOOKED_AFTER_DAYS_MAX`] days before the booking.
pub fn booking_id(due_at: BankTime, name: &str) -> TransactionId {
    let millis = u64::try_from(due_at.unix_micros().div_euclid(1_000)).unwrap_or_default();
    let hash: [u8; 32] = Sha256::digest(name).into();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    // The layout of a UUID of version 7, whose place in order is that of its time.
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    TransactionId::from_uuid(Uuid::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn yen(minor: i64) -> Money {
        Money::new(minor, Currency::parse("JPY").unwrap())
    }

    fn legs(amounts: &[Money]) -> Result<Legs, LegsError> {
        Legs::try_new(amounts.iter().map(|money| BookingLeg::new(AccountId::generate(), *money)).collect())
    }

    #[test]
    fn legs_that_are_not_those_of_an_entry_are_refused() {
        assert_eq!(legs(&[]), Err(LegsError::Count { legs: 0 }));
        assert_eq!(legs(&[usd(1)]), Err(LegsError::Count { legs: 1 }));
        assert_eq!(legs(&vec![usd(1); LEGS_MAX + 1]), Err(LegsError::Count { legs: LEGS_MAX + 1 }));
        assert_eq!(legs(&[usd(1), usd(-2)]), Err(LegsError::Unbalanced { currency: usd(0).currency() }));
        assert_eq!(legs(&[usd(1), yen(-1)]), Err(LegsError::Unbalanced { currency: yen(0).currency() }));
        assert!(matches!(legs(&[usd(1), usd(-1), usd(0)]), Err(LegsError::Nothing { .. })));
        let much = [usd(i64::MAX), usd(1), usd(-i64::MAX), usd(-1)];
        assert_eq!(legs(&much), Err(LegsError::TooLarge { currency: usd(0).currency() }));
        let (one, other) = (AccountId::generate(), AccountId::generate());
        let twice =
            vec![BookingLeg::new(one, usd(3)), BookingLeg::new(other, usd(-1)), BookingLeg::new(other, usd(-2))];
        assert_eq!(Legs::try_new(twice), Err(LegsError::Twice { account: other }));
        assert!(legs(&[usd(5), yen(7), usd(-5), yen(-7)]).is_ok());
    }

    #[test]
    fn an_identifier_is_the_same_again_and_lies_at_its_moment() {
        let due = BankTime::from_unix_micros(1_767_225_600_123_456);
        let id = booking_id(due, "interest/acct_1/2026-01");
        assert_eq!(id, booking_id(due, "interest/acct_1/2026-01"));
        assert_ne!(id, booking_id(due, "interest/acct_2/2026-01"));
        assert_eq!((id.unix_millis(), id.uuid().get_version_num()), (1_767_225_600_123, 7));
        assert!(
            id > TransactionId::earliest_at(1_767_225_600_123) && id < TransactionId::earliest_at(1_767_225_600_124)
        );
    }

    proptest! {
        #[test]
        fn a_head_is_of_the_first_legs_currency_and_moves_what_is_credited_in_it(
            amounts in prop::collection::vec(1_i64..1_000, 1..20), is_first_a_debit in any::<bool>()
        ) {
            let sum: i64 = amounts.iter().sum();
            let mut all: Vec<Money> = amounts.iter().map(|minor| usd(*minor)).collect();
            if is_first_a_debit { all.insert(0, usd(-sum)) } else { all.push(usd(-sum)) }
            all.extend([yen(-5), yen(5)]);
            let legs = legs(&all).unwrap();
            let head = legs.head();
            prop_assert_eq!(head.money, usd(sum));
            prop_assert_eq!(head.source, legs.as_slice()[if is_first_a_debit { 0 } else { amounts.len() }].account());
        }
    }
}
