//! What is written is what is loaded, and what the past was can be asked.

use crate::database::books::{Books, at, hold, on_each_engine, transfer, usd};
use db::{DbError, Engine};
use ids::{AccountId, EntryId, HoldId};
use ledger::{Account, AccountStatus, Book, ChartCode, Entry, Hold, JournalLine, Posting};
use std::collections::HashMap;

/// The last state of everything that was written.
fn last_written(books: &Books) -> (HashMap<AccountId, Account>, HashMap<HoldId, Hold>) {
    let accounts = books.written.iter().flat_map(|changes| &changes.accounts);
    let holds = books.written.iter().flat_map(|changes| changes.new_holds.iter().chain(&changes.closed_holds));
    (accounts.map(|change| (change.after.id, change.after)).collect(), holds.map(|hold| (hold.id, *hold)).collect())
}

async fn journal(books: &Books) -> Vec<JournalLine> {
    let gather = |lines: &mut Vec<JournalLine>, line| {
        lines.push(line);
        Ok(())
    };
    let snapshot = books.db.snapshot().await.unwrap();
    ledger::fold_journal(&snapshot, Vec::new(), gather).await.unwrap()
}

#[test]
fn accounts_are_loaded_as_they_were_written() {
    on_each_engine(async |books| {
        let (written, _) = last_written(&books);
        assert_eq!(written.len(), 3);
        for account in written.values() {
            assert_eq!(books.account(account.id).await, *account);
        }
        let (ann, bob) = (books.account(books.ann).await, books.account(books.bob).await);
        assert_eq!((ann.posted_minor, ann.held_minor, ann.sequence), (8_527, 705, 4));
        assert_eq!((bob.posted_minor, bob.held_minor, bob.sequence), (6_234, 0, 2));
    });
}

#[test]
fn holds_are_loaded_as_they_were_written() {
    on_each_engine(async |books| {
        let (_, written) = last_written(&books);
        let ids: Vec<HoldId> = written.keys().copied().collect();
        let loaded = ledger::holds(&books.db, &ids).await.unwrap();
        assert_eq!(loaded.len(), 5);
        assert!(loaded.iter().all(|hold| written[&hold.id] == *hold), "{loaded:?}");
        assert!(ledger::holds(&books.db, &[]).await.unwrap().is_empty());
    });
}

#[test]
fn the_journal_has_every_posting_with_its_entry() {
    on_each_engine(async |books| {
        let entries: HashMap<_, Entry> =
            books.written.iter().flat_map(|changes| changes.entries.clone()).map(|entry| (entry.id, entry)).collect();
        let mut postings: Vec<Posting> = books.written.iter().flat_map(|changes| changes.postings.clone()).collect();
        let lines = journal(&books).await;
        assert!(lines.iter().all(|line| entries[&line.posting.entry] == line.entry));
        assert!(lines.chunks(2).all(|sides| sides[0].entry == sides[1].entry), "the sides of an entry stand together");
        let mut listed: Vec<Posting> = lines.into_iter().map(|line| line.posting).collect();
        let place = |posting: &Posting| (posting.account, posting.sequence);
        listed.sort_by_key(place);
        postings.sort_by_key(place);
        assert_eq!(listed, postings);
    });
}

#[test]
fn overdue_holds_are_those_whose_time_is_over_and_that_are_open() {
    on_each_engine(async |books| {
        assert!(ledger::expired_holds(&books.db, at(29), 10).await.unwrap().is_empty());
        let mut overdue: Vec<i64> =
            ledger::expired_holds(&books.db, at(30), 10).await.unwrap().iter().map(|hold| hold.amount_minor).collect();
        overdue.sort_unstable();
        assert_eq!(overdue, [5, 700]);
        assert_eq!(ledger::expired_holds(&books.db, at(30), 1).await.unwrap().len(), 1);
    });
}

#[test]
fn balances_of_the_past_can_be_asked_by_instant_and_by_value_date() {
    on_each_engine(async |books| {
        for (day, balance_minor) in [(0, 0), (1, 10_000), (2, 8_766), (3, 8_516), (4, 8_527), (9, 8_527)] {
            assert_eq!(ledger::balance_at(&books.db, books.ann, at(day)).await, Ok(balance_minor), "day {day}");
        }
        for (day, balance_minor) in [(0, 0), (1, 8_527)] {
            let by_value_date = ledger::balance_by_value_date(&books.db, books.ann, at(day).date()).await;
            assert_eq!(by_value_date, Ok(balance_minor), "day {day}");
        }
        assert_eq!(ledger::first_value_date(&books.db).await, Ok(Some(at(1).date())));
    });
}

#[test]
fn balances_of_the_past_count_entries_that_were_named_long_before_they_were_booked() {
    on_each_engine(async |mut books| {
        // As those that a second person approved after a while.
        let millis = |day| u64::try_from(at(day).unix_micros() / 1_000).unwrap();
        let (cash, ann) = (books.cash, books.ann);
        for (day, named_at, minor) in [(5, millis(1), 7), (6, millis(5), 20), (7, millis(2), 300)] {
            let entry = transfer(EntryId::earliest_at(named_at), cash, ann, minor);
            books.write(&[], |book| book.post(entry, at(day)).unwrap()).await;
        }
        for (day, balance_minor) in [(4, 8_527), (5, 8_534), (6, 8_554), (7, 8_854), (8, 8_854)] {
            assert_eq!(ledger::balance_at(&books.db, ann, at(day)).await, Ok(balance_minor), "day {day}");
        }
    });
}

#[test]
fn entries_of_accounts_come_newest_first_each_once() {
    on_each_engine(async |books| {
        let highest = EntryId::from_uuid(uuid::Uuid::max());
        let of = async |accounts: &[AccountId], before, limit| {
            ledger::entries_before(&books.db, accounts, before, limit).await.unwrap()
        };
        let anns = of(&[books.ann], highest, 10).await;
        assert_eq!(anns.len(), 4);
        assert!(anns.is_sorted_by(|one, other| one > other));
        let both = of(&[books.ann, books.bob], highest, 10).await;
        assert_eq!(both.len(), 5, "what moved between the two is there once");
        assert!(both.is_sorted_by(|one, other| one > other));
        assert_eq!(of(&[books.ann], highest, 2).await, anns[..2]);
        assert_eq!(of(&[books.ann], anns[1], 10).await, anns[2..]);
        assert!(of(&[], highest, 10).await.is_empty());
    });
}

#[test]
fn a_balance_that_moved_meanwhile_is_not_overwritten() {
    on_each_engine(async |books| {
        let decide = async || {
            let accounts = ledger::accounts(&books.db, &[books.ann, books.bob]).await.unwrap();
            let mut book = Book::new(accounts, []);
            book.post(transfer(EntryId::generate(), books.ann, books.bob, 1), at(5)).unwrap();
            ledger::writes(&book.into_changes())
        };
        // Both decided on the same state without locking it: only one of them can be stored.
        let (first, second) = (decide().await, decide().await);
        assert_eq!(books.db.begin().await.unwrap().write_and_commit(first).await, Ok(()));
        let lost = books.db.begin().await.unwrap().write_and_commit(second).await.unwrap_err();
        match books.db.engine() {
            Engine::Postgres => assert!(matches!(lost, DbError::Conflict(_)), "{lost}"),
            Engine::Sqlite => assert!(matches!(lost, DbError::Internal(_)), "{lost}"),
        }
        assert_eq!(books.account(books.ann).await.posted_minor, 8_526);
        assert_eq!(ledger::verify(&books.db, |_| ()).await.unwrap().findings, []);
    });
}

#[test]
fn a_decision_on_terms_that_changed_meanwhile_is_not_stored() {
    on_each_engine(async |books| {
        let changes: [fn(&mut Account); 4] = [
            |account| account.status = AccountStatus::Frozen,
            |account| account.overdraft_limit_minor = None,
            |account| account.overdraft_limit_minor = Some(77),
            |account| account.holder_id = Some(uuid::Uuid::from_u128(7)),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let read = ledger::accounts(&books.db, &[books.ann, books.bob]).await.unwrap();
            let mut changed = *read.iter().find(|account| account.id == books.bob).unwrap();
            let mut book = Book::new(read, []);
            book.post(transfer(EntryId::generate(), books.ann, books.bob, 1), at(5)).unwrap();
            let posted = (books.account(books.ann).await.posted_minor, books.account(books.bob).await.posted_minor);

            let tx = books.db.begin().await.unwrap();
            change(&mut changed);
            ledger::change_terms_in_tx(&tx, &changed).await.unwrap();
            tx.commit().await.unwrap();
            let writes = ledger::writes(&book.into_changes());
            assert!(books.db.begin().await.unwrap().write_and_commit(writes).await.is_err(), "change {number}");

            let left = (books.account(books.ann).await.posted_minor, books.account(books.bob).await.posted_minor);
            assert_eq!(left, posted, "change {number}");
            let tx = books.db.begin().await.unwrap();
            changed.status = AccountStatus::Active;
            ledger::change_terms_in_tx(&tx, &changed).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(ledger::verify(&books.db, |_| ()).await.unwrap().findings, []);
    });
}

#[test]
fn a_decision_on_money_that_was_held_meanwhile_is_not_stored() {
    on_each_engine(async |books| {
        let decide = async |step: &dyn Fn(&mut Book)| {
            let accounts = ledger::accounts(&books.db, &[books.ann, books.bob]).await.unwrap();
            let mut book = Book::new(accounts, []);
            step(&mut book);
            ledger::writes(&book.into_changes())
        };
        let spent =
            decide(&|book| book.post(transfer(EntryId::generate(), books.ann, books.bob, 1), at(5)).unwrap()).await;
        let held = decide(&|book| book.place_hold(hold(HoldId::generate(), books.ann, 10)).unwrap()).await;
        assert_eq!(books.db.begin().await.unwrap().write_and_commit(held).await, Ok(()));
        assert!(books.db.begin().await.unwrap().write_and_commit(spent).await.is_err());
        assert_eq!(ledger::verify(&books.db, |_| ()).await.unwrap().findings, []);
    });
}

#[test]
fn locked_accounts_come_in_order_and_missing_ones_do_not_come() {
    on_each_engine(async |books| {
        let tx = books.db.begin().await.unwrap();
        let wanted = [books.bob, AccountId::generate(), books.ann, books.cash, books.bob];
        let locked = ledger::lock_accounts_in_tx(&tx, &wanted).await.unwrap();
        assert_eq!(locked.len(), 3);
        assert!(locked.is_sorted_by_key(|account| account.id));
        tx.rollback().await.unwrap();
    });
}

#[test]
fn changed_terms_are_stored_and_balances_are_left_alone() {
    on_each_engine(async |books| {
        let tx = books.db.begin().await.unwrap();
        let mut ann = ledger::lock_accounts_in_tx(&tx, &[books.ann]).await.unwrap().pop().unwrap();
        ann.status = AccountStatus::Frozen;
        ann.overdraft_limit_minor = None;
        ledger::change_terms_in_tx(&tx, &ann).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(books.account(books.ann).await, ann);
    });
}

#[test]
fn opening_what_is_open_changes_nothing() {
    on_each_engine(async |books| {
        let ann = books.account(books.ann).await;
        let tx = books.db.begin().await.unwrap();
        let again = Account::for_customer(books.ann, None, usd(), at(9));
        assert_eq!(ledger::open_accounts_in_tx(&tx, &[again]).await, Ok(0));
        ledger::open_own_accounts_in_tx(&tx, usd(), at(9)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(books.account(books.ann).await, ann);
        let all = ledger::all_accounts(&books.db).await.unwrap();
        assert_eq!(all.len(), 2 + ChartCode::ALL.len() - 1);
        assert!(all.iter().all(|account| account.opened_at == at(0)));
    });
}
