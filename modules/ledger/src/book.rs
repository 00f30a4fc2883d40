//! The pure heart: balances in memory, the movements applied to them one after the other, and what has to be
//! stored because of it. No clock, no database, no randomness. A refused movement leaves no trace.

use crate::{Account, Entry, EntryDraft, Hold, Leg, Limits, Posting, Refusal};
use db::BankTime;
use ids::{AccountId, HoldId};
use money::Currency;
use std::collections::HashMap;

/// The accounts and holds that a batch of movements touches, and what changed.
#[derive(Clone, Debug, Default)]
pub struct Book {
    accounts: HashMap<AccountId, Account>,
    holds: HashMap<HoldId, Hold>,
    entries: Vec<Entry>,
    postings: Vec<Posting>,
    /// What stood there before each change, newest last: how a savepoint finds its way back.
    undo: Vec<Undo>,
}

#[derive(Clone, Debug)]
enum Undo {
    Account(Account),
    Hold(HoldId, Option<Hold>),
}

/// A point to return to when a group of movements must happen as one.
#[derive(Clone, Copy, Debug)]
pub struct Savepoint {
    entries: usize,
    postings: usize,
    undo: usize,
}

/// An account that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// As it was loaded: what was decided assumes that it is still so.
    pub before: Account,
    /// As it is now.
    pub after: Account,
}

/// Everything that has to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Accounts that moved.
    pub accounts: Vec<AccountChange>,
    /// Holds that are new.
    pub new_holds: Vec<Hold>,
    /// Holds that had been stored before and changed.
    pub closed_holds: Vec<Hold>,
    /// New entries.
    pub entries: Vec<Entry>,
    /// Their postings.
    pub postings: Vec<Posting>,
}

impl Book {
    /// A book of the loaded accounts and holds.
    pub fn new(accounts: impl IntoIterator<Item = Account>, holds: impl IntoIterator<Item = Hold>) -> Self {
        Self {
            accounts: accounts.into_iter().map(|account| (account.id, account)).collect(),
            holds: holds.into_iter().map(|hold| (hold.id, hold)).collect(),
            ..Self::default()
        }
    }

    /// An account as it is after everything applied so far.
    ///
    /// # Errors
    /// It was not loaded, because it does not exist.
    pub fn account(&self, id: AccountId) -> Result<&Account, Refusal> {
        self.accounts.get(&id).ok_or(Refusal::NoSuchAccount { account: id })
    }

    /// A hold as it is after everything applied so far.
    ///
    /// # Errors
    /// It was not loaded, because it does not exist.
    pub fn hold(&self, id: HoldId) -> Result<&Hold, Refusal> {
        self.holds.get(&id).ok_or(Refusal::NoSuchHold { hold: id })
    }

    /// Books an entry.
    ///
    /// # Errors
    /// The entry is not balanced, or an account does not allow it.
    pub fn post(&mut self, draft: EntryDraft, now: BankTime) -> Result<(), Refusal> {
        self.post_legs(draft, now, None)
    }

    /// Sets money aside.
    ///
    /// # Errors
    /// The hold sets nothing aside or is there already, or the account is not active or its available balance does
    /// not cover the amount.
    pub fn place_hold(&mut self, hold: Hold) -> Result<(), Refusal> {
        if hold.amount_minor <= 0 {
            return Err(Refusal::NothingHeld);
        }
        if self.holds.contains_key(&hold.id) {
            return Err(Refusal::HoldTaken { hold: hold.id });
        }
        let mut account = *self.account(hold.account)?;
        account.require_active()?;
        account.held_minor = account
            .held_minor
            .checked_add(hold.amount_minor)
            .ok_or(Refusal::BalanceTooLarge { account: account.id, currency: account.currency })?;
        account.require_within_limit(hold.amount_minor)?;
        self.set_account(account);
        self.set_hold(hold);
        Ok(())
    }

    /// Takes the captured part of a hold by the given entry and gives back the rest.
    /// Held money is spoken for: no limit can refuse it now.
    ///
    /// # Errors
    /// The hold is not open, holds less or is not touched, or another account of the entry does not allow it.
    pub fn capture_hold(&mut self, id: HoldId, draft: EntryDraft, now: BankTime) -> Result<(), Refusal> {
        let held = *self.hold(id)?;
        let legs = draft.legs.iter().filter(|leg| leg.account == held.account);
        let currency = self.account(held.account)?.currency;
        let captured = held.captured(legs.map(|leg| -i128::from(leg.amount_minor)).sum(), currency, now)?;
        let savepoint = self.savepoint();
        self.close_hold(captured)?;
        self.post_legs(draft, now, Some(held.account)).inspect_err(|_| self.roll_back_to(savepoint))
    }

    /// Gives held money back.
    ///
    /// # Errors
    /// The hold is not open.
    pub fn release_hold(&mut self, id: HoldId, now: BankTime) -> Result<(), Refusal> {
        let released = self.hold(id)?.released(now)?;
        self.close_hold(released)
    }

    /// Gives held money back because its time is over.
    ///
    /// # Errors
    /// The hold is not open, or its time is not over.
    pub fn expire_hold(&mut self, id: HoldId, now: BankTime) -> Result<(), Refusal> {
        let expired = self.hold(id)?.expired(now)?;
        self.close_hold(expired)
    }

    /// Marks where things stand.
    pub fn savepoint(&self) -> Savepoint {
        Savepoint { entries: self.entries.len(), postings: self.postings.len(), undo: self.undo.len() }
    }

    /// Takes back everything since the savepoint.
    pub fn roll_back_to(&mut self, savepoint: Savepoint) {
        self.entries.truncate(savepoint.entries);
        self.postings.truncate(savepoint.postings);
        for undo in self.undo.drain(savepoint.undo..).rev() {
            match undo {
                Undo::Account(account) => drop(self.accounts.insert(account.id, account)),
                Undo::Hold(id, Some(hold)) => drop(self.holds.insert(id, hold)),
                Undo::Hold(id, None) => drop(self.holds.remove(&id)),
            }
        }
    }

    /// What has to be stored.
    pub fn into_changes(self) -> Changes {
        let mut changes = Changes { entries: self.entries, postings: self.postings, ..Changes::default() };
        let mut seen = std::collections::HashSet::new();
        for undo in &self.undo {
            match undo {
                Undo::Account(before) if seen.insert(before.id.uuid()) => {
                    let after = self.accounts.get(&before.id);
                    changes.accounts.extend(after.map(|after| AccountChange { before: *before, after: *after }));
                }
                // A hold has an identifier of another kind: it cannot be mistaken for an account's.
                Undo::Hold(id, before) if seen.insert(id.uuid()) => {
                    let side = if before.is_some() { &mut changes.closed_holds } else { &mut changes.new_holds };
                    side.extend(self.holds.get(id));
                }
                Undo::Account(_) | Undo::Hold(..) => {}
            }
        }
        changes
    }

    /// The limit of the account whose held money is captured does not count: it was checked for the hold.
    fn post_legs(&mut self, draft: EntryDraft, now: BankTime, captured: Option<AccountId>) -> Result<(), Refusal> {
        self.require_balanced(&draft.legs)?;
        let savepoint = self.savepoint();
        for leg in &draft.legs {
            let posted = self.post_leg(*leg, &draft, now).and_then(|()| self.require_allowed(*leg, captured));
            if let Err(refusal) = posted {
                self.roll_back_to(savepoint);
                return Err(refusal);
            }
        }
        let sides = i64::try_from(draft.legs.len()).map_err(|_| Refusal::Unbalanced)?;
        let EntryDraft { id, kind, description, value_date, .. } = draft;
        self.entries.push(Entry { id, kind: kind.to_owned(), description, value_date, booked_at: now, sides });
        Ok(())
    }

    fn post_leg(&mut self, leg: Leg, draft: &EntryDraft, now: BankTime) -> Result<(), Refusal> {
        let mut account = *self.account(leg.account)?;
        let too_large = Refusal::BalanceTooLarge { account: account.id, currency: account.currency };
        account.posted_minor = account.posted_minor.checked_add(leg.amount_minor).ok_or(too_large)?;
        account.sequence += 1;
        self.set_account(account);
        self.postings.push(Posting {
            account: account.id,
            sequence: account.sequence,
            entry: draft.id,
            currency: account.currency,
            amount_minor: leg.amount_minor,
            balance_minor: account.posted_minor,
            value_date: draft.value_date,
            booked_at: now,
            is_late: crate::entry::is_off_time(draft.id, now),
        });
        Ok(())
    }

    /// Whether the account, with the leg posted, allows it.
    fn require_allowed(&self, leg: Leg, captured: Option<AccountId>) -> Result<(), Refusal> {
        if leg.limits == Limits::History {
            return Ok(());
        }
        let account = self.account(leg.account)?;
        account.require_active()?;
        if leg.limits == Limits::Enforced && leg.amount_minor < 0 && captured != Some(leg.account) {
            account.require_within_limit(leg.amount_minor.saturating_neg())?;
        }
        Ok(())
    }

    fn require_balanced(&self, legs: &[Leg]) -> Result<(), Refusal> {
        if legs.len() < 2 || legs.iter().any(|leg| leg.amount_minor == 0) {
            return Err(Refusal::Unbalanced);
        }
        let mut sums: Vec<(Currency, i128)> = Vec::with_capacity(1);
        for leg in legs {
            let currency = self.account(leg.account)?.currency;
            match sums.iter_mut().find(|(known, _)| *known == currency) {
                Some((_, sum)) => *sum += i128::from(leg.amount_minor),
                None => sums.push((currency, i128::from(leg.amount_minor))),
            }
        }
        if sums.iter().all(|(_, sum)| *sum == 0) { Ok(()) } else { Err(Refusal::Unbalanced) }
    }

    fn close_hold(&mut self, closed: Hold) -> Result<(), Refusal> {
        let mut account = *self.account(closed.account)?;
        account.held_minor -= closed.amount_minor;
        debug_assert!(account.held_minor >= 0, "open holds never exceed what is held");
        self.set_account(account);
        self.set_hold(closed);
        Ok(())
    }

    fn set_account(&mut self, account: Account) {
        if let Some(before) = self.accounts.insert(account.id, account) {
            self.undo.push(Undo::Account(before));
        }
    }

    fn set_hold(&mut self, hold: Hold) {
        let before = self.holds.insert(hold.id, hold);
        self.undo.push(Undo::Hold(hold.id, before));
    }
}
