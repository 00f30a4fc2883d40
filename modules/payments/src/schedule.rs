//! Who works on what: lanes that decide at once get jobs on different accounts, and what one has decided the next goes on
//! from. It only saves waiting. What keeps the money right is the database, also between processes: it books nothing on
//! an account that is not as the decision assumed.
//! Alone, a task waits for nobody. While a batch is under way the next one gathers until it is as large, or a moment is
//! over: batches that take turns in equal parts cost less than a large one after a small one.

use crate::ground::{Fate, Ground};
use crate::request::Job;
use fraud::profile::StoredProfile;
use ids::AccountId;
use ledger::Account;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// A lane that sleeps looks again after this long, whatever happens.
const SLEEP_MAX: Duration = Duration::from_millis(500);
/// Nobody waits longer than that for company.
const GATHERING_MAX: Duration = Duration::from_millis(20);
/// More than that need not gather: the cost of a batch is small beside that of its tasks.
const GATHERED_WEIGHT_MAX: usize = 512;

/// So many accounts are remembered as they were left.
const REMEMBERED_MAX: usize = 65_536;

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
    waiting_weight: usize,
    waiting_since: Instant,
    /// The weights of batches that have not ended, by their numbers.
    under_way: BTreeMap<u64, usize>,
    /// The accounts of batches that are being decided.
    reserved: HashSet<AccountId>,
    /// Accounts as batches leave them that are decided and not committed yet.
    decided: HashMap<AccountId, Decided>,
    /// Accounts as committed batches left them last. Others may have changed them since.
    remembered: HashMap<AccountId, (Account, Option<StoredProfile>)>,
    batches: u64,
}

struct Decided {
    account: Account,
    profile: Option<StoredProfile>,
    by: u64,
    fate: watch::Receiver<Fate>,
}

impl<T> Default for Schedule<T> {
    fn default() -> Self {
        let state = State {
            waiting: VecDeque::new(),
            waiting_weight: 0,
            waiting_since: Instant::now(),
            under_way: BTreeMap::new(),
            reserved: HashSet::new(),
            decided: HashMap::new(),
            remembered: HashMap::new(),
            batches: 0,
        };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }
}

impl<T: Task> Schedule<T> {
    /// Adds a task behind the others.
    pub(crate) fn add(&self, task: T) {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            state.waiting_since = Instant::now();
        }
        state.waiting_weight += task.weight();
        state.waiting.push_back(task);
        let is_worth_it = state.is_worth_it();
        drop(state);
        if is_worth_it {
            self.changed.notify_one();
        }
    }

    /// Takes tasks of about the given weight, in order, and reserves their accounts. A task that touches an account
    /// of another lane stays, and with it whatever comes later and touches the same accounts: each account's order
    /// is kept.
    pub(crate) fn take(&self, weight_max: usize) -> Option<Taken<T>> {
        let mut state = self.lock();
        if !state.is_worth_it() {
            return None;
        }
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
        state.waiting_weight -= weight;
        state.waiting_since = Instant::now();
        state.reserved.extend(&touched);
        state.batches += 1;
        let number = state.batches;
        state.under_way.insert(number, weight);
        Some(Taken { tasks: taken, ground: state.ground(&touched), accounts: touched, number })
    }

    /// Gives accounts free as the batch leaves them, though it is not committed yet.
    pub(crate) fn leave(
        &self,
        reserved: &HashSet<AccountId>,
        accounts: Vec<(Account, Option<StoredProfile>)>,
        by: u64,
        fate: &watch::Receiver<Fate>,
    ) {
        let mut state = self.lock();
        state.give_free(reserved);
        let decided = |(account, profile): (Account, Option<StoredProfile>)| {
            (account.id, Decided { account, profile, by, fate: fate.clone() })
        };
        state.decided.extend(accounts.into_iter().map(decided));
        drop(state);
        self.changed.notify_one();
    }

    /// What the batch left is committed, or will never be: from now on the database knows.
    pub(crate) fn end(&self, by: u64, left: &[AccountId], reserved: &HashSet<AccountId>, fate: Fate) {
        let mut state = self.lock();
        state.under_way.remove(&by);
        state.give_free(reserved);
        if fate == Fate::Lost {
            // Nobody knows which of them were not as they were remembered.
            for account in reserved.iter().chain(left) {
                state.remembered.remove(account);
            }
        }
        for account in left {
            if state.decided.get(account).is_some_and(|decided| decided.by == by)
                && let Some(Decided { account, profile, .. }) = state.decided.remove(account)
                && fate == Fate::Committed
            {
                state.remember(account, profile);
            }
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Sleeps until something changed, or for a moment.
    pub(crate) async fn wait(&self) {
        let longest = if self.lock().waiting.is_empty() { SLEEP_MAX } else { GATHERING_MAX };
        drop(tokio::time::timeout(longest, self.changed.notified()).await);
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn is_worth_it(&self) -> bool {
        let last = self.under_way.last_key_value().map_or(0, |(_, weight)| *weight);
        self.waiting_weight >= last.min(GATHERED_WEIGHT_MAX) || self.waiting_since.elapsed() >= GATHERING_MAX
    }

    fn give_free(&mut self, reserved: &HashSet<AccountId>) {
        for account in reserved {
            self.reserved.remove(account);
        }
    }

    fn remember(&mut self, account: Account, profile: Option<StoredProfile>) {
        if self.remembered.len() >= REMEMBERED_MAX {
            self.remembered.clear();
        }
        self.remembered.insert(account.id, (account, profile));
    }

    /// What is decided of the accounts, and by which batches; and what is remembered of the others.
    fn ground(&self, accounts: &HashSet<AccountId>) -> Ground {
        let (mut presumed, mut profiles, mut remembered) = (HashMap::new(), HashMap::new(), Vec::new());
        let mut earlier = BTreeMap::new();
        for id in accounts {
            if let Some(decided) = self.decided.get(id) {
                presumed.insert(*id, decided.account);
                profiles.extend(decided.profile.clone().map(|profile| (*id, profile)));
                earlier.entry(decided.by).or_insert_with(|| decided.fate.clone());
            } else if let Some((account, profile)) = self.remembered.get(id) {
                presumed.insert(*id, *account);
                profiles.extend(profile.clone().map(|profile| (*id, profile)));
                remembered.push(*id);
            }
        }
        Ground { presumed, profiles, earlier: earlier.into_values().collect(), remembered }
    }
}

impl Task for Job {
    fn weight(&self) -> usize {
        self.request.commands.iter().map(crate::Command::weight).sum::<usize>().max(1)
    }

    fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.request.commands.iter().flat_map(crate::Command::accounts)
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
        schedule.end(first.number, &[], &first.accounts, Fate::Committed);
        assert_eq!(numbers(schedule.take(10)), [2, 3, 4, 5]);
    }

    fn account(id: AccountId, posted_minor: i64) -> Account {
        let usd = money::Currency::parse("USD").unwrap();
        Account { posted_minor, ..Account::for_customer(id, None, usd, db::BankTime::from_unix_micros(0)) }
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
        let mut turn = Turn::new(&schedule, first.number, first.accounts);
        assert_eq!(numbers(schedule.take(1)), [0_usize; 0], "b is being decided");

        turn.decided([account(a, 5), account(b, 7)].into_iter().map(|account| (account, None)));
        let second = schedule.take(1).unwrap();
        assert_eq!(second.ground.presumed, HashMap::from([(b, account(b, 7))]));
        assert!(!second.ground.is_firm());
        turn.end(Fate::Committed);
        assert!(second.ground.is_firm());
        assert_eq!(second.ground.hold().await, Ok(()));

        // The second goes on from b, and is not committed yet: its word counts now, not that of the first.
        let mut turn = Turn::new(&schedule, second.number, second.accounts);
        turn.decided([(account(b, 6), None)].into_iter());
        schedule.add(Move(3, vec![a, b]));
        let third = schedule.take(1).unwrap();
        // a is remembered as the first batch left it, which is committed.
        assert_eq!(third.ground.presumed, HashMap::from([(a, account(a, 5)), (b, account(b, 6))]));
        assert_eq!((third.ground.remembered.as_slice(), third.ground.earlier.len()), (&[a][..], 1));
        drop(turn);
        assert!(matches!(third.ground.hold().await, Err(db::DbError::Conflict(_))));
        schedule.end(third.number, &[], &third.accounts, Fate::Lost);
        schedule.add(Move(4, vec![b]));
        assert!(schedule.take(1).unwrap().ground.presumed.is_empty(), "the lost batch left nothing behind");
    }

    #[test]
    fn a_batch_ends_at_its_weight_and_the_rest_keeps_its_order() {
        let schedule = Schedule::default();
        for number in 0..5 {
            schedule.add(Move(number, vec![AccountId::generate()]));
        }
        assert_eq!(numbers(schedule.take(2)), [0, 1]);
        assert_eq!(numbers(schedule.take(2)), [2, 3]);
        schedule.add(Move(5, vec![AccountId::generate()]));
        assert_eq!(numbers(schedule.take(2)), [4, 5]);
    }

    #[test]
    fn the_next_batch_gathers_until_it_is_as_large_or_nothing_is_under_way_or_it_has_waited_enough() {
        let schedule = Schedule::default();
        let add = |numbers: std::ops::Range<usize>| {
            for number in numbers {
                schedule.add(Move(number, vec![AccountId::generate()]));
            }
        };
        add(0..1);
        assert_eq!(numbers(schedule.take(10)), [0], "alone it waits for nobody");
        add(1..4);
        let second = schedule.take(10).unwrap();
        assert_eq!(second.tasks.len(), 3, "more waits than is under way");
        add(4..6);
        assert_eq!(numbers(schedule.take(10)), [0_usize; 0], "three are under way, and two wait");
        add(6..7);
        assert_eq!(numbers(schedule.take(10)), [4, 5, 6]);

        add(7..8);
        assert!(schedule.take(10).is_none());
        for batch in 1..=3 {
            schedule.end(batch, &[], &HashSet::new(), Fate::Committed);
        }
        assert_eq!(numbers(schedule.take(10)), [7], "nothing is under way any more");

        add(8..20);
        assert_eq!(numbers(schedule.take(20)).len(), 12);
        add(20..21);
        assert!(schedule.take(10).is_none());
        std::thread::sleep(GATHERING_MAX);
        assert_eq!(numbers(schedule.take(10)), [20], "nobody waits long for company");
    }
}
