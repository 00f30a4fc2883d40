//! How the words of accounts and transactions are described in OpenAPI. Nothing here is ever made.
#![expect(dead_code, reason = "these types only describe")]

use utoipa::ToSchema;

/// The identifier of an account, or the number that people see (`accountNumber`, spaces allowed).
#[derive(ToSchema)]
#[schema(as = AccountIdOrNumber, example = "XF11 FLRN 3162 2908 9359 4069")]
pub(crate) struct AccountIdOrNumber(String);

/// What an account is for.
#[derive(ToSchema)]
#[schema(as = AccountType, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AccountTypeWord {
    Checking,
    Savings,
    Business,
}

/// Whether money moves on an account.
#[derive(ToSchema)]
#[schema(as = AccountStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AccountStatusWord {
    Active,
    Frozen,
    Closed,
}

/// What kind of movement a transaction is.
#[derive(ToSchema)]
#[schema(as = TransactionType, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TransactionTypeWord {
    Transfer,
    Deposit,
    Withdrawal,
    Payment,
    Fee,
    Interest,
    LoanDisbursement,
    LoanRepayment,
    Refund,
    Reversal,
    Adjustment,
}

/// The kinds of movement that can be asked for.
#[derive(ToSchema)]
#[schema(as = OrderType, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OrderTypeWord {
    Transfer,
    Deposit,
    Withdrawal,
    Payment,
}

/// Where a transaction stands.
#[derive(ToSchema)]
#[schema(as = TransactionStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TransactionStatusWord {
    Pending,
    Settled,
    Reversed,
    Cancelled,
}

/// How the transfers of a batch hang together.
#[derive(ToSchema)]
#[schema(as = BatchMode, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BatchModeWord {
    Atomic,
    Independent,
}
