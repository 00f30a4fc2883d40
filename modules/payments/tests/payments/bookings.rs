//! What the bank itself books: each once, balanced, under the limits, and seen by each customer from their side only.

use crate::common::{Bank, RULES, cents, deposit, dollars, migrations, transfer};
use db::{Date, WallTime};
use ids::{AccountId, TransactionId, UserId};
use ledger::{AccountStatus, ChartCode, OwnAccount, OwnAccountName};
use money::{Currency, Money};
use payments::{
    Booking, BookingKind, BookingLeg, Command, Hat, Legs, Outcome, PageRequest, Payments, Refusal, Transaction,
    TransactionFilter, TransactionType,
};
use testkit::on_each_engine;

const DISBURSEMENT: BookingKind = BookingKind::new("LOAN_PAID_OUT", TransactionType::LoanDisbursement);
const REPAYMENT: BookingKind = BookingKind::new("LOAN_PAID_BACK", TransactionType::LoanRepayment);
pub(crate) const INTEREST: BookingKind = BookingKind::new("INTEREST", TransactionType::Interest);

fn today() -> Date {
    testkit::bank_now().date()
}

pub(crate) fn booking(kind: BookingKind, legs: &[(AccountId, i64)]) -> Booking {
    let legs = legs.iter().map(|(account, minor)| BookingLeg::new(*account, cents(*minor))).collect();
    Booking {
        id: TransactionId::generate(),
        kind,
        description: "by the bank".to_owned(),
        value_date: today(),
        legs: Legs::try_new(legs).unwrap(),
    }
}

/// A customer and a loan, which has accounts of its own.
pub(crate) struct Lending {
    pub(crate) bank: Bank,
    pub(crate) user: UserId,
    pub(crate) ann: AccountId,
    principal: AccountId,
    interest: AccountId,
    fees: AccountId,
}

impl Lending {
    pub(crate) async fn open(bank: Bank) -> Self {
        let user = UserId::generate();
        let ann = bank.account(user, 1_000).await;
        let [principal, interest] = bank
            .own_accounts([
                (ChartCode::Loans, "loan/1/principal"),
                (ChartCode::AccruedInterestReceivable, "loan/1/interest"),
            ])
            .await;
        let fees = ChartCode::FeeIncome.own_account(dollars());
        Self { bank, user, ann, principal, interest, fees }
    }

    /// 500.00 less a fee of 5.00.
    fn disbursement(&self) -> Booking {
        booking(DISBURSEMENT, &[(self.principal, -50_000), (self.ann, 49_500), (self.fees, 500)])
    }

    /// 100.00, of which 7.00 are interest.
    fn repayment(&self) -> Booking {
        booking(REPAYMENT, &[(self.ann, -10_000), (self.interest, 700), (self.principal, 9_300)])
    }

    /// Two bookings with three legs each, and interest of 0.42; the last one first.
    pub(crate) async fn live(&self) -> [Transaction; 3] {
        let disbursed = self.bank.book(self.disbursement()).await.unwrap();
        let expense = ChartCode::InterestExpense.own_account(dollars());
        let interest = self.bank.book(booking(INTEREST, &[(self.ann, 42), (expense, -42)])).await.unwrap();
        let repaid = self.bank.book(self.repayment()).await.unwrap();
        [repaid, interest, disbursed]
    }

    async fn seen_by_ann(&self, filter: TransactionFilter) -> Vec<Transaction> {
        let page = PageRequest { before: None, limit: 100 };
        self.bank.payments.transactions(Some(&[self.ann]), &filter, page).await.unwrap().transactions
    }
}

/// Runs the body on each engine.
fn lending(body: impl AsyncFn(Lending)) {
    on_each_engine(&migrations(), async |db| body(Lending::open(Bank::open(db).await).await).await);
}

#[test]
fn bookings_move_money_on_customers_and_own_accounts_and_are_verified() {
    lending(async |loan| {
        loan.live().await;
        let bank = &loan.bank;
        assert_eq!(bank.posted(loan.ann).await, 1_000 + 49_500 + 42 - 10_000);
        assert_eq!(bank.posted(loan.principal).await, -50_000 + 9_300);
        assert_eq!((bank.posted(loan.interest).await, bank.posted(loan.fees).await), (700, 500));
        bank.assert_sound().await;
    });
}

#[test]
fn a_customer_sees_what_moved_on_their_account_and_that_the_bank_is_on_the_other_side() {
    lending(async |loan| {
        let done = loan.live().await;
        let seen = loan.seen_by_ann(TransactionFilter::default()).await;
        let looks: Vec<_> = seen.iter().map(|one| (one.id, one.kind, one.money)).collect();
        assert_eq!(
            looks[..3],
            [
                (done[0].id, TransactionType::LoanRepayment, cents(10_000)),
                (done[1].id, TransactionType::Interest, cents(42)),
                (done[2].id, TransactionType::LoanDisbursement, cents(49_500)),
            ]
        );
        let [repaid, interest, disbursed] = [&seen[0], &seen[1], &seen[2]];
        assert_eq!((repaid.source.account, repaid.destination.is_own), (loan.ann, true));
        assert_eq!((interest.destination.account, interest.source.is_own), (loan.ann, true));
        assert_eq!((disbursed.destination.account, disbursed.source.is_own), (loan.ann, true));
        let after = |one: &Transaction| one.destination.balance_after.unwrap().posted_minor;
        assert_eq!((after(disbursed), after(interest)), (50_500, 50_542));
        assert!(seen.iter().all(|one| one.booked.as_ref().is_none_or(|booked| booked.legs.is_empty())));
    });
}

#[test]
fn lists_filter_bookings_by_what_moved_on_the_account() {
    lending(async |loan| {
        let [_, _, disbursed] = loan.live().await;
        let of = async |min_minor, max_minor| {
            let (min_amount_minor, max_amount_minor) = (Some(min_minor), Some(max_minor));
            let filter = TransactionFilter { min_amount_minor, max_amount_minor, ..TransactionFilter::default() };
            loan.seen_by_ann(filter).await.iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(of(49_500, 49_500).await, [disbursed.id]);
        assert_eq!(of(49_501, 60_000).await, [], "the whole moves 500.00, and hers is less");
    });
}

#[test]
fn two_customers_of_one_booking_see_their_own_legs_only() {
    lending(async |loan| {
        let (bank, other) = (&loan.bank, UserId::generate());
        let bob = bank.account(other, 0).await;
        let legs = [(loan.ann, -101), (bob, 100), (loan.fees, 1)];
        let booked = bank.book(booking(BookingKind::new("SETTLEMENT", TransactionType::Payment), &legs)).await.unwrap();
        let whole = bank.payments.transaction(booked.id).await.unwrap().unwrap();
        assert_eq!(whole, booked);
        assert!(whole.concerns(loan.user) && whole.concerns(other) && !whole.concerns(UserId::generate()));
        let of = |user| whole.clone().seen_from(|side| side.holder == Some(user));
        let (hers, his) = (of(loan.user), of(other));
        assert_eq!((hers.money, hers.source.account, hers.destination.is_own), (cents(101), loan.ann, true));
        assert_eq!((his.money, his.destination.account, his.source.is_own), (cents(100), bob, true));
        assert_eq!((hers.parties(), his.parties()), ([Some(loan.user), None], [None, Some(other)]));
        bank.assert_sound().await;
    });
}

#[test]
fn a_booking_asked_for_again_is_the_same_transaction() {
    lending(async |loan| {
        let booking = loan.disbursement();
        let first = loan.bank.book(booking.clone()).await.unwrap();
        let payments = Payments::start(loan.bank.db.clone(), testkit::clocks(), RULES);
        let restarted = Bank { payments, ..loan.bank.clone() };
        for bank in [&loan.bank, &restarted] {
            assert_eq!(bank.book(booking.clone()).await.unwrap(), first);
        }
        let mut turned = booking.clone();
        turned.legs = Legs::try_new(booking.legs.as_slice().iter().rev().copied().collect()).unwrap();
        assert_eq!(loan.bank.book(turned).await.unwrap(), first, "the order of the legs is no other content");
        let twice = [loan.repayment(), loan.repayment()]
            .map(|repayment| Booking { id: TransactionId::generate(), ..repayment });
        let same = [twice[0].clone(), twice[0].clone(), twice[1].clone()];
        let done = loan.bank.book_all(same.to_vec()).await;
        assert_eq!(done[0], done[1]);
        assert_eq!(loan.bank.posted(loan.ann).await, 1_000 + 49_500 - 20_000);
        loan.bank.assert_sound().await;
    });
}

#[test]
fn a_booking_from_many_at_once_happens_once() {
    lending(async |loan| {
        let other = Payments::start(loan.bank.db.clone(), testkit::clocks(), RULES);
        let (booking, tasks): (_, Vec<_>) = (loan.disbursement(), (0..12).collect());
        let tasks = tasks.into_iter().map(|number| {
            let payments = if number % 2 == 0 { loan.bank.payments.clone() } else { other.clone() };
            let (bank, booking) = (Bank { payments, ..loan.bank.clone() }, booking.clone());
            tokio::spawn(async move { bank.book(booking).await.unwrap().id })
        });
        for task in tasks.collect::<Vec<_>>() {
            assert_eq!(task.await.unwrap(), booking.id);
        }
        assert_eq!(loan.bank.posted(loan.ann).await, 50_500);
        loan.bank.assert_sound().await;
    });
}

#[test]
fn another_booking_under_a_taken_identifier_is_refused() {
    lending(async |loan| {
        let done = loan.disbursement();
        loan.bank.book(done.clone()).await.unwrap();
        let legs = |legs: &[(AccountId, i64)]| booking(DISBURSEMENT, legs).legs;
        let others = [
            Booking { kind: REPAYMENT, ..done.clone() },
            Booking { description: "something else".to_owned(), ..done.clone() },
            Booking { value_date: Date::from_unix_days(today().unix_days() - 1), ..done.clone() },
            Booking { legs: legs(&[(loan.principal, -50_000), (loan.ann, 49_501), (loan.fees, 499)]), ..done.clone() },
            Booking { legs: legs(&[(loan.principal, -50_000), (loan.ann, 50_000)]), ..done.clone() },
            Booking { legs: legs(&[(loan.interest, -50_000), (loan.ann, 49_500), (loan.fees, 500)]), ..done.clone() },
        ];
        for other in others {
            assert_eq!(loan.bank.book(other).await, Err(Refusal::BookedOtherwise { transaction: done.id }));
        }
        let paid = loan.bank.done(Hat::Customer(loan.user), deposit(loan.ann, 5)).await.id;
        let taken = Booking { id: paid, ..loan.repayment() };
        assert_eq!(loan.bank.book(taken).await, Err(Refusal::BookedOtherwise { transaction: paid }));
        loan.bank.assert_sound().await;
    });
}

#[test]
fn nobody_but_the_bank_books() {
    lending(async |loan| {
        let user = UserId::generate();
        for hat in [Hat::Customer(loan.user), Hat::Teller { user, is_fresh: true }, Hat::Admin { user, is_fresh: true }]
        {
            let refused = loan.bank.outcome(hat, Command::Book(loan.repayment())).await;
            assert!(matches!(refused, Err(Refusal::NotAllowed { .. })), "{hat:?}: {refused:?}");
        }
        loan.bank.assert_sound().await;
    });
}

#[test]
fn a_leg_keeps_to_the_overdraft_limit_unless_it_may_pass_it() {
    lending(async |loan| {
        let legs = [(loan.ann, -1_001), (loan.fees, 1_001)];
        let fee = booking(BookingKind::new("FEE", TransactionType::Fee), &legs);
        let refused: Outcome = loan.bank.book(fee.clone()).await;
        let Err(Refusal::Ledger(ledger::Refusal::InsufficientFunds { account, .. })) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(account, loan.ann);
        let all = fee.legs.as_slice().iter().map(|leg| leg.past_the_limit()).collect();
        let past = Booking { legs: Legs::try_new(all).unwrap(), ..fee };
        loan.bank.book(past).await.unwrap();
        assert_eq!(loan.bank.posted(loan.ann).await, -1);
        loan.bank.assert_sound().await;
    });
}

#[test]
fn a_refused_booking_leaves_nothing_and_may_be_tried_again() {
    lending(async |loan| {
        let disbursement = loan.disbursement();
        loan.bank.set_status(loan.ann, AccountStatus::Frozen).await;
        let refused = loan.bank.book(disbursement.clone()).await;
        assert!(matches!(refused, Err(Refusal::Ledger(ledger::Refusal::NotActive { .. }))), "{refused:?}");
        assert_eq!((loan.bank.posted(loan.principal).await, loan.bank.posted(loan.fees).await), (0, 0));
        loan.bank.set_status(loan.ann, AccountStatus::Active).await;
        loan.bank.book(disbursement).await.unwrap();
        let mut missing = loan.repayment();
        missing.legs = booking(REPAYMENT, &[(AccountId::generate(), -1), (loan.principal, 1)]).legs;
        assert!(matches!(loan.bank.book(missing).await, Err(Refusal::Ledger(ledger::Refusal::NoSuchAccount { .. }))));
        loan.bank.assert_sound().await;
    });
}

#[test]
fn a_leg_in_another_currency_than_its_account_is_refused() {
    lending(async |loan| {
        let euros = |minor| Money::new(minor, Currency::parse("EUR").unwrap());
        let legs = vec![BookingLeg::new(loan.ann, euros(5)), BookingLeg::new(loan.fees, euros(-5))];
        let wrong = Booking { legs: Legs::try_new(legs).unwrap(), ..loan.repayment() };
        let refused = loan.bank.book(wrong).await;
        assert_eq!(refused, Err(ledger::Refusal::CurrencyMismatch { account: loan.ann }.into()));
    });
}

#[test]
fn a_booking_exchanges_currencies_where_each_sums_to_zero() {
    lending(async |loan| {
        let euro = Currency::parse("EUR").unwrap();
        let tx = loan.bank.db.begin().await.unwrap();
        ledger::open_own_accounts_in_tx(&tx, euro, testkit::bank_now()).await.unwrap();
        tx.commit().await.unwrap();
        let leg = |account, minor, currency| BookingLeg::new(account, Money::new(minor, currency));
        let position = ChartCode::DueFromBanks;
        let legs = vec![
            leg(loan.ann, -110, dollars()),
            leg(position.own_account(dollars()), 110, dollars()),
            leg(position.own_account(euro), -100, euro),
            leg(ChartCode::Suspense.own_account(euro), 100, euro),
        ];
        let exchange = Booking { legs: Legs::try_new(legs).unwrap(), ..loan.repayment() };
        let done = loan.bank.book(exchange).await.unwrap();
        assert_eq!((done.money, done.source.account), (cents(110), loan.ann));
        assert_eq!(loan.bank.posted(ChartCode::Suspense.own_account(euro)).await, 100);
        loan.bank.assert_sound().await;
    });
}

#[test]
fn a_booking_counts_from_its_value_date_and_is_listed_by_it() {
    lending(async |loan| {
        let day = |days| Date::from_unix_days(today().unix_days() + days);
        let back_dated = Booking { value_date: day(-payments::BACK_DATED_DAYS_MAX), ..loan.disbursement() };
        let done = loan.bank.book(back_dated.clone()).await.unwrap();
        let then = ledger::balance_by_value_date(&loan.bank.db, loan.ann, back_dated.value_date).await.unwrap();
        assert_eq!(then, 49_500);
        let until = TransactionFilter { value_to: Some(back_dated.value_date), ..TransactionFilter::default() };
        assert_eq!(loan.seen_by_ann(until).await.iter().map(|one| one.id).collect::<Vec<_>>(), [done.id]);
        let ahead = Booking { value_date: day(payments::VALUE_AHEAD_DAYS_MAX), ..loan.repayment() };
        loan.bank.book(ahead).await.unwrap();
        for days in [-payments::BACK_DATED_DAYS_MAX - 1, payments::VALUE_AHEAD_DAYS_MAX + 1] {
            let too_far = Booking { value_date: day(days), ..loan.repayment() };
            let transaction = too_far.id;
            assert_eq!(loan.bank.book(too_far).await, Err(Refusal::OutOfTime { transaction }), "{days}");
        }
        loan.bank.assert_sound().await;
    });
}

#[test]
fn an_identifier_of_long_ago_or_of_the_future_is_refused() {
    lending(async |loan| {
        let at = |seconds| payments::booking_id(testkit::bank_now().plus_seconds(seconds), "repayment/1");
        for seconds in [-(payments::BOOKED_AFTER_DAYS_MAX + 1) * 86_400, 60] {
            let booking = Booking { id: at(seconds), ..loan.repayment() };
            let transaction = booking.id;
            assert_eq!(loan.bank.book(booking).await, Err(Refusal::OutOfTime { transaction }));
        }
        loan.bank.book(loan.disbursement()).await.unwrap();
        let late = Booking { id: at(-payments::BOOKED_AFTER_DAYS_MAX * 86_400 + 60), ..loan.repayment() };
        loan.bank.book(late).await.unwrap();
        let now = ledger::balance_at(&loan.bank.db, loan.ann, testkit::bank_now().plus_seconds(1)).await.unwrap();
        assert_eq!(now, loan.bank.posted(loan.ann).await);
        loan.bank.assert_sound().await;
    });
}

#[test]
fn what_the_bank_booked_is_neither_refunded_nor_reversed() {
    lending(async |loan| {
        let user = UserId::generate();
        let legs = [(loan.fees, -5), (loan.ann, 5)];
        let paid = booking(BookingKind::new("GOODWILL", TransactionType::Payment), &legs);
        for booked in [paid, loan.disbursement()] {
            let transaction = loan.bank.book(booked).await.unwrap().id;
            let admin = Hat::Admin { user, is_fresh: true };
            let refund = Command::Refund { transaction, money: None };
            for (hat, command) in [(admin, refund), (admin, Command::Reverse { transaction })] {
                assert_eq!(loan.bank.outcome(hat, command).await, Err(Refusal::NotCounterable { transaction }));
            }
        }
        loan.bank.assert_sound().await;
    });
}

#[test]
fn further_accounts_of_the_banks_own_are_not_there_for_customers() {
    lending(async |loan| {
        let hat = Hat::Customer(loan.user);
        let missing = Err(ledger::Refusal::NoSuchAccount { account: loan.principal }.into());
        assert_eq!(loan.bank.outcome(hat, transfer(loan.ann, loan.principal, 5)).await, missing);
        assert_eq!(loan.bank.outcome(hat, transfer(loan.principal, loan.ann, 5)).await, missing);
        assert_eq!(loan.bank.outcome(hat, deposit(loan.principal, 5)).await, missing);
        assert_eq!(loan.bank.outcome(Hat::Bank, transfer(loan.principal, loan.ann, 5)).await, missing);
        loan.bank.assert_sound().await;
    });
}

#[test]
fn the_owner_of_an_account_that_was_nobodys_is_party_to_its_bookings() {
    lending(async |loan| {
        let bank = &loan.bank;
        let nobodys = bank.account_of_nobody().await;
        let legs = [(loan.principal, -30), (nobodys, 20), (loan.fees, 10)];
        let booked = bank.book(booking(DISBURSEMENT, &legs)).await.unwrap();
        let owner = UserId::generate();
        let tx = bank.db.begin().await.unwrap();
        payments::assign_owner_in_tx(&tx, nobodys, owner, outbox::Act::of_nobody(WallTime::now())).await.unwrap();
        tx.commit().await.unwrap();
        let seen = bank.payments.transaction(booked.id).await.unwrap().unwrap();
        assert!(seen.concerns(owner));
        assert_eq!(seen.seen_from(|side| side.holder == Some(owner)).money, cents(20));
        bank.assert_sound().await;
    });
}

pub(crate) fn own(name: &str, chart: ChartCode) -> OwnAccount {
    OwnAccount { name: OwnAccountName::parse(name).unwrap(), chart, currency: dollars() }
}
