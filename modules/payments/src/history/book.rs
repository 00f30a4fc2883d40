//! Booking a history, a chunk of rows at a time, inside one transaction.

use super::{Ending, Fingerprint, HistoryError, HistoryReport, HistoryRow, store};
use crate::transaction::store as transactions;
use crate::{Side, Transaction, TransactionStatus};
use accounts::{AccountKind, AccountName, NewAccount};
use clock::Moment;
use db::{BankTime, Db, Rows, Statement, Tx};
use ids::{AccountId, EntryId, TransactionId, UserId};
use ledger::{Account, Book, EntryDraft, Leg, Limits};
use money::{Currency, Money};
use outbox::Actor;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// A history has happened; a few days are for what is under way, and for calendars elsewhere.
const DAYS_AHEAD_MAX: i64 = 7;

pub(super) struct Importer {
    tx: Tx,
    owner: Option<UserId>,
    now: Moment,
    accounts: HashMap<String, AccountId>,
    currencies: HashSet<Currency>,
    report: HistoryReport,
    /// How many identifiers were made.
    made: u64,
}

impl Importer {
    pub(super) async fn begin(db: &Db, owner: Option<UserId>, now: Moment) -> Result<Self, HistoryError> {
        let tx = db.begin().await?;
        tx.allow_long_statements().await?;
        let (accounts, currencies) = (HashMap::new(), HashSet::new());
        Ok(Self { tx, owner, now, accounts, currencies, report: HistoryReport::default(), made: 0 })
    }

    pub(super) async fn end(self, ending: Ending) -> Result<HistoryReport, db::DbError> {
        match ending {
            Ending::Commit => self.tx.commit().await?,
            Ending::RollBack => self.tx.rollback().await?,
        }
        Ok(self.report)
    }

    /// Books the rows of a chunk that are not booked yet; gives what is to be written for them.
    pub(super) async fn book(
        &mut self,
        rows: Vec<(HistoryRow, Fingerprint)>,
    ) -> Result<Vec<(&'static Statement, Rows)>, HistoryError> {
        let new = self.without_booked(rows).await?;
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let opened = self.open_accounts(&new).await?;
        let mut book = self.load(&new, opened).await?;
        let mut booked = Vec::with_capacity(new.len());
        for (row, fingerprint) in &new {
            let transaction = self.post(&mut book, row)?;
            booked.push((row, fingerprint, transaction));
        }
        self.report.booked += booked.len() as u64;
        let imported = booked.iter().map(|(row, fingerprint, transaction)| store::Imported {
            external_id: row.external_id.clone(),
            fingerprint: (*fingerprint).clone(),
            transaction: transaction.id,
        });
        let imported = store::INSERT_IMPORTED.rows(imported);
        let inserted = transactions::insert(booked.iter().map(|(_, _, transaction)| transaction));
        let mut writes = ledger::writes(&book.into_changes());
        writes.extend([inserted, imported]);
        Ok(writes)
    }

    pub(super) async fn write(&self, writes: Vec<(&'static Statement, Rows)>) -> Result<(), db::DbError> {
        self.tx.write(writes).await
    }

    /// Leaves the rows that are new. The same row again is passed over; another row under a
    /// known external id is an error.
    async fn without_booked(
        &mut self,
        rows: Vec<(HistoryRow, Fingerprint)>,
    ) -> Result<Vec<(HistoryRow, Fingerprint)>, HistoryError> {
        let external_ids = rows.iter().map(|(row, _)| row.external_id.as_str());
        let mut known: HashMap<String, Fingerprint> = store::imported(&self.tx, external_ids).await?;
        let mut new = Vec::with_capacity(rows.len());
        for (row, fingerprint) in rows {
            match known.get(&row.external_id) {
                Some(booked) if *booked == fingerprint => self.report.already_there += 1,
                Some(_) => {
                    let reason = format!("external_id {:?} is booked already, with other contents", row.external_id);
                    return Err(HistoryError::Row { line: row.line, reason });
                }
                None => {
                    known.insert(row.external_id.clone(), fingerprint.clone());
                    new.push((row, fingerprint));
                }
            }
        }
        Ok(new)
    }

    /// Finds or opens the customers' accounts, and the bank's own of each currency; gives the customers' that are new.
    async fn open_accounts(&mut self, rows: &[(HistoryRow, Fingerprint)]) -> Result<Vec<Account>, HistoryError> {
        for (row, _) in rows {
            if self.currencies.insert(row.money.currency()) {
                ledger::open_own_accounts_in_tx(&self.tx, row.money.currency(), self.now.bank).await?;
            }
        }
        let mut unknown: HashMap<&str, &HistoryRow> = HashMap::new();
        for (row, _) in rows {
            if !self.accounts.contains_key(&row.account) {
                unknown.entry(&row.account).or_insert(row);
            }
        }
        let references: Vec<String> = unknown.keys().map(|reference| (*reference).to_owned()).collect();
        let found = accounts::by_external_refs(&self.tx, &references).await?;
        unknown.retain(|reference, _| !found.contains_key(*reference));
        self.accounts.extend(found);
        let new = unknown.values().map(|row| self.new_account(row)).collect::<Result<Vec<_>, _>>()?;
        let act = Actor::COMMAND_LINE.does(self.now.wall);
        let opened = accounts::open_many_in_tx(&self.tx, &new, self.now.bank, act).await?;
        self.report.accounts_opened += opened.len() as u64;
        for (account, opened) in new.into_iter().zip(&opened) {
            self.accounts.extend(account.external_ref.map(|reference| (reference, opened.id)));
        }
        Ok(opened)
    }

    fn new_account(&self, row: &HistoryRow) -> Result<NewAccount, HistoryError> {
        let name = AccountName::of_reference(&row.account)
            .map_err(|error| HistoryError::Row { line: row.line, reason: format!("account: {error}") })?;
        Ok(NewAccount {
            user_id: self.owner,
            name: Some(name),
            kind: AccountKind::Checking,
            currency: row.money.currency(),
            external_ref: Some(row.account.clone()),
        })
    }

    async fn load(&self, rows: &[(HistoryRow, Fingerprint)], opened: Vec<Account>) -> Result<Book, HistoryError> {
        let contra = |row: &HistoryRow| row.category.contra(row.money.minor() > 0).0.own_account(row.money.currency());
        let mut touched: Vec<AccountId> = rows
            .iter()
            .flat_map(|(row, _)| [self.accounts.get(&row.account).copied(), Some(contra(row))])
            .flatten()
            .collect();
        touched.sort_unstable();
        touched.dedup();
        // Nobody else sees these yet.
        let opened: HashMap<AccountId, Account> = opened.into_iter().map(|account| (account.id, account)).collect();
        touched.retain(|account| !opened.contains_key(account));
        let locked = ledger::lock_accounts_in_tx(&self.tx, &touched).await?;
        Ok(Book::new(locked.into_iter().chain(opened.into_values()), []))
    }

    /// When the movement was made, as far as the file tells, and an identifier of that time: lists, which go by
    /// identifiers, show a history by its value dates. Those of one day keep the order of the file.
    fn dated(&mut self, row: &HistoryRow) -> Result<(TransactionId, BankTime), HistoryError> {
        let at = BankTime::from_unix_micros(i64::from(row.value_date.unix_days()) * MICROS_PER_DAY);
        if at > self.now.bank.plus_seconds(DAYS_AHEAD_MAX * 86_400) {
            let reason = format!("value_date is more than {DAYS_AHEAD_MAX} days ahead");
            return Err(HistoryError::Row { line: row.line, reason });
        }
        let at = at.min(self.now.bank);
        let millis = u64::try_from(at.unix_micros().div_euclid(1_000)).unwrap_or_default();
        // 52 bits of a number that rises from run to run and row to row, before 22 random ones.
        let number = (self.now.wall.unix_micros().unsigned_abs() + self.made) & ((1 << 52) - 1);
        self.made += 1;
        let random = u128::from(TransactionId::generate().uuid().as_u64_pair().1 & ((1 << 22) - 1));
        let below = (u128::from(number) << 22) | random;
        let (high, low) = (below >> 62, below & ((1 << 62) - 1));
        let uuid = (u128::from(millis) << 80) | (7 << 76) | (high << 64) | (0b10 << 62) | low;
        Ok((TransactionId::from_uuid(Uuid::from_u128(uuid)), at))
    }

    fn post(&mut self, book: &mut Book, row: &HistoryRow) -> Result<Transaction, HistoryError> {
        let (id, made_at) = self.dated(row)?;
        let wrong = |refusal: ledger::Refusal| HistoryError::Row { line: row.line, reason: refusal.to_string() };
        let amount_minor = row.money.minor();
        let (chart, kind) = row.category.contra(amount_minor > 0);
        let contra = chart.own_account(row.money.currency());
        let account = *self.accounts.get(&row.account).expect("every account of a chunk was found or opened before");
        let (source, destination) = if amount_minor > 0 { (contra, account) } else { (account, contra) };
        if book.account(account).map_err(wrong)?.currency != row.money.currency() {
            return Err(wrong(ledger::Refusal::CurrencyMismatch { account }));
        }
        let too_large = ledger::Refusal::BalanceTooLarge { account, currency: row.money.currency() };
        let minor = amount_minor.checked_abs().ok_or_else(|| wrong(too_large))?;
        let legs = EntryDraft::transfer_legs(source, destination, minor);
        let draft = EntryDraft {
            id: EntryId::from_uuid(id.uuid()),
            kind: kind.word(),
            description: row.description.clone(),
            legs: legs.into_iter().map(|leg| Leg { limits: Limits::History, ..leg }).collect(),
            value_date: row.value_date,
        };
        book.post(draft, self.now.bank).map_err(wrong)?;
        Ok(Transaction {
            id,
            kind,
            status: TransactionStatus::Settled,
            status_reason: None,
            source: Side::of(book.account(source).map_err(wrong)?),
            destination: Side::of(book.account(destination).map_err(wrong)?),
            money: Money::new(minor, row.money.currency()),
            captured_minor: None,
            refunded_minor: 0,
            description: row.description.clone(),
            metadata: Some(metadata(row)),
            original: None,
            counter: None,
            value_date: row.value_date,
            created_at: made_at,
            settled_at: Some(self.now.bank),
            expires_at: None,
            started_by: Some(Actor::COMMAND_LINE.on_behalf_of(self.owner)),
            booked: None,
        })
    }
}

fn metadata(row: &HistoryRow) -> String {
    let fields = [("externalId", row.external_id.as_str()), ("counterparty", &row.counterparty)];
    let fields: serde_json::Map<String, serde_json::Value> = fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    serde_json::Value::Object(fields).to_string()
}
