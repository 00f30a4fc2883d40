//! Random bookings at the desk: money is neither made nor lost, limits hold, and each happens once.
use db::BankTime;
use ids::{AccountId, TransactionId};
use ledger::{Account, Book, ChartCode};
use money::{Currency, Money};
use payments::{
    Booking, BookingKind, BookingLeg, Circumstances, Command, Desk, Hat, Legs, Transaction, TransactionType,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const KINDS: [BookingKind; 2] =
    [BookingKind::new("FEE", TransactionType::Fee), BookingKind::new("REPAYMENT", TransactionType::LoanRepayment)];

/// A few customers, the first of them with an overdraft, and as many accounts of the bank's own, in two currencies.
fn accounts() -> Vec<Account> {
    let now = BankTime::from_unix_micros(1_767_225_600_000_000);
    let [usd, yen] = ["USD", "JPY"].map(|code| Currency::parse(code).unwrap());
    let mut accounts = Vec::new();
    for currency in [usd, yen] {
        for limit_minor in [500, 0, 0] {
            let opened = Account::for_customer(AccountId::generate(), None, currency, now);
            accounts.push(Account { overdraft_limit_minor: Some(limit_minor), posted_minor: 1_000, ..opened });
        }
        for line in [ChartCode::Loans, ChartCode::FeeIncome, ChartCode::Cash] {
            accounts.push(Account {
                posted_minor: if line == ChartCode::Cash { -3_000 } else { 0 },
                ..Account::own(line, currency, now)
            });
        }
    }
    accounts
}

/// Movements between accounts by position, which of them may pass the limit, the kind, and whether it is asked for twice.
type Plan = (Vec<(usize, usize, i64)>, usize, usize, bool);

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let movements = prop::collection::vec((0_usize..12, 0_usize..12, 1_i64..700), 1..5);
    prop::collection::vec((movements, 0_usize..4, 0_usize..2, any::<bool>()), 1..25)
}

/// The booking that a plan comes to: what movements of one currency leave on each account.
fn booking(accounts: &[Account], (movements, past, kind, _): &Plan) -> Option<Booking> {
    let mut sums: BTreeMap<AccountId, i64> = BTreeMap::new();
    for (from, to, minor) in movements {
        let [from, to] = [&accounts[*from], &accounts[*to]];
        if from.currency == to.currency {
            *sums.entry(from.id).or_default() -= minor;
            *sums.entry(to.id).or_default() += minor;
        }
    }
    let money = |id, minor| Money::new(minor, accounts.iter().find(|account| account.id == id).unwrap().currency);
    let legs = sums.into_iter().filter(|(_, minor)| *minor != 0);
    let legs = legs.enumerate().map(|(position, (id, minor))| {
        let leg = BookingLeg::new(id, money(id, minor));
        if position < *past { leg.past_the_limit() } else { leg }
    });
    let now = testkit::bank_now();
    Some(Booking {
        id: TransactionId::generate(),
        kind: KINDS[*kind],
        description: String::new(),
        value_date: now.date(),
        legs: Legs::try_new(legs.collect()).ok()?,
    })
}

fn decide(desk: &mut Desk, booking: &Booking) -> Result<Transaction, payments::Refusal> {
    let (new_id, now) = (TransactionId::generate(), testkit::bank_now());
    desk.decide(&Command::Book(booking.clone()), Circumstances { hat: Hat::Bank, actor: None, new_id, now })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bookings_are_balanced_within_limits_and_happen_once(plans in plans()) {
        let accounts = accounts();
        let mut desk = Desk::new(Book::new(accounts.clone(), []), []);
        let mut may_overdraw: Vec<AccountId> = Vec::new();
        let mut booked = 0;
        for plan in &plans {
            let Some(booking) = booking(&accounts, plan) else { continue };
            let done = decide(&mut desk, &booking);
            if let Ok(done) = &done {
                booked += 1;
                let past = booking.legs.as_slice().iter().filter(|leg| **leg == leg.past_the_limit());
                may_overdraw.extend(past.map(BookingLeg::account));
                if plan.3 {
                    prop_assert_eq!(&decide(&mut desk, &booking).unwrap(), done, "asked for again it is the same");
                }
            }
        }
        let changes = desk.into_changes();
        prop_assert_eq!((changes.created.len(), changes.ledger.entries.len()), (booked, booked));
        let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
        for posting in &changes.ledger.postings {
            *sums.entry(posting.currency).or_default() += posting.amount_minor;
        }
        prop_assert!(sums.values().all(|sum| *sum == 0));
        for ledger::AccountChange { after, .. } in &changes.ledger.accounts {
            prop_assert!(after.is_within_limit() || may_overdraw.contains(&after.id), "{after:?}");
        }
        for done in &changes.created {
            let of_entry = changes.ledger.postings.iter().filter(|posting| posting.entry.uuid() == done.id.uuid());
            let legs = done.booked.as_ref().map_or(0, |booked| booked.legs.len());
            prop_assert_eq!(of_entry.count(), legs.max(2));
        }
    }
}
