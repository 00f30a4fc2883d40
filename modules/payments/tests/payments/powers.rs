//! Who may do what to a payment, by the hat that they wear: the pure decision, without a database.

use db::BankTime;
use ids::{AccountId, SessionId, TransactionId, UserId};
use ledger::{Account, Book, ChartCode};
use money::{Currency, Money};
use outbox::{Actor, Means};
use payments::{
    Circumstances, Command, Desk, Hat, HoldLength, Order, PowerRefusal, Refusal, Transaction, TransactionStatus,
    TransactionType,
};

const NOW: BankTime = BankTime::from_unix_micros(1_767_225_600_000_000);

/// A payer, a payee, an account of each with 100.00, and what was paid and held between them.
struct Scene {
    payer: UserId,
    payee: UserId,
    book: Book,
    accounts: [AccountId; 2],
    paid: Transaction,
    held: Transaction,
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn actor(user: UserId) -> Actor {
    Actor::person(user, Means::Session(SessionId::from_uuid(user.uuid())))
}

fn given(hat: Hat) -> Circumstances {
    Circumstances { hat, actor: hat.user().map(actor), new_id: TransactionId::generate(), now: NOW }
}

fn order(kind: TransactionType, source: AccountId, destination: AccountId) -> Order {
    let money = Money::new(1_000, usd());
    Order { kind, source, destination, money, description: String::new(), metadata: None }
}

impl Scene {
    fn new() -> Self {
        Self::between(UserId::generate(), UserId::generate())
    }

    fn between(payer: UserId, payee: UserId) -> Self {
        let mut accounts = [payer, payee].map(|holder| {
            let id = AccountId::generate();
            Account::for_customer(id, Some(holder.uuid()), usd(), NOW)
        });
        for account in &mut accounts {
            account.posted_minor = 10_000;
        }
        let ids = accounts.map(|account| account.id);
        let cash =
            Account { id: ChartCode::Cash.own_account(usd()), chart: ChartCode::Cash, holder_id: None, ..accounts[0] };
        let cash = Account { overdraft_limit_minor: None, ..cash };
        let mut desk = Desk::new(Book::new(accounts.into_iter().chain([cash]), []), []);
        let paying = Command::Transfer(order(TransactionType::Transfer, ids[0], ids[1]));
        let paid = desk.decide(&paying, given(Hat::Customer(payer))).unwrap();
        let holding =
            Command::Hold { order: order(TransactionType::Transfer, ids[0], ids[1]), length: HoldLength::DEFAULT };
        let held = desk.decide(&holding, given(Hat::Customer(payer))).unwrap();
        let changes = desk.into_changes().ledger;
        let book = Book::new(changes.accounts.iter().map(|change| change.after).chain([cash]), changes.new_holds);
        Self { payer, payee, book, accounts: ids, paid, held }
    }

    /// What becomes of a command, and how it is told: on whose behalf, and whether it took staff power.
    fn decide(&self, command: Command, hat: Hat) -> Result<(Option<UserId>, bool), Refusal> {
        let mut desk = Desk::new(self.book.clone(), [self.paid.clone(), self.held.clone()]);
        desk.decide(&command, given(hat))?;
        let changes = desk.into_changes();
        let told = changes.created.iter().map(|created| {
            let is_for_the_bank = changes.for_the_bank.contains(&created.id);
            (created.started_by.unwrap(), is_for_the_bank)
        });
        let told =
            told.chain(changes.changed.iter().map(|change| (change.by.actor.unwrap(), change.by.is_for_the_bank)));
        let told: Vec<_> = told.collect();
        assert!(!told.is_empty() && told.iter().all(|one| *one == told[0]), "{told:?}");
        let (who, is_for_the_bank) = told[0];
        assert_eq!((who.user, Some(who.means)), (hat.user(), hat.user().map(|user| actor(user).means)));
        Ok((who.on_behalf_of, is_for_the_bank))
    }

    fn refund(&self) -> Command {
        Command::Refund { transaction: self.paid.id, money: None }
    }

    fn reverse(&self) -> Command {
        Command::Reverse { transaction: self.paid.id }
    }

    fn release(&self) -> Command {
        Command::Release { transaction: self.held.id }
    }

    fn deposit(&self) -> Command {
        let cash = ChartCode::Cash.own_account(usd());
        Command::Transfer(order(TransactionType::Deposit, cash, self.accounts[1]))
    }
}

fn admin(user: UserId) -> Hat {
    Hat::Admin { user, is_fresh: true }
}

fn teller(user: UserId) -> Hat {
    Hat::Teller { user, is_fresh: true }
}

#[test]
fn an_administrator_acts_on_others_payments_for_the_bank_with_a_fresh_proof_only() {
    let (scene, user) = (Scene::new(), UserId::generate());
    for (command, owner) in
        [(scene.refund(), scene.payee), (scene.reverse(), scene.payee), (scene.release(), scene.payer)]
    {
        assert_eq!(scene.decide(command.clone(), admin(user)), Ok((Some(owner), true)), "{command:?}");
        let stale = scene.decide(command.clone(), Hat::Admin { user, is_fresh: false });
        assert_eq!(stale, Err(PowerRefusal::StaleProof.into()), "{command:?}");
        assert!(!stale.unwrap_err().is_kept());
    }
}

#[test]
fn a_program_of_an_administrator_reaches_their_own_payments_only() {
    let (scene, user) = (Scene::new(), UserId::generate());
    for command in [scene.refund(), scene.reverse(), scene.release()] {
        let transaction = command.subject().unwrap();
        let refused = scene.decide(command, Hat::Customer(user));
        assert_eq!(refused, Err(Refusal::NoSuchTransaction { transaction }));
    }
    let account = scene.accounts[1];
    let refused = scene.decide(scene.deposit(), Hat::Customer(user));
    assert_eq!(refused, Err(ledger::Refusal::NoSuchAccount { account }.into()));
}

#[test]
fn nobody_of_the_bank_acts_where_they_are_a_party() {
    let user = UserId::generate();
    let (pays, is_paid) = (Scene::between(user, UserId::generate()), Scene::between(UserId::generate(), user));
    for is_fresh in [true, false] {
        let hat = Hat::Admin { user, is_fresh };
        for (scene, command) in [(&pays, pays.refund()), (&pays, pays.reverse()), (&is_paid, is_paid.reverse())] {
            assert_eq!(scene.decide(command.clone(), hat), Err(PowerRefusal::OwnBusiness.into()), "{command:?}");
        }
    }
}

#[test]
fn what_the_bank_itself_was_a_party_to_nobody_of_the_bank_undoes_alone() {
    let (scene, user) = (Scene::new(), UserId::generate());
    let cash = ChartCode::Cash.own_account(usd());
    // A withdrawal, and what an import booked as a transfer to somewhere else.
    for kind in [TransactionType::Withdrawal, TransactionType::Transfer] {
        let mut desk = Desk::new(scene.book.clone(), []);
        let withdrawal = Command::Transfer(order(TransactionType::Withdrawal, scene.accounts[0], cash));
        let paid_out = Transaction { kind, ..desk.decide(&withdrawal, given(Hat::Customer(scene.payer))).unwrap() };
        let transaction = paid_out.id;
        let mut commands = vec![Command::Reverse { transaction }];
        commands.extend((kind == TransactionType::Transfer).then_some(Command::Refund { transaction, money: None }));
        for command in commands {
            let mut desk = Desk::new(scene.book.clone(), [paid_out.clone()]);
            let refused = desk.decide(&command, given(admin(user))).unwrap_err();
            assert_eq!(refused, Refusal::NeedsTwoPeople { transaction }, "{command:?}");
            assert!(!refused.is_kept());
        }
    }
    // What goes back to the bank is taken from a customer. Their own they still give back themselves.
    for kind in [TransactionType::Deposit, TransactionType::Transfer] {
        let mut desk = Desk::new(scene.book.clone(), []);
        let paid_in = Transaction { kind, ..desk.decide(&scene.deposit(), given(Hat::Customer(scene.payee))).unwrap() };
        let (transaction, after) = (paid_in.id, desk.into_changes().ledger);
        let book = || Book::new(after.accounts.iter().map(|change| change.after), []);
        let mut commands = vec![Command::Reverse { transaction }];
        commands.extend((kind == TransactionType::Transfer).then_some(Command::Refund { transaction, money: None }));
        for command in commands {
            let refused = Desk::new(book(), [paid_in.clone()]).decide(&command, given(admin(user))).unwrap_err();
            assert_eq!(refused, Refusal::NeedsTwoPeople { transaction }, "{command:?}");
        }
        if kind == TransactionType::Transfer {
            let refund = Command::Refund { transaction, money: None };
            assert!(Desk::new(book(), [paid_in]).decide(&refund, given(Hat::Customer(scene.payee))).is_ok());
        }
    }
}

#[test]
fn what_everybody_may_do_with_what_is_theirs_staff_may_too_and_without_staff_power() {
    let user = UserId::generate();
    let (pays, is_paid) = (Scene::between(user, UserId::generate()), Scene::between(UserId::generate(), user));
    for hat in [Hat::Customer(user), Hat::Teller { user, is_fresh: false }, Hat::Admin { user, is_fresh: false }] {
        for (scene, command) in [
            (&is_paid, is_paid.refund()),
            (&is_paid, is_paid.release()),
            (&pays, pays.release()),
            (&is_paid, Command::Capture { transaction: is_paid.held.id, money: None }),
            (&is_paid, is_paid.deposit()),
            (&pays, Command::Transfer(order(TransactionType::Payment, pays.accounts[0], pays.accounts[1]))),
        ] {
            assert_eq!(scene.decide(command.clone(), hat), Ok((None, false)), "{hat:?} {command:?}");
        }
    }
}

#[test]
fn a_teller_takes_in_cash_for_customers_and_is_told_plainly_what_they_may_not() {
    let (scene, user) = (Scene::new(), UserId::generate());
    assert_eq!(scene.decide(scene.deposit(), teller(user)), Ok((Some(scene.payee), true)));
    let stale = scene.decide(scene.deposit(), Hat::Teller { user, is_fresh: false });
    assert_eq!(stale, Err(PowerRefusal::StaleProof.into()));
    for (command, reason) in [
        (scene.refund(), "only the receiver of a payment or an administrator can refund it"),
        (scene.reverse(), "only an administrator can reverse a transaction"),
        (scene.release(), "only the parties to a hold, or an administrator, can release it"),
        (Command::Capture { transaction: scene.held.id, money: None }, "only the parties to a hold can capture it"),
    ] {
        assert_eq!(scene.decide(command, teller(user)), Err(Refusal::NotAllowed { reason }));
    }
}

#[test]
fn each_change_in_a_batch_names_who_made_it_and_the_last_one_is_stored() {
    let (scene, user) = (Scene::new(), UserId::generate());
    let mut desk = Desk::new(scene.book.clone(), [scene.held.clone()]);
    let capture = Command::Capture { transaction: scene.held.id, money: None };
    desk.decide(&capture, given(Hat::Customer(scene.payee))).unwrap();
    let refund = Command::Refund { transaction: scene.held.id, money: None };
    let refunded = desk.decide(&refund, given(admin(user))).unwrap();
    let changed = desk.into_changes().changed;
    let users: Vec<_> = changed.iter().map(|change| change.by.actor.unwrap().user).collect();
    assert_eq!(users, [Some(scene.payee), Some(user)]);
    let last = &changed[1].after;
    assert_eq!((last.status, last.counter), (TransactionStatus::Settled, Some(refunded.id)));
}
