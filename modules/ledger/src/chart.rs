//! The chart of accounts: the lines that the books have, and the one account of the bank's own that each line has in each
//! currency. Further accounts of the bank's own are in `own_account.rs`.

use ids::AccountId;
use money::Currency;

/// The five classes of double-entry bookkeeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// What the bank has or is owed; grows by debits.
    Asset,
    /// What the bank owes; grows by credits.
    Liability,
    /// What belongs to its owners; grows by credits.
    Equity,
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
    /// Interest that borrowers owe us and have not paid yet.
    AccruedInterestReceivable,
    /// Interest on what is overdue, not paid yet.
    PenaltiesReceivable,
    /// Fees that are owed and not paid yet.
    FeesReceivable,
    /// What we expect to lose of the loans: it stands against them.
    LoanLossAllowance,
    /// What came or went for reasons that the books have no account for, until somebody says more.
    Suspense,
    /// What we owe our customers: every customer's account stands here.
    CustomerDeposits,
    /// Interest that we owe customers and have not paid yet.
    AccruedInterestPayable,
    /// What the owners paid in.
    ShareCapital,
    /// Profits of earlier years that the owners left in the bank.
    RetainedEarnings,
    /// Interest received from borrowers and on overdrafts.
    InterestIncome,
    /// Interest received on what was overdue.
    PenaltyIncome,
    /// Fees received.
    FeeIncome,
    /// What came in for loans that had been written off.
    Recoveries,
    /// Interest paid to customers.
    InterestExpense,
    /// What was put right by hand, for or against customers.
    Adjustments,
    /// Loans that will not be paid back.
    LoanLosses,
    /// What was added to the allowance for loans, or taken back from it.
    Provisions,
}

impl Class {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asset => "ASSET",
            Self::Liability => "LIABILITY",
            Self::Equity => "EQUITY",
            Self::Income => "INCOME",
            Self::Expense => "EXPENSE",
        }
    }
}

impl ChartCode {
    /// Every line, in the order of the codes.
    pub const ALL: [Self; 20] = [
        Self::Cash,
        Self::DueFromBanks,
        Self::Loans,
        Self::AccruedInterestReceivable,
        Self::PenaltiesReceivable,
        Self::FeesReceivable,
        Self::LoanLossAllowance,
        Self::Suspense,
        Self::CustomerDeposits,
        Self::AccruedInterestPayable,
        Self::ShareCapital,
        Self::RetainedEarnings,
        Self::InterestIncome,
        Self::PenaltyIncome,
        Self::FeeIncome,
        Self::Recoveries,
        Self::InterestExpense,
        Self::Adjustments,
        Self::LoanLosses,
        Self::Provisions,
    ];

    /// The code as it is stored and printed.
    pub const fn code(self) -> &'static str {
        self.line().0
    }

    /// The name for people.
    pub const fn name(self) -> &'static str {
        self.line().1
    }

    /// Its class.
    pub const fn class(self) -> Class {
        self.line().2
    }

    /// Whether debits make it larger: what the bank has and what it spent, but not what stands against them.
    pub const fn grows_by_debits(self) -> bool {
        matches!(self.class(), Class::Asset | Class::Expense) && !matches!(self, Self::LoanLossAllowance)
    }

    /// Whether its accounts are the bank's own.
    pub const fn is_own(self) -> bool {
        !matches!(self, Self::CustomerDeposits)
    }

    /// Every line whose accounts are the bank's own.
    pub fn own_lines() -> impl Iterator<Item = Self> + Clone {
        Self::ALL.into_iter().filter(|line| line.is_own())
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
            Self::AccruedInterestReceivable => ("1210", "Accrued interest receivable", Class::Asset),
            Self::PenaltiesReceivable => ("1220", "Penalties receivable", Class::Asset),
            Self::FeesReceivable => ("1230", "Fees receivable", Class::Asset),
            Self::LoanLossAllowance => ("1290", "Loan loss allowance", Class::Asset),
            Self::Suspense => ("1900", "Suspense", Class::Asset),
            Self::CustomerDeposits => ("2000", "Customer deposits", Class::Liability),
            Self::AccruedInterestPayable => ("2100", "Accrued interest payable", Class::Liability),
            Self::ShareCapital => ("3000", "Share capital", Class::Equity),
            Self::RetainedEarnings => ("3100", "Retained earnings", Class::Equity),
            Self::InterestIncome => ("4000", "Interest income", Class::Income),
            Self::PenaltyIncome => ("4010", "Penalty income", Class::Income),
            Self::FeeIncome => ("4100", "Fee income", Class::Income),
            Self::Recoveries => ("4200", "Recoveries", Class::Income),
            Self::InterestExpense => ("5000", "Interest expense", Class::Expense),
            Self::Adjustments => ("5100", "Adjustments", Class::Expense),
            Self::LoanLosses => ("5200", "Loan losses", Class::Expense),
            Self::Provisions => ("5210", "Provisions", Class::Expense),
        }
    }

    /// The bank's own account of this line in a currency. Its identifier follows from both,
    /// so that every process finds it without asking (UUID version 8, RFC 9562).
    pub fn own_account(self, currency: Currency) -> AccountId {
        line_account(self.code(), currency.code())
    }
}

/// Whether it is the account that a line of the chart has in some currency. Not being one says little: the bank has further
/// accounts of its own, which their line in the chart shows to be its own.
pub fn is_line_account(account: AccountId) -> bool {
    let bytes = account.uuid().into_bytes();
    let code = std::str::from_utf8(&bytes[..4]).ok().and_then(ChartCode::parse);
    let currency = std::str::from_utf8(&bytes[10..13]);
    matches!((code, currency), (Some(line), Ok(currency)) if line_account(line.code(), currency) == account)
}

/// The account of a line, also in a currency that has left the list since; both codes have their length.
pub(crate) fn line_account(code: &str, currency: &str) -> AccountId {
    let mut bytes = [0_u8; 16];
    bytes[..4].copy_from_slice(code.as_bytes());
    bytes[4] = b'-';
    bytes[10..13].copy_from_slice(currency.as_bytes());
    AccountId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_accounts_of_lines_are_distinct_and_known_by_their_identifiers() {
        let currencies = ["USD", "EUR", "JPY"].map(|code| Currency::parse(code).unwrap());
        let mut accounts: Vec<AccountId> =
            ChartCode::ALL.into_iter().flat_map(|line| currencies.map(|currency| line.own_account(currency))).collect();
        assert!(accounts.iter().all(|account| is_line_account(*account)));
        accounts.sort();
        accounts.dedup();
        assert_eq!(accounts.len(), 60);
    }

    #[test]
    fn no_other_identifier_is_taken_for_a_lines_account_whatever_its_version() {
        let mut bytes = ChartCode::Cash.own_account(Currency::parse("USD").unwrap()).uuid().into_bytes();
        bytes[15] = 1;
        let like_cash = AccountId::from_uuid(Uuid::from_bytes(bytes));
        assert_eq!(like_cash.uuid().get_version_num(), 8);
        assert!(!is_line_account(like_cash));
        assert!(!is_line_account(AccountId::generate()));
        assert!(!is_line_account(line_account("9999", "USD")));
    }

    #[test]
    fn the_accounts_of_lines_keep_the_identifiers_that_they_have_in_databases() {
        let cash = ChartCode::Cash.own_account(Currency::parse("USD").unwrap());
        assert_eq!(cash.uuid().to_string(), "31303030-2d00-8000-8000-555344000000");
    }

    #[test]
    fn codes_read_back() {
        for line in ChartCode::ALL {
            assert_eq!(ChartCode::parse(line.code()), Some(line));
        }
    }

    #[test]
    fn what_stands_against_loans_grows_by_credits_though_it_is_an_asset() {
        let grows_by_debits = |line: ChartCode| line.grows_by_debits();
        assert!([ChartCode::Loans, ChartCode::LoanLosses].into_iter().all(grows_by_debits));
        let by_credits =
            [ChartCode::LoanLossAllowance, ChartCode::CustomerDeposits, ChartCode::ShareCapital, ChartCode::FeeIncome];
        assert!(!by_credits.into_iter().any(grows_by_debits));
    }
}
