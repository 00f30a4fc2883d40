//! The chart of accounts: what kinds of accounts the books have, and the bank's own ones.

use ids::AccountId;
use money::Currency;
use uuid::Uuid;

/// The five classes of double-entry bookkeeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// What the bank has or is owed; grows by debits.
    Asset,
    /// What the bank owes; grows by credits.
    Liability,
    /// What the bank earned; grows by credits.
    Income,
    /// What the bank spent; grows by debits.
    Expense,
}

/// A line of the chart of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChartCode {
    /// Notes and coins, and what is paid in or out over the counter.
    Cash,
    /// What other banks owe us: the other side of transfers from and to them.
    DueFromBanks,
    /// What borrowers owe us.
    Loans,
    /// What came or went for reasons that the books have no account for, until somebody says more.
    Suspense,
    /// What we owe our customers: every customer's account stands here.
    CustomerDeposits,
    /// Interest received from borrowers and on overdrafts.
    InterestIncome,
    /// Fees received.
    FeeIncome,
    /// Interest paid to customers.
    InterestExpense,
    /// What was put right by hand, for or against customers.
    Adjustments,
}

impl ChartCode {
    /// Every line, in the order of the codes.
    pub const ALL: [Self; 9] = [
        Self::Cash,
        Self::DueFromBanks,
        Self::Loans,
        Self::Suspense,
        Self::CustomerDeposits,
        Self::InterestIncome,
        Self::FeeIncome,
        Self::InterestExpense,
        Self::Adjustments,
    ];

    /// The code as it is stored and printed.
    pub const fn code(self) -> &'static str {
        self.line().0
    }

    /// The name for people.
    pub const fn name(self) -> &'static str {
        self.line().1
    }

    /// The class that says which side grows it.
    pub const fn class(self) -> Class {
        self.line().2
    }

    /// Reads a stored code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|line| line.code() == code)
    }

    const fn line(self) -> (&'static str, &'static str, Class) {
        match self {
            Self::Cash => ("1000", "Cash", Class::Asset),
            Self::DueFromBanks => ("1100", "Due from banks", Class::Asset),
            Self::Loans => ("1200", "Loans", Class::Asset),
            Self::Suspense => ("1900", "Suspense", Class::Asset),
            Self::CustomerDeposits => ("2000", "Customer deposits", Class::Liability),
            Self::InterestIncome => ("4000", "Interest income", Class::Income),
            Self::FeeIncome => ("4100", "Fee income", Class::Income),
            Self::InterestExpense => ("5000", "Interest expense", Class::Expense),
            Self::Adjustments => ("5100", "Adjustments", Class::Expense),
        }
    }

    /// The bank's own account of this line in a currency. Its identifier follows from both,
    /// so that every process finds it without asking (UUID version 8, RFC 9562).
    pub fn own_account(self, currency: Currency) -> AccountId {
        let mut bytes = [0_u8; 16];
        bytes[..4].copy_from_slice(self.code().as_bytes());
        bytes[4] = b'-';
        bytes[10..13].copy_from_slice(currency.code().as_bytes());
        AccountId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// Whether the identifier has the form of a bank's own account.
pub fn is_own_account(account: AccountId) -> bool {
    let uuid: Uuid = account.uuid();
    uuid.get_version_num() == 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_accounts_are_distinct_and_never_look_like_customers() {
        let currencies = ["USD", "EUR", "JPY"].map(|code| Currency::parse(code).unwrap());
        let mut accounts: Vec<AccountId> =
            ChartCode::ALL.into_iter().flat_map(|line| currencies.map(|currency| line.own_account(currency))).collect();
        assert!(accounts.iter().all(|account| is_own_account(*account)));
        assert!(!is_own_account(AccountId::generate()));
        accounts.sort();
        accounts.dedup();
        assert_eq!(accounts.len(), 27);
    }

    #[test]
    fn codes_read_back() {
        for line in ChartCode::ALL {
            assert_eq!(ChartCode::parse(line.code()), Some(line));
        }
    }
}
