//! Cash of a currency stands on one account of the bank's: nobody alone brings it to its limit.

use crate::common::{Bank, caller, cents, deposit, migrations, transfer};
use db::WallTime;
use futures_util::future::join_all;
use ids::{AccountId, TransactionId, UserId};
use payments::{
    Answer, BrokenRule, Command, Hat, IdempotencyKey, Order, OrderError, Receipt, Request, TransactionType,
};
use testkit::on_each_engine;

/// The most that is paid in or out at once.
const MOST: i64 = 100_000_000_000;
const DAY: i64 = 24 * 60 * 60;

fn withdrawal(from: AccountId, minor: i64) -> Command {
    let Command::Transfer(paid_in) = deposit(from, minor) else { unreachable!() };
    let (source, destination) = (paid_in.destination, paid_in.source);
    Command::Transfer(Order { kind: TransactionType::Withdrawal, source, destination, ..paid_in })
}

impl Bank {
    /// What somebody orders under a key, some time after now.
    async fn order(&self, user: UserId, command: Command, key: &str, at: WallTime) -> Result<Answer, OrderError> {
        let request = Request {
            key: Some(IdempotencyKey::new(&["caller"], key, &[])),
            commands: vec![command],
            is_atomic: true,
            pack: Box::new(Receipt::plain),
            request_id: None,
        };
        self.payments.order(&caller(Hat::Customer(user)).unwrap(), request, at).await
    }

    /// Whether it was done; what is refused by another rule than that of the day is no matter of this test.
    async fn is_done(&self, user: UserId, command: Command, at: WallTime) -> bool {
        match self.order(user, command, &TransactionId::generate().to_string(), at).await {
            Ok(Answer::Fresh { outcomes, .. }) => outcomes[0].is_ok(),
            Err(OrderError::Rule(BrokenRule::TooMuchCashToday { .. })) => false,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_person_pays_in_and_out_so_much_in_a_day_and_all_others_as_before() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let [ann, bob] = [(); 2].map(|()| UserId::generate());
        let (hers, second, his) = (bank.account(ann, 0).await, bank.account(ann, 0).await, bank.account(bob, 0).await);
        let now = WallTime::now();
        for round in 0..5 {
            let to = if round % 2 == 0 { hers } else { second };
            assert!(bank.is_done(ann, deposit(to, MOST), now).await, "in, round {round}");
            assert!(bank.is_done(ann, withdrawal(to, MOST), now).await, "out, round {round}");
        }
        for refused in [deposit(hers, 1), withdrawal(hers, 1)] {
            let error = bank.order(ann, refused, "eleventh", now).await.unwrap_err();
            let expected = BrokenRule::TooMuchCashToday { limit: cents(10 * MOST), left: cents(0) };
            assert!(matches!(&error, OrderError::Rule(rule) if *rule == expected), "{error:?}");
        }
        // Nobody else's suffers, nor what is no cash.
        assert!(bank.is_done(bob, deposit(his, MOST), now).await);
        assert!(bank.is_done(bob, transfer(his, hers, 5), now).await);
        assert!(bank.is_done(ann, transfer(hers, his, 5), now).await);
        // The day begins with the first of it.
        assert!(!bank.is_done(ann, deposit(hers, 1), now.plus_seconds(DAY - 1)).await);
        assert!(bank.is_done(ann, deposit(hers, MOST), now.plus_seconds(DAY)).await);
        assert!(bank.is_done(ann, deposit(hers, MOST), now.plus_seconds(DAY + 1)).await);
        bank.assert_sound().await;
    });
}

#[test]
fn cash_that_did_not_move_is_not_counted_and_an_answer_is_given_again() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let ann = UserId::generate();
        let account = bank.account(ann, 0).await;
        let now = WallTime::now();
        for round in 0..12 {
            assert!(!bank.is_done(ann, withdrawal(account, MOST), now).await, "there is nothing, round {round}");
        }
        let first = bank.order(ann, deposit(account, MOST), "first", now).await.unwrap();
        for _ in 0..12 {
            let again = bank.order(ann, deposit(account, MOST), "first", now).await.unwrap();
            assert!(matches!(again, Answer::Replayed(_)), "{again:?}");
        }
        for round in 1..10 {
            assert!(bank.is_done(ann, deposit(account, MOST), now).await, "round {round}");
        }
        assert!(!bank.is_done(ann, deposit(account, 1), now).await);
        let Answer::Fresh { receipt, .. } = first else { panic!("{first:?}") };
        let again = bank.order(ann, deposit(account, MOST), "first", now).await.unwrap();
        assert_eq!(again, Answer::Replayed(receipt));
        assert_eq!(bank.posted(account).await, 10 * MOST);
    });
}

#[test]
fn of_many_at_once_no_more_go_than_one_after_the_other() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let ann = UserId::generate();
        let account = bank.account(ann, 0).await;
        let now = WallTime::now();
        let many = (0..24).map(|_| bank.is_done(ann, deposit(account, MOST), now));
        let done = join_all(many).await.into_iter().filter(|is_done| *is_done).count();
        assert_eq!((done, bank.posted(account).await), (10, 10 * MOST));
    });
}
