//! Who works on what: lanes that decide at once get jobs on different accounts, and what one has decided the next goes on
//! from. It only saves waiting. What keeps the money right is the database, also between processes: it books nothing on
//! an account that is not as the decision assumed.

use crate::poster::Job;
use crate::turn::{Fate, Ground};
use ids::AccountId;
use ledger::Account;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// A lane that sleeps looks again after this long, whatever happens.
const SLEEP_MAX: Duration = Duration::from_millis(500);

/// Something that waits and touches accounts.
pub(crate) trait Task {
    /// How much work it is.
    fn weight(&self) -> usize;
    /// The accounts that it is known to touch.
    fn accounts(&self) -> impl Iterator<Item = AccountId>;
}

/// Tasks that a lane has taken, with what it needs to know.
pub(crate) struct Taken<T> {
    pub(crate) tasks: Vec<T>,
    /// The accounts that are the lane's until it gives them free.
    pub(crate) accounts: HashSet<AccountId>,
    pub(crate) ground: Ground,
    /// The number of the batch.
    pub(crate) number: u64,
}

/// Tasks that wait, in order, and the accounts that lanes are working on.
pub(crate) struct Schedule<T = Job> {
    state: Mutex<State<T>>,
    changed: Notify,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// The accounts of batches that are being decided.
    reserved: HashSet<AccountId>,
    /// Accounts as batches leave them that are decided and not committed yet.
    decided: HashMap<AccountId, Decided>,
    batches: u64,
}

struct Decided {
    account: Account,
    by: u64,
    fate: watch::Receiver<Fate>,
}

impl<T> Default for Schedule<T> {
    fn default() -> Self {
        let (waiting, reserved, decided) = (VecDeque::new(), HashSet::new(), HashMap::new());
        let state = State { waiting, reserved, decided, batches: 0 };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }
}

impl<T: Task> Schedule<T> {
    /// Adds a task behind the others.
    pub(crate) fn add(&self, task: T) {
        self.lock().waiting.push_back(task);
        self.changed.notify_one();
    }

    /// Takes tasks of about the given weight, in order, and reserves their accounts. A task that touches an account
    /// of another lane stays, and with it whatever comes later and touches the same accounts: each account's order
    /// is kept.
    pub(crate) fn take(&self, weight_max: usize) -> Option<Taken<T>> {
        let mut state = self.lock();
        let mut blocked = HashSet::new();
        let mut taken = Vec::new();
        let mut touched = HashSet::new();
        let mut staying = VecDeque::with_capacity(state.waiting.len());
        let mut weight = 0;
        while let Some(task) = state.waiting.pop_front() {
            if weight >= weight_max {
                staying.push_back(task);
                staying.append(&mut state.waiting);
                break;
            }
            if task.accounts().any(|account| state.reserved.contains(&account) || blocked.contains(&account)) {
                blocked.extend(task.accounts());
                staying.push_back(task);
            } else {
                weight += task.weight();
                touched.extend(task.accounts());
                taken.push(task);
            }
        }
        state.waiting = staying;
        if taken.is_empty() {
            return None;
        }
        state.reserved.extend(&touched);
        state.batches += 1;
        Some(Taken { tasks: taken, ground: state.ground(&touched), accounts: touched, number: state.batches })
    }

    /// Gives accounts free again.
    pub(crate) fn finish(&self, reserved: &HashSet<AccountId>) {
        self.lock().give_free(reserved);
        self.changed.notify_one();
    }

    /// Gives accounts free as the batch leaves them, though it is not committed yet.
    pub(crate) fn leave(
        &self,
        reserved: &HashSet<AccountId>,
        accounts: &[Account],
        (by, fate): (u64, &watch::Receiver<Fate>),
    ) {
        let mut state = self.lock();
        state.give_free(reserved);
        let decided = |account: &Account| (account.id, Decided { account: *account, by, fate: fate.clone() });
        state.decided.extend(accounts.iter().map(decided));
        drop(state);
        self.changed.notify_one();
    }

    /// What the batch left is committed, or will never be: from now on the database knows.
    pub(crate) fn forget(&self, by: u64, accounts: &[AccountId]) {
        let mut state = self.lock();
        for account in accounts {
            if state.decided.get(account).is_some_and(|decided| decided.by == by) {
                state.decided.remove(account);
            }
        }
    }

    /// Sleeps until something changed, or for a moment.
    pub(crate) async fn wait(&self) {
        drop(tokio::time::timeout(SLEEP_MAX, self.changed.notified()).await);
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn give_free(&mut self, reserved: &HashSet<AccountId>) {
        for account in reserved {
            self.reserved.remove(account);
        }
    }

    /// What is decided of the accounts, and by which batches.
    fn ground(&self, accounts: &HashSet<AccountId>) -> Ground {
        let decided = accounts.iter().filter_map(|account| self.decided.get(account));
        let mut presumed = HashMap::new();
        let mut earlier = BTreeMap::new();
        for decided in decided {
            presumed.insert(decided.account.id, decided.account);
            earlier.entry(decided.by).or_insert_with(|| decided.fate.clone());
        }
        Ground { presumed, earlier: earlier.into_values().collect() }
    }
}

impl Task for Job {
    fn weight(&self) -> usize {
        self.commands.len().max(1)
    }

    fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.commands.iter().filter_map(crate::Command::order).flat_map(|order| [order.source, order.destination])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::Turn;

    #[derive(Debug, PartialEq)]
    struct Move(usize, Vec<AccountId>);

    impl Task for Move {
        fn weight(&self) -> usize {
            1
        }

        fn accounts(&self) -> impl Iterator<Item = AccountId> {
            self.1.iter().copied()
        }
    }

    fn numbers(taken: Option<Taken<Move>>) -> Vec<usize> {
        taken.map(|taken| taken.tasks.into_iter().map(|task| task.0).collect()).unwrap_or_default()
    }

    #[test]
    fn lanes_get_different_accounts_and_each_accounts_order_is_kept() {
        let [a, b, c, d, e] = std::array::from_fn(|_| AccountId::generate());
        let schedule = Schedule::default();
        schedule.add(Move(1, vec![a, b]));
        let first = schedule.take(10).unwrap();
        assert_eq!(first.tasks.len(), 1);
        for (number, accounts) in [(2, vec![b, c]), (3, vec![c, d]), (4, vec![d, e]), (5, vec![e])] {
            schedule.add(Move(number, accounts));
        }
        schedule.add(Move(6, vec![AccountId::generate()]));
        // 2 waits for b; 3 for 2's c; 4 for 3's d; 5 for 4's e. Only 6 is free.
        assert_eq!(numbers(schedule.take(10)), [6]);
        assert_eq!(numbers(schedule.take(10)), [0_usize; 0]);
        schedule.finish(&first.accounts);
        assert_eq!(numbers(schedule.take(10)), [2, 3, 4, 5]);
    }

    fn account(id: AccountId, posted_minor: i64) -> Account {
        let usd = money::Currency::parse("USD").unwrap();
        Account { posted_minor, ..Account::for_customer(id, None, usd, store::Timestamp::from_unix_micros(0)) }
    }

    #[tokio::test]
    async fn what_is_decided_is_gone_on_from_until_it_is_committed() {
        let [a, b, c] = std::array::from_fn(|_| AccountId::generate());
        let schedule = Schedule::default();
        for (number, accounts) in [(1, vec![a, b]), (2, vec![b, c])] {
            schedule.add(Move(number, accounts));
        }
        let first = schedule.take(1).unwrap();
        assert!(first.ground.presumed.is_empty() && first.ground.is_firm());
        let mut turn = Turn::new(&schedule, first.number, first.accounts, true);
        assert_eq!(numbers(schedule.take(1)), [0_usize; 0], "b is being decided");

        turn.decided([account(a, 5), account(b, 7)].into_iter());
        let second = schedule.take(1).unwrap();
        assert_eq!(second.ground.presumed, HashMap::from([(b, account(b, 7))]));
        assert!(!second.ground.is_firm());
        turn.end(Fate::Committed);
        assert!(second.ground.is_firm());
        assert_eq!(second.ground.hold().await, Ok(()));

        // The second goes on from b, and is not committed yet: its word counts now, not that of the first.
        let mut turn = Turn::new(&schedule, second.number, second.accounts, true);
        turn.decided([account(b, 6)].into_iter());
        schedule.add(Move(3, vec![a, b]));
        let third = schedule.take(1).unwrap();
        assert_eq!(third.ground.presumed, HashMap::from([(b, account(b, 6))]));
        drop(turn);
        assert!(matches!(third.ground.hold().await, Err(store::StoreError::Conflict(_))));
        schedule.finish(&third.accounts);
        schedule.add(Move(4, vec![b]));
        assert!(schedule.take(1).unwrap().ground.presumed.is_empty(), "the lost batch left nothing behind");
    }

    #[test]
    fn a_lane_that_is_not_alone_leaves_no_word() {
        let id = AccountId::generate();
        let schedule = Schedule::default();
        schedule.add(Move(1, vec![id]));
        let first = schedule.take(1).unwrap();
        let mut turn = Turn::new(&schedule, first.number, first.accounts, false);
        turn.decided([account(id, 5)].into_iter());
        schedule.add(Move(2, vec![id]));
        assert!(schedule.take(1).unwrap().ground.presumed.is_empty());
    }

    #[test]
    fn a_batch_ends_at_its_weight_and_the_rest_keeps_its_order() {
        let schedule = Schedule::default();
        for number in 0..5 {
            schedule.add(Move(number, vec![AccountId::generate()]));
        }
        assert_eq!(numbers(schedule.take(2)), [0, 1]);
        assert_eq!(numbers(schedule.take(2)), [2, 3]);
        assert_eq!(numbers(schedule.take(2)), [4]);
    }
}
