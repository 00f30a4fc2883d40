//! Lists of transactions: complete and in order, whatever became of them, in pages of any length.

use crate::common::{Bank, cents, hold, migrations, transfer};
use db::BankTime;
use ids::{AccountId, TransactionId, UserId};
use payments::{
    Command, Hat, PageRequest, Payments, Transaction, TransactionFilter, TransactionStatus, TransactionType,
};
use testkit::on_each_engine;

const ACCOUNTS: usize = 20;

/// Transfers between the accounts in a circle, and among them holds in every state, some captured much later.
async fn fill(bank: &Bank, user: UserId) -> Vec<AccountId> {
    let actor = Hat::Customer(user);
    let mut accounts = Vec::new();
    for _ in 0..ACCOUNTS {
        accounts.push(bank.account(user, 10_000).await);
    }
    let [a, b, c] = [accounts[0], accounts[1], accounts[2]];
    let mut held = Vec::new();
    for round in 0..12 {
        bank.done(actor, transfer(a, b, 10 + round)).await;
        bank.done(actor, transfer(b, c, 20 + round)).await;
        held.push(bank.done(actor, hold(a, c, 30 + round)).await.id);
        bank.done(actor, transfer(c, accounts[3 + usize::try_from(round).unwrap()], 40 + round)).await;
    }
    for transaction in [held[1], held[7], held[3]] {
        bank.done(actor, Command::Capture { transaction, money: None }).await;
    }
    bank.done(actor, Command::Capture { transaction: held[2], money: Some(cents(1)) }).await;
    bank.done(actor, Command::Release { transaction: held[5] }).await;
    let undone = bank.done(actor, transfer(a, c, 77)).await.id;
    bank.done(Hat::Admin { user: UserId::generate(), is_fresh: true }, Command::Reverse { transaction: undone }).await;
    accounts
}

/// All pages one after the other.
async fn paged(
    payments: &Payments,
    accounts: Option<&[AccountId]>,
    filter: &TransactionFilter,
    limit: u32,
) -> Vec<Transaction> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = payments.transactions(accounts, filter, PageRequest { before, limit }).await.unwrap();
        all.extend(page.transactions);
        before = page.next;
        if before.is_none() {
            return all;
        }
    }
}

fn ids(transactions: &[Transaction]) -> Vec<TransactionId> {
    transactions.iter().map(|transaction| transaction.id).collect()
}

fn filters(middle: BankTime) -> Vec<TransactionFilter> {
    let all = TransactionFilter::default;
    let status = |status| TransactionFilter { status: Some(status), ..all() };
    vec![
        all(),
        status(TransactionStatus::Pending),
        status(TransactionStatus::Cancelled),
        status(TransactionStatus::Reversed),
        status(TransactionStatus::Settled),
        TransactionFilter { kind: Some(TransactionType::Deposit), ..all() },
        TransactionFilter { from: Some(middle), ..all() },
        TransactionFilter { to: Some(middle), ..all() },
        TransactionFilter { from: Some(middle.plus_seconds(3 * 86_400)), ..all() },
        TransactionFilter { to: Some(middle.plus_seconds(-3 * 86_400)), ..all() },
        TransactionFilter { min_amount_minor: Some(25), max_amount_minor: Some(35), ..all() },
        TransactionFilter { currency: money::Currency::parse("USD").ok(), min_amount_minor: Some(30), ..all() },
        TransactionFilter { currency: money::Currency::parse("JPY").ok(), ..all() },
    ]
}

fn passes(transaction: &Transaction, accounts: &[AccountId], filter: &TransactionFilter) -> bool {
    let minor = transaction.money.minor();
    (accounts.contains(&transaction.source.account) || accounts.contains(&transaction.destination.account))
        && filter.kind.is_none_or(|kind| transaction.kind == kind)
        && filter.status.is_none_or(|status| transaction.status == status)
        && filter.from.is_none_or(|from| transaction.created_at >= from)
        && filter.to.is_none_or(|to| transaction.created_at < to)
        && filter.min_amount_minor.is_none_or(|least| minor >= least)
        && filter.max_amount_minor.is_none_or(|most| minor <= most)
        && filter.currency.is_none_or(|currency| transaction.money.currency() == currency)
}

#[test]
fn lists_are_complete_and_in_order_for_any_accounts_filter_and_page() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let accounts = fill(&bank, UserId::generate()).await;
        let everything = paged(&bank.payments, None, &TransactionFilter::default(), 100).await;
        assert_eq!(everything.len(), ACCOUNTS + 12 * 4 + 2);
        assert!(everything.is_sorted_by(|one, other| one.id > other.id));
        for filter in filters(everything[everything.len() / 2].created_at) {
            for of in [&accounts[..1], &accounts[1..2], &accounts[2..3], &accounts[..3], &accounts[4..5], &accounts] {
                let expected: Vec<_> =
                    everything.iter().filter(|one| passes(one, of, &filter)).map(|one| one.id).collect();
                for limit in [1, 7, 100] {
                    let listed = paged(&bank.payments, Some(of), &filter, limit).await;
                    assert_eq!(ids(&listed), expected, "{filter:?} of {} accounts by {limit}", of.len());
                }
            }
        }
    });
}

#[test]
fn whoever_has_no_account_has_an_empty_list() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        fill(&bank, UserId::generate()).await;
        assert!(paged(&bank.payments, Some(&[]), &TransactionFilter::default(), 10).await.is_empty());
    });
}
