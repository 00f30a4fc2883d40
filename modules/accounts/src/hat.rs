//! With which hat somebody acts. What is theirs they act on like every customer; what is another's takes staff power,
//! which has its rules here, for accounts and for payments alike.

use ids::UserId;

/// With which hat somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hat {
    /// With what is theirs only: a customer; and whatever acts for a person but is not the person themselves, whatever
    /// their role.
    Customer(UserId),
    /// A teller, themselves: sees all and serves customers, but moves nobody else's money.
    Teller {
        /// Who.
        user: UserId,
        /// Whether they proved lately who they are.
        is_fresh: bool,
    },
    /// An administrator, themselves: sees all, reverses, but does not spend customers' money.
    Admin {
        /// Who.
        user: UserId,
        /// Whether they proved lately who they are.
        is_fresh: bool,
    },
    /// The bank itself, for what time brings about and what two people agreed on.
    Bank,
}

/// Why staff power does not reach here, although the role would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PowerRefusal {
    /// Nobody of the bank acts where they are a party.
    #[error("a party to it is not who acts on it for the bank")]
    OwnBusiness,
    /// They have to prove again who they are first.
    #[error("this needs a fresh proof of who acts")]
    StaleProof,
}

impl Hat {
    /// The person; nobody for the bank itself.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::Customer(user) | Self::Teller { user, .. } | Self::Admin { user, .. } => Some(user),
            Self::Bank => None,
        }
    }

    /// Whether what belongs to the holder is the person's own.
    pub fn owns(self, holder: Option<UserId>) -> bool {
        holder.is_some() && holder == self.user()
    }

    /// Whether they see what is not theirs.
    pub const fn sees_all(self) -> bool {
        !matches!(self, Self::Customer(_))
    }

    /// Whether staff power reaches something that these are the parties to. Which roles have the power is asked before.
    ///
    /// # Errors
    /// They are one of the parties, or have to prove again who they are.
    pub fn require_power(self, parties: &[Option<UserId>]) -> Result<(), PowerRefusal> {
        if parties.iter().any(|party| self.owns(*party)) {
            return Err(PowerRefusal::OwnBusiness);
        }
        match self {
            Self::Teller { is_fresh: true, .. } | Self::Admin { is_fresh: true, .. } | Self::Bank => Ok(()),
            // A customer has no such power that a proof would bring back, but who asks has made sure of the role.
            Self::Teller { .. } | Self::Admin { .. } | Self::Customer(_) => Err(PowerRefusal::StaleProof),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_power_needs_a_fresh_proof_and_never_reaches_where_one_is_a_party() {
        let (user, other) = (UserId::generate(), Some(UserId::generate()));
        for is_fresh in [true, false] {
            for hat in [Hat::Teller { user, is_fresh }, Hat::Admin { user, is_fresh }] {
                assert_eq!(hat.require_power(&[other, Some(user)]), Err(PowerRefusal::OwnBusiness));
                let expected = if is_fresh { Ok(()) } else { Err(PowerRefusal::StaleProof) };
                assert_eq!(hat.require_power(&[other, None]), expected);
            }
        }
        assert_eq!(Hat::Bank.require_power(&[other, None]), Ok(()));
    }

    #[test]
    fn what_belongs_to_nobody_is_nobodys_own() {
        assert!(!Hat::Bank.owns(None));
        assert!(!Hat::Customer(UserId::generate()).owns(None));
    }
}
