//! Random small worlds: accounts, holds, and movements on them, sensible ones and absurd ones.
//! Identifiers and times follow from positions, so that a failing case replays exactly.

use db::BankTime;
use ids::{AccountId, EntryId, HoldId};
use ledger::{Account, AccountStatus, Book, EntryDraft, Hold, HoldStatus, Leg, Limits, Refusal};
use money::Currency;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is there before, and what is done one second after the other.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) accounts: Vec<Account>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) movements: Vec<Movement>,
}

/// One thing done to a book.
#[derive(Clone, Debug)]
pub(crate) enum Movement {
    Post(EntryDraft),
    Place(Hold),
    Capture(HoldId, EntryDraft),
    Release(HoldId),
    Expire(HoldId),
}

/// Everything that a book knows of the scenario's accounts and holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) holds: BTreeMap<HoldId, Hold>,
}

/// One movement with what stood before and after it.
pub(crate) struct Step<'a> {
    pub(crate) movement: &'a Movement,
    pub(crate) before: View,
    pub(crate) outcome: Result<(), Refusal>,
    pub(crate) after: View,
}

impl Scenario {
    pub(crate) fn book(&self) -> Book {
        Book::new(self.accounts.clone(), self.holds.clone())
    }

    /// The movements with their times.
    pub(crate) fn timed(&self) -> impl Iterator<Item = (BankTime, &Movement)> {
        self.movements.iter().enumerate().map(|(position, movement)| (at(position), movement))
    }

    /// Every hold that may exist at some time.
    pub(crate) fn hold_ids(&self) -> impl Iterator<Item = HoldId> {
        let placed = self.movements.iter().filter_map(|movement| match movement {
            Movement::Place(hold) => Some(hold.id),
            _ => None,
        });
        self.holds.iter().map(|hold| hold.id).chain(placed)
    }

    pub(crate) fn view(&self, book: &Book) -> View {
        let accounts = self.accounts.iter().map(|account| (account.id, *book.account(account.id).unwrap()));
        let holds = self.hold_ids().filter_map(|id| Some((id, *book.hold(id).ok()?)));
        View { accounts: accounts.collect(), holds: holds.collect() }
    }

    /// All movements on one book, with what stood before and after each.
    pub(crate) fn steps(&self) -> (Vec<Step<'_>>, Book) {
        let mut book = self.book();
        let mut steps = Vec::new();
        for (now, movement) in self.timed() {
            let before = self.view(&book);
            let outcome = movement.apply(&mut book, now);
            steps.push(Step { movement, before, outcome, after: self.view(&book) });
        }
        (steps, book)
    }
}

impl Movement {
    pub(crate) fn apply(&self, book: &mut Book, now: BankTime) -> Result<(), Refusal> {
        match self.clone() {
            Self::Post(draft) => book.post(draft, now),
            Self::Place(hold) => book.place_hold(hold),
            Self::Capture(hold, draft) => book.capture_hold(hold, draft, now),
            Self::Release(hold) => book.release_hold(hold, now),
            Self::Expire(hold) => book.expire_hold(hold, now),
        }
    }

    /// Whether it may take this account below its limit.
    pub(crate) fn may_overdraw(&self, account: AccountId) -> bool {
        let lifts = |leg: &Leg| leg.account == account && leg.limits != Limits::Enforced;
        matches!(self, Self::Post(draft) if draft.legs.iter().any(lifts))
    }

    /// Whether it takes over what already happened elsewhere.
    pub(crate) fn is_history(&self) -> bool {
        matches!(self, Self::Post(draft) if draft.legs.iter().any(|leg| leg.limits == Limits::History))
    }
}

/// Random scenarios.
pub(crate) fn scenarios() -> impl Strategy<Value = Scenario> {
    let accounts = prop::collection::vec(account_plans(), 2..6);
    (accounts, prop::collection::vec(plans(), 1..40)).prop_map(|(accounts, plans)| {
        let (accounts, holds) = accounts.into_iter().enumerate().map(|(index, plan)| plan.build(index)).unzip();
        let holds = Vec::<Option<Hold>>::into_iter(holds).flatten().collect();
        let mut scenario = Scenario { accounts, holds, movements: Vec::new() };
        for plan in plans {
            let movement = plan.build(&scenario);
            scenario.movements.push(movement);
        }
        scenario
    })
}

pub(crate) fn at(position: usize) -> BankTime {
    BankTime::from_unix_micros(1_767_225_600_000_000).plus_seconds(i64::try_from(position).unwrap())
}

#[derive(Clone, Debug)]
struct AccountPlan {
    currency: Currency,
    overdraft_limit_minor: Option<i64>,
    status: AccountStatus,
    posted_minor: i64,
    held_minor: i64,
}

/// Some accounts are past their limit from the start, frozen, closed, or nearly full.
fn account_plans() -> impl Strategy<Value = AccountPlan> {
    let currency = prop_oneof![4 => Just("USD"), 1 => Just("JPY")];
    let limit = prop_oneof![3 => Just(Some(0)), 2 => (0_i64..300).prop_map(Some), 1 => Just(None)];
    let status = prop_oneof![
        10 => Just(AccountStatus::Active),
        1 => Just(AccountStatus::Frozen),
        1 => Just(AccountStatus::Closed)
    ];
    let posted = prop_oneof![10 => 0_i64..600, 2 => -300_i64..0, 1 => i64::MAX - 100..=i64::MAX];
    let held = prop_oneof![3 => Just(0), 1 => 1_i64..200];
    (currency, limit, status, posted, held).prop_map(
        |(code, overdraft_limit_minor, status, posted_minor, held_minor)| {
            let currency = Currency::parse(code).unwrap();
            AccountPlan { currency, overdraft_limit_minor, status, posted_minor, held_minor }
        },
    )
}

impl AccountPlan {
    /// The account, and the open hold that explains what is held on it.
    fn build(self, index: usize) -> (Account, Option<Hold>) {
        let id = AccountId::from_uuid(numbered(0xacc0_0000, index));
        let Self { currency, overdraft_limit_minor, status, posted_minor, held_minor } = self;
        let opened = Account::for_customer(id, None, currency, at(0));
        let account = Account { overdraft_limit_minor, status, posted_minor, held_minor, sequence: 7, ..opened };
        let hold = open_hold(HoldId::from_uuid(numbered(0xdead_0000, index)), id, held_minor, at(5 + 10 * index));
        (account, (held_minor > 0).then_some(hold))
    }
}

/// A movement by positions: which account and which hold it means is known when those before it are.
#[derive(Clone, Debug)]
enum Plan {
    Transfer { source: Index, destination: Index, amount: i64, limits: Limits },
    Legs(Vec<(Index, i64, Limits)>),
    Place { account: Index, amount: i64, seconds: usize, taken_id: Option<Index> },
    Capture(CapturePlan),
    Release { hold: Index },
    Expire { hold: Index },
}

#[derive(Clone, Debug)]
struct CapturePlan {
    hold: Index,
    destination: Index,
    other: Index,
    amount: i64,
    twist: Twist,
}

/// What is odd about a capture.
#[derive(Clone, Copy, Debug)]
enum Twist {
    None,
    /// A third account gets one minor unit of it.
    Fee,
    /// The entry has an identifier of its own.
    OwnEntry,
    /// The entry takes as much again from an account that nothing is held on.
    SecondSource,
}

fn plans() -> impl Strategy<Value = Plan> {
    let index = any::<Index>;
    let limits = prop_oneof![5 => Just(Limits::Enforced), 1 => Just(Limits::History)];
    let bank_limits = prop_oneof![3 => Just(Limits::Enforced), 1 => Just(Limits::MayOverdraw)];
    let twist = prop_oneof![6 => Just(Twist::None), 1 => Just(Twist::Fee), 1 => Just(Twist::OwnEntry), 1 => Just(Twist::SecondSource)];
    let taken_id = prop_oneof![9 => Just(None), 1 => index().prop_map(Some)];
    prop_oneof![
        6 => (index(), index(), amounts(), limits)
            .prop_map(|(source, destination, amount, limits)| Plan::Transfer { source, destination, amount, limits }),
        3 => prop::collection::vec((index(), amounts(), bank_limits), 0..6).prop_map(Plan::Legs),
        4 => (index(), amounts(), 0_usize..30, taken_id)
            .prop_map(|(account, amount, seconds, taken_id)| Plan::Place { account, amount, seconds, taken_id }),
        4 => (index(), index(), index(), amounts(), twist).prop_map(|(hold, destination, other, amount, twist)| {
            Plan::Capture(CapturePlan { hold, destination, other, amount, twist })
        }),
        1 => index().prop_map(|hold| Plan::Release { hold }),
        2 => index().prop_map(|hold| Plan::Expire { hold }),
    ]
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![24 => 1_i64..150, 1 => Just(0), 1 => -50_i64..0, 1 => Just(i64::MAX), 1 => Just(i64::MIN)]
}

impl Plan {
    fn build(self, so_far: &Scenario) -> Movement {
        let position = so_far.movements.len();
        let entry = EntryId::from_uuid(numbered(0xe000_0000, position));
        match self {
            Self::Transfer { source, destination, amount, limits } => {
                let source = source.get(&so_far.accounts);
                let destination = so_far.peer(source, destination);
                let legs = vec![(source.id, amount.saturating_neg()), (destination, amount)];
                Movement::Post(draft(entry, legs.into_iter().map(|leg| under(limits, leg.0, leg.1)).collect()))
            }
            Self::Legs(legs) => {
                let leg = |(account, amount, limits)| under(limits, so_far.any_account(account), amount);
                Movement::Post(draft(entry, balanced(legs.into_iter().map(leg).collect())))
            }
            Self::Place { account, amount, seconds, taken_id } => {
                let own = HoldId::from_uuid(numbered(0xf000_0000, position));
                let id = taken_id.map_or(own, |taken| so_far.any_hold(taken));
                Movement::Place(open_hold(id, account.get(&so_far.accounts).id, amount, at(position + seconds)))
            }
            Self::Capture(plan) => so_far.capture(so_far.any_hold(plan.hold), plan, entry),
            Self::Release { hold } => Movement::Release(so_far.any_hold(hold)),
            Self::Expire { hold } => Movement::Expire(so_far.any_hold(hold)),
        }
    }
}

impl Scenario {
    /// An account of the same currency, perhaps the same account.
    fn peer(&self, account: &Account, index: Index) -> AccountId {
        let peers: Vec<&Account> = self.accounts.iter().filter(|peer| peer.currency == account.currency).collect();
        index.get(&peers).id
    }

    /// An account of any currency, or one that is not there.
    fn any_account(&self, index: Index) -> AccountId {
        let ghost = AccountId::from_uuid(numbered(0xacc0_0000, 999));
        self.accounts.get(index.index(self.accounts.len() + 1)).map_or(ghost, |account| account.id)
    }

    /// A hold that was to be placed before, or one that is not there.
    fn any_hold(&self, index: Index) -> HoldId {
        let ghost = HoldId::from_uuid(numbered(0xf000_0000, 999));
        let known: Vec<HoldId> = self.hold_ids().collect();
        known.get(index.index(known.len() + 1)).copied().unwrap_or(ghost)
    }

    fn capture(&self, hold: HoldId, plan: CapturePlan, own_entry: EntryId) -> Movement {
        let CapturePlan { destination, other, amount, twist, .. } = plan;
        let held = self.hold_placed_as(hold).map_or(self.accounts[0].id, |held| held.account);
        let held = self.accounts.iter().find(|account| account.id == held).unwrap();
        let (destination, other) = (self.peer(held, destination), self.peer(held, other));
        let taken = (held.id, amount.saturating_neg());
        let legs = match twist {
            Twist::Fee if amount > 1 => vec![taken, (destination, amount - 1), (other, 1)],
            Twist::SecondSource if (1..200).contains(&amount) => {
                vec![taken, (other, -amount), (destination, 2 * amount)]
            }
            _ => vec![taken, (destination, amount)],
        };
        let entry = if matches!(twist, Twist::OwnEntry) { own_entry } else { EntryId::from_uuid(hold.uuid()) };
        Movement::Capture(
            hold,
            draft(entry, legs.into_iter().map(|leg| under(Limits::Enforced, leg.0, leg.1)).collect()),
        )
    }

    fn hold_placed_as(&self, id: HoldId) -> Option<&Hold> {
        let placed = self.movements.iter().filter_map(|movement| match movement {
            Movement::Place(hold) => Some(hold),
            _ => None,
        });
        self.holds.iter().chain(placed).find(|hold| hold.id == id)
    }
}

/// Makes most raw legs sum to zero: the last one takes what is left over.
fn balanced(mut legs: Vec<Leg>) -> Vec<Leg> {
    if let Some((last, others)) = legs.split_last_mut() {
        let sum = others.iter().try_fold(0_i64, |sum, leg| sum.checked_add(leg.amount_minor));
        last.amount_minor = sum.map_or(last.amount_minor, i64::saturating_neg);
    }
    legs
}

const fn under(limits: Limits, account: AccountId, amount_minor: i64) -> Leg {
    Leg { account, amount_minor, limits }
}

fn draft(id: EntryId, legs: Vec<Leg>) -> EntryDraft {
    EntryDraft { id, kind: "TRANSFER", description: String::new(), legs, value_date: at(0).date() }
}

fn open_hold(id: HoldId, account: AccountId, amount_minor: i64, expires_at: BankTime) -> Hold {
    let status = HoldStatus::Held;
    Hold { id, account, amount_minor, captured_minor: 0, status, placed_at: at(0), expires_at, closed_at: None }
}

fn numbered(base: u128, index: usize) -> Uuid {
    Uuid::from_u128(base + u128::try_from(index).unwrap())
}
