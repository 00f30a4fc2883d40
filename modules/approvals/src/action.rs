//! What takes two people, and how it is kept as JSON.

use identity::Role;

use ids::{AccountId, UserId};
use money::{Currency, Money};
use programs::Subject;
use serde_json::{Value, json};

/// Something that one person alone does not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Put a customer's balance right by hand.
    Adjustment {
        /// The account.
        account: AccountId,
        /// Positive: for the customer. Never zero.
        money: Money,
        /// Why, for people; it becomes the description of the transaction.
        reason: String,
    },
    /// Let an account go further below zero.
    OverdraftRaise {
        /// The account.
        account: AccountId,
        /// The new limit.
        limit: Money,
    },
    /// Give somebody another role.
    RoleChange {
        /// Whom.
        user: UserId,
        /// What they will be.
        role: Role,
    },
    /// Let a trusted issuer speak for somebody.
    IdentityLink {
        /// For whom.
        user: UserId,
        /// The issuer.
        issuer: String,
        /// What it calls them.
        subject: Subject,
    },
    /// Let a member of staff in: one who was just made, or one who was kept out.
    StaffEnable {
        /// Whom.
        user: UserId,
        /// What they are.
        role: Role,
    },
    /// Give an account that belongs to nobody to its owner.
    OwnerAssignment {
        /// The account.
        account: AccountId,
        /// Whose it will be.
        owner: UserId,
    },
}

impl Action {
    /// Every word.
    pub const WORDS: [&'static str; 6] =
        ["ADJUSTMENT", "OVERDRAFT_RAISE", "ROLE_CHANGE", "IDENTITY_LINK", "STAFF_ENABLE", "OWNER_ASSIGNMENT"];

    /// The word that is stored and shown.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Adjustment { .. } => Self::WORDS[0],
            Self::OverdraftRaise { .. } => Self::WORDS[1],
            Self::RoleChange { .. } => Self::WORDS[2],
            Self::IdentityLink { .. } => Self::WORDS[3],
            Self::StaffEnable { .. } => Self::WORDS[4],
            Self::OwnerAssignment { .. } => Self::WORDS[5],
        }
    }

    /// Who may ask for it; the routes that ask say the same.
    pub const fn roles_that_ask(&self) -> &'static [Role] {
        match self {
            Self::Adjustment { .. } => &[Role::Teller, Role::Admin],
            Self::OverdraftRaise { .. }
            | Self::RoleChange { .. }
            | Self::IdentityLink { .. }
            | Self::StaffEnable { .. }
            | Self::OwnerAssignment { .. } => &[Role::Admin],
        }
    }

    /// The account whose owner may be another by the time of the decision.
    pub(crate) const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Adjustment { account, .. }
            | Self::OverdraftRaise { account, .. }
            | Self::OwnerAssignment { account, .. } => Some(*account),
            Self::RoleChange { .. } | Self::IdentityLink { .. } | Self::StaffEnable { .. } => None,
        }
    }

    /// Whoever it is about by name.
    pub(crate) const fn person(&self) -> Option<UserId> {
        match self {
            Self::RoleChange { user, .. } | Self::IdentityLink { user, .. } | Self::StaffEnable { user, .. } => {
                Some(*user)
            }
            Self::OwnerAssignment { owner, .. } => Some(*owner),
            Self::Adjustment { .. } | Self::OverdraftRaise { .. } => None,
        }
    }

    /// What it is about, as it is stored and shown. Amounts are decimal texts with their currency beside them.
    pub fn details(&self) -> Value {
        match self {
            Self::Adjustment { account, money, reason } => json!({
                "accountId": account.to_string(),
                "amount": money.to_decimal(),
                "currency": money.currency().code(),
                "reason": reason,
            }),
            Self::OverdraftRaise { account, limit } => json!({
                "accountId": account.to_string(),
                "overdraftLimit": limit.to_decimal(),
                "currency": limit.currency().code(),
            }),
            Self::RoleChange { user, role } | Self::StaffEnable { user, role } => {
                json!({ "userId": user.to_string(), "role": role.word() })
            }
            Self::IdentityLink { user, issuer, subject } => json!({
                "userId": user.to_string(),
                "issuer": issuer,
                "subject": subject.as_str(),
            }),
            Self::OwnerAssignment { account, owner } => {
                json!({ "accountId": account.to_string(), "userId": owner.to_string() })
            }
        }
    }

    /// Reads what was stored.
    pub(crate) fn from_stored(word: &str, details: &str) -> Option<Self> {
        let details: Value = serde_json::from_str(details).ok()?;
        let text = |name: &str| details.get(name).and_then(Value::as_str);
        let account = || AccountId::parse(text("accountId")?).ok();
        let user = || UserId::parse(text("userId")?).ok();
        let role = || Role::parse(text("role")?);
        let money = |name| Money::parse_signed(text(name)?, Currency::parse(text("currency")?).ok()?).ok();
        Some(match word {
            "ADJUSTMENT" => {
                Self::Adjustment { account: account()?, money: money("amount")?, reason: text("reason")?.to_owned() }
            }
            "OVERDRAFT_RAISE" => Self::OverdraftRaise { account: account()?, limit: money("overdraftLimit")? },
            "ROLE_CHANGE" => Self::RoleChange { user: user()?, role: role()? },
            "STAFF_ENABLE" => Self::StaffEnable { user: user()?, role: role()? },
            "OWNER_ASSIGNMENT" => Self::OwnerAssignment { account: account()?, owner: user()? },
            "IDENTITY_LINK" => Self::IdentityLink {
                user: user()?,
                issuer: text("issuer")?.to_owned(),
                subject: Subject::parse(text("subject")?).ok()?,
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_come_back_from_what_is_stored() {
        let dollars = |minor| Money::new(minor, Currency::parse("USD").unwrap());
        let actions = [
            Action::Adjustment { account: AccountId::generate(), money: dollars(-125), reason: "\"fee\"".to_owned() },
            Action::OverdraftRaise { account: AccountId::generate(), limit: dollars(50_000) },
            Action::RoleChange { user: UserId::generate(), role: Role::Auditor },
            Action::IdentityLink {
                user: UserId::generate(),
                issuer: "https://login.example/".to_owned(),
                subject: Subject::parse("auth0|\"5f7c\"").unwrap(),
            },
            Action::StaffEnable { user: UserId::generate(), role: Role::Admin },
            Action::OwnerAssignment { account: AccountId::generate(), owner: UserId::generate() },
        ];
        for (action, word) in actions.into_iter().zip(Action::WORDS) {
            assert_eq!(action.word(), word);
            assert_eq!(Action::from_stored(word, &action.details().to_string()), Some(action));
        }
        assert_eq!(Action::from_stored("ADJUSTMENT", "{}"), None);
        assert_eq!(Action::from_stored("OTHER", "{}"), None);
    }
}
