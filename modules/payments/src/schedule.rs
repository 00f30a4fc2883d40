//! Who works on what: lanes that decide at once get jobs on different accounts, so that none waits long for locks.
//! It only saves waiting. What keeps the money right are the database's locks, also between processes.

use crate::poster::Job;
use ids::AccountId;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// A lane that sleeps looks again after this long, whatever happens.
const SLEEP_MAX: Duration = Duration::from_millis(500);

/// Something that waits and touches accounts.
pub(crate) trait Task {
    /// How much work it is.
    fn weight(&self) -> usize;
    /// The accounts that it is known to touch.
    fn accounts(&self) -> impl Iterator<Item = AccountId>;
}

/// Tasks that wait, in order, and the accounts that lanes are working on.
pub(crate) struct Schedule<T = Job> {
    state: Mutex<State<T>>,
    changed: Notify,
}

struct State<T> {
    waiting: VecDeque<T>,
    reserved: HashSet<AccountId>,
}

impl<T> Default for Schedule<T> {
    fn default() -> Self {
        let state = State { waiting: VecDeque::new(), reserved: HashSet::new() };
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
    pub(crate) fn take(&self, weight_max: usize) -> Option<(Vec<T>, HashSet<AccountId>)> {
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
        state.reserved.extend(&touched);
        (!taken.is_empty()).then_some((taken, touched))
    }

    /// Gives accounts free again.
    pub(crate) fn finish(&self, reserved: &HashSet<AccountId>) {
        let mut state = self.lock();
        state.reserved.retain(|account| !reserved.contains(account));
        drop(state);
        self.changed.notify_one();
    }

    /// Sleeps until something changed, or for a moment.
    pub(crate) async fn wait(&self) {
        drop(tokio::time::timeout(SLEEP_MAX, self.changed.notified()).await);
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn numbers(taken: Option<(Vec<Move>, HashSet<AccountId>)>) -> Vec<usize> {
        taken.map(|(tasks, _)| tasks.into_iter().map(|task| task.0).collect()).unwrap_or_default()
    }

    #[test]
    fn lanes_get_different_accounts_and_each_accounts_order_is_kept() {
        let [a, b, c, d, e] = std::array::from_fn(|_| AccountId::generate());
        let schedule = Schedule::default();
        schedule.add(Move(1, vec![a, b]));
        let (first, reserved) = schedule.take(10).unwrap();
        assert_eq!(first.len(), 1);
        for (number, accounts) in [(2, vec![b, c]), (3, vec![c, d]), (4, vec![d, e]), (5, vec![e])] {
            schedule.add(Move(number, accounts));
        }
        schedule.add(Move(6, vec![AccountId::generate()]));
        // 2 waits for b; 3 for 2's c; 4 for 3's d; 5 for 4's e. Only 6 is free.
        assert_eq!(numbers(schedule.take(10)), [6]);
        assert_eq!(numbers(schedule.take(10)), [0_usize; 0]);
        schedule.finish(&reserved);
        assert_eq!(numbers(schedule.take(10)), [2, 3, 4, 5]);
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
