//! How a name, a status and an overdraft limit may change, and who may change them: plain functions from an account to the
//! account after it.

use crate::events::Happening;
use crate::{AccountName, AccountView, AccountsError, Hat, Result};
use ids::UserId;
use ledger::{Account, AccountStatus};

/// What somebody wants changed in an account; `None` leaves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Another name.
    pub name: Option<AccountName>,
    /// Other terms.
    pub terms: TermsChange,
}

/// What is to change in the terms of an account; `None` leaves as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TermsChange {
    /// Active and frozen change into each other; closed is final.
    pub status: Option<AccountStatus>,
    /// How far below zero the available balance may go.
    pub overdraft: Option<OverdraftChange>,
}

/// A new overdraft limit, in minor units, by how many people stand behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverdraftChange {
    /// One: it may only lower the limit.
    Lower(i64),
    /// Two: it may also raise it.
    Approved(i64),
}

impl TermsChange {
    pub(crate) const CLOSING: Self = Self { status: Some(AccountStatus::Closed), overdraft: None };
}

/// An account after a change, and what happened to it; nothing happened: nothing changed.
pub(crate) type Changed = (AccountView, Vec<Happening>);

/// Does what whoever wears the hat asks for, if they may: the terms first and the name second, all or nothing.
pub(crate) fn asked(account: &AccountView, change: &AccountChange, hat: Hat) -> Result<Changed> {
    require_known(account, hat)?;
    if change.terms.status.is_some() {
        let is_served = matches!(hat, Hat::Teller { .. } | Hat::Admin { .. } | Hat::Bank);
        require_power(account, hat, is_served, "only staff may change the status")?;
    }
    if change.terms.overdraft.is_some() {
        let reason = "only an administrator may change the overdraft limit";
        require_power(account, hat, matches!(hat, Hat::Admin { .. } | Hat::Bank), reason)?;
    }
    if change.name.is_some() {
        require_owner_or_power(account, hat)?;
    }
    let (mut after, mut happenings) = changed(account, change.terms)?;
    if let Some(name) = &change.name {
        let (named, more) = renamed(&after, name)?;
        after = named;
        happenings.extend(more);
    }
    Ok((after, happenings))
}

/// Closes the account, if whoever wears the hat may.
pub(crate) fn closed(account: &AccountView, hat: Hat) -> Result<Changed> {
    require_known(account, hat)?;
    require_owner_or_power(account, hat)?;
    changed(account, TermsChange::CLOSING)
}

/// Others' accounts look as if they were not there.
fn require_known(account: &AccountView, hat: Hat) -> Result<()> {
    if hat.sees_all() || hat.owns(account.user_id) {
        return Ok(());
    }
    Err(AccountsError::NotFound { account: account.id })
}

/// Its owner does it as everybody may with what is theirs; for anybody else it takes an administrator.
fn require_owner_or_power(account: &AccountView, hat: Hat) -> Result<()> {
    if hat.owns(account.user_id) {
        return Ok(());
    }
    let reason = "only its owner or an administrator may name or close an account";
    require_power(account, hat, matches!(hat, Hat::Admin { .. } | Hat::Bank), reason)
}

/// Staff power over the account, for hats that have it.
fn require_power(account: &AccountView, hat: Hat, has_it: bool, reason: &'static str) -> Result<()> {
    if !has_it {
        return Err(AccountsError::NotAllowed { reason });
    }
    Ok(hat.require_power(&[account.user_id])?)
}

/// Gives the account another name.
pub(crate) fn renamed(account: &AccountView, name: &AccountName) -> Result<Changed> {
    if account.name == *name {
        return Ok((account.clone(), Vec::new()));
    }
    require_open(&account.ledger)?;
    let happening = Happening::Renamed { former_name: account.name.clone() };
    Ok((AccountView { name: name.clone(), ..account.clone() }, vec![happening]))
}

/// Changes the limit first and the status second: both or neither.
pub(crate) fn changed(account: &AccountView, change: TermsChange) -> Result<Changed> {
    let mut after = account.clone();
    let mut happenings = Vec::new();
    if let Some(overdraft) = change.overdraft {
        happenings.extend(set_overdraft_limit(&mut after.ledger, overdraft)?);
    }
    if let Some(status) = change.status {
        happenings.extend(set_status(&mut after.ledger, status)?);
    }
    Ok((after, happenings))
}

/// Gives an account to its owner, once.
pub(crate) fn owned(account: &AccountView, user_id: UserId) -> Result<Changed> {
    match account.user_id {
        Some(owner) if owner == user_id => return Ok((account.clone(), Vec::new())),
        Some(_) => return Err(AccountsError::HasOwner { account: account.id }),
        None => require_open(&account.ledger)?,
    }
    let mut after = AccountView { user_id: Some(user_id), ..account.clone() };
    after.ledger.holder_id = Some(user_id.uuid());
    Ok((after, vec![Happening::OwnerAssigned]))
}

fn set_overdraft_limit(account: &mut Account, change: OverdraftChange) -> Result<Option<Happening>> {
    let (OverdraftChange::Lower(limit_minor) | OverdraftChange::Approved(limit_minor)) = change;
    let former_limit_minor = account.overdraft_limit_minor;
    if former_limit_minor == Some(limit_minor) {
        return Ok(None);
    }
    require_open(account)?;
    if limit_minor < 0 {
        return Err(AccountsError::NegativeOverdraftLimit);
    }
    let lowered = former_limit_minor.is_none_or(|former_minor| limit_minor < former_minor);
    if !lowered && matches!(change, OverdraftChange::Lower(_)) {
        return Err(AccountsError::RaiseNeedsApproval { account: account.id });
    }
    account.overdraft_limit_minor = Some(limit_minor);
    if lowered && !account.is_within_limit() {
        let used_minor = account.available_minor().saturating_neg();
        return Err(AccountsError::OverdraftInUse { account: account.id, used_minor });
    }
    Ok(Some(Happening::OverdraftChanged { former_limit_minor }))
}

fn set_status(account: &mut Account, status: AccountStatus) -> Result<Option<Happening>> {
    let happening = match (account.status, status) {
        (from, to) if from == to => return Ok(None),
        (AccountStatus::Closed, _) => return Err(AccountsError::Closed { account: account.id }),
        (_, AccountStatus::Frozen) => Happening::Frozen,
        (_, AccountStatus::Active) => Happening::Unfrozen,
        (AccountStatus::Frozen, AccountStatus::Closed) => return Err(AccountsError::Frozen { account: account.id }),
        (_, AccountStatus::Closed) => {
            require_empty(account)?;
            Happening::Closed
        }
    };
    account.status = status;
    Ok(Some(happening))
}

fn require_open(account: &Account) -> Result<()> {
    match account.status {
        AccountStatus::Closed => Err(AccountsError::Closed { account: account.id }),
        AccountStatus::Active | AccountStatus::Frozen => Ok(()),
    }
}

fn require_empty(account: &Account) -> Result<()> {
    let Account { id, posted_minor, held_minor, .. } = *account;
    if posted_minor == 0 && held_minor == 0 {
        Ok(())
    } else {
        Err(AccountsError::NotEmpty { account: id, posted_minor, held_minor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountKind, NewAccount, PowerRefusal};
    use AccountStatus::{Active, Closed, Frozen};
    use db::{BankTime, WallTime};
    use money::Currency;
    use proptest::prelude::*;

    fn account(status: AccountStatus) -> AccountView {
        let new = NewAccount {
            user_id: None,
            name: Some(name("Rainy days")),
            kind: AccountKind::Savings,
            currency: Currency::parse("USD").unwrap(),
            external_ref: None,
        };
        let mut account = new.opened(BankTime::from_unix_micros(0), WallTime::from_unix_micros(0));
        account.ledger.status = status;
        account
    }

    fn name(text: &str) -> AccountName {
        AccountName::parse(text).unwrap()
    }

    fn to(status: AccountStatus) -> TermsChange {
        TermsChange { status: Some(status), ..TermsChange::default() }
    }

    fn limit(limit_minor: i64) -> TermsChange {
        TermsChange { overdraft: Some(OverdraftChange::Approved(limit_minor)), ..TermsChange::default() }
    }

    #[test]
    fn statuses_change_as_the_table_says() {
        let table = [
            (Active, Active, Ok(vec![])),
            (Active, Frozen, Ok(vec![Happening::Frozen])),
            (Active, Closed, Ok(vec![Happening::Closed])),
            (Frozen, Active, Ok(vec![Happening::Unfrozen])),
            (Frozen, Frozen, Ok(vec![])),
            (Frozen, Closed, Err("the account is frozen")),
            (Closed, Active, Err("the account is closed")),
            (Closed, Frozen, Err("the account is closed")),
            (Closed, Closed, Ok(vec![])),
        ];
        for (from, into, expected) in table {
            let outcome = changed(&account(from), to(into));
            let happenings = outcome.as_ref().map(|(_, happenings)| happenings.clone());
            assert_eq!(
                happenings.map_err(ToString::to_string),
                expected.map_err(str::to_owned),
                "{from:?} to {into:?}"
            );
            assert!(outcome.is_err() || outcome.unwrap().0.ledger.status == into);
        }
    }

    #[test]
    fn an_account_with_money_or_holds_is_not_closed() {
        for (posted_minor, held_minor) in [(1, 0), (-1, 0), (0, 1), (5, 5)] {
            let mut full = account(Active);
            (full.ledger.posted_minor, full.ledger.held_minor) = (posted_minor, held_minor);
            let refusal = AccountsError::NotEmpty { account: full.id, posted_minor, held_minor };
            assert_eq!(changed(&full, to(Closed)), Err(refusal));
        }
    }

    #[test]
    fn an_overdraft_limit_is_not_lowered_below_what_is_used() {
        let mut overdrawn = changed(&account(Active), limit(500)).unwrap().0;
        (overdrawn.ledger.posted_minor, overdrawn.ledger.held_minor) = (-200, 100);
        let refusal = AccountsError::OverdraftInUse { account: overdrawn.id, used_minor: 300 };
        assert_eq!(changed(&overdrawn, limit(299)), Err(refusal));
        let (lowered, happenings) = changed(&overdrawn, limit(300)).unwrap();
        assert_eq!(lowered.ledger.overdraft_limit_minor, Some(300));
        assert_eq!(happenings, [Happening::OverdraftChanged { former_limit_minor: Some(500) }]);
    }

    #[test]
    fn raising_the_limit_of_an_account_that_is_past_it_is_allowed() {
        let mut overdrawn = account(Active);
        overdrawn.ledger.posted_minor = -1000;
        assert_eq!(changed(&overdrawn, limit(600)).unwrap().0.ledger.overdraft_limit_minor, Some(600));
    }

    #[test]
    fn one_person_lowers_a_limit_and_two_raise_it() {
        let account = changed(&account(Active), limit(500)).unwrap().0;
        let alone = |limit_minor| TermsChange {
            overdraft: Some(OverdraftChange::Lower(limit_minor)),
            ..TermsChange::default()
        };
        let lowered = changed(&account, alone(499)).unwrap().0;
        assert_eq!(lowered.ledger.overdraft_limit_minor, Some(499));
        assert_eq!(changed(&account, alone(500)), Ok((account.clone(), Vec::new())));
        let refusal = AccountsError::RaiseNeedsApproval { account: account.id };
        assert_eq!(changed(&account, alone(501)), Err(refusal));
    }

    #[test]
    fn an_account_gets_its_owner_once() {
        let account = account(Active);
        let unowned = AccountView { user_id: None, ..account.clone() };
        let (owner, other) = (UserId::generate(), UserId::generate());
        let (after, happenings) = owned(&unowned, owner).unwrap();
        assert_eq!((after.user_id, after.ledger.holder_id), (Some(owner), Some(owner.uuid())));
        assert_eq!(happenings, [Happening::OwnerAssigned]);
        assert_eq!(owned(&after, owner), Ok((after.clone(), Vec::new())));
        assert_eq!(owned(&after, other), Err(AccountsError::HasOwner { account: account.id }));
    }

    #[test]
    fn a_negative_limit_is_refused() {
        assert_eq!(changed(&account(Active), limit(-1)), Err(AccountsError::NegativeOverdraftLimit));
    }

    #[test]
    fn a_closed_account_keeps_its_name_and_limit() {
        let closed = account(Closed);
        let refusal = AccountsError::Closed { account: closed.id };
        assert_eq!(renamed(&closed, &name("Other")), Err(refusal.clone()));
        assert_eq!(changed(&closed, limit(1)), Err(refusal));
    }

    #[test]
    fn a_frozen_account_may_get_another_name_and_limit() {
        let frozen = account(Frozen);
        let (after, happenings) = renamed(&frozen, &name("Other")).unwrap();
        assert_eq!((after.name, happenings.len()), (name("Other"), 1));
        assert!(changed(&frozen, limit(1)).is_ok());
    }

    #[test]
    fn who_may_change_what_goes_by_the_hat_the_owner_and_the_proof() {
        let (owner, other) = (UserId::generate(), UserId::generate());
        let account = AccountView { user_id: Some(owner), ..account(Active) };
        let frozen = AccountChange { name: None, terms: to(Frozen) };
        let lowered = TermsChange { status: None, overdraft: Some(OverdraftChange::Lower(0)) };
        let lowered = AccountChange { name: None, terms: lowered };
        let named = AccountChange { name: Some(name("Other")), terms: TermsChange::default() };
        let refused = |change: &AccountChange, hat| asked(&account, change, hat).err().map(|error| error.to_string());
        let (stale, party) = (PowerRefusal::StaleProof.to_string(), PowerRefusal::OwnBusiness.to_string());
        for change in [&frozen, &lowered, &named] {
            assert_eq!(refused(change, Hat::Customer(other)), Some("account not found".to_owned()));
            assert_eq!(refused(change, Hat::Admin { user: other, is_fresh: true }), None);
            assert_eq!(refused(change, Hat::Admin { user: other, is_fresh: false }), Some(stale.clone()));
        }
        for (change, word) in [(&frozen, "staff"), (&lowered, "administrator")] {
            assert!(refused(change, Hat::Customer(owner)).unwrap().contains(word));
            assert_eq!(refused(change, Hat::Admin { user: owner, is_fresh: true }), Some(party.clone()));
        }
        let teller = |user| Hat::Teller { user, is_fresh: true };
        assert_eq!(refused(&frozen, teller(other)), None);
        assert_eq!(refused(&frozen, teller(owner)), Some(party));
        assert!(refused(&lowered, teller(other)).is_some() && refused(&named, teller(other)).is_some());
        for hat in [Hat::Customer(owner), teller(owner), Hat::Admin { user: owner, is_fresh: false }] {
            assert_eq!(refused(&named, hat), None);
            assert!(closed(&account, hat).is_ok());
        }
        assert!(closed(&account, teller(other)).is_err());
        assert!(closed(&account, Hat::Admin { user: other, is_fresh: false }).is_err());
        assert!(closed(&account, Hat::Admin { user: other, is_fresh: true }).is_ok());
    }

    proptest! {
        #[test]
        fn a_change_twice_is_the_change_once(
            status in prop::sample::select(vec![None, Some(Active), Some(Frozen), Some(Closed)]),
            from in prop::sample::select(vec![Active, Frozen, Closed]),
            limit_minor in prop::option::of(-10_i64..500),
            posted_minor in -300_i64..300,
            held_minor in 0_i64..100,
        ) {
            let mut before = account(from);
            (before.ledger.posted_minor, before.ledger.held_minor) = (posted_minor, held_minor);
            let change = TermsChange { status, overdraft: limit_minor.map(OverdraftChange::Approved) };
            if let Ok((after, happenings)) = changed(&before, change) {
                prop_assert_eq!(happenings.is_empty(), after == before);
                prop_assert!(from != Closed || after == before);
                prop_assert!(after.ledger.status != Closed || from == Closed || (posted_minor, held_minor) == (0, 0));
                let repeated = changed(&after, change);
                prop_assert_eq!(repeated, Ok((after, Vec::new())));
            }
        }
    }
}
