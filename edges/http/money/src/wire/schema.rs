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

/// A standing order's identifier.
#[derive(ToSchema)]
#[schema(as = StandingOrderId, pattern = "^sto_[0-9a-z]{26}$", example = "sto_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct StandingOrderIdText(String);

/// The identifier of what became of a date.
#[derive(ToSchema)]
#[schema(as = StandingRunId, pattern = "^run_[0-9a-z]{26}$", example = "run_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct StandingRunIdText(String);

/// Where a standing order stands.
#[derive(ToSchema)]
#[schema(as = StandingOrderStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum StandingStatusWord {
    Active,
    Paused,
    Ended,
    Cancelled,
    Stopped,
}

/// How often something is paid.
#[derive(ToSchema)]
#[schema(as = Frequency, rename_all = "camelCase")]
pub(crate) enum FrequencyWord {
    Once,
    Daily,
    Weekly,
    Monthly,
    LastBusinessDay,
}

/// What becomes of a date on which banks are closed: paid on the business day before, or after, or all the same.
#[derive(ToSchema)]
#[schema(as = OnHoliday, rename_all = "camelCase")]
pub(crate) enum OnHolidayWord {
    Previous,
    Next,
    Same,
}

/// Which dates are paid of more than five that the bank missed.
#[derive(ToSchema)]
#[schema(as = CatchUp, rename_all = "camelCase")]
pub(crate) enum CatchUpWord {
    Last,
    All,
}

/// What became of a date.
#[derive(ToSchema)]
#[schema(as = StandingRunOutcome, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RunOutcomeWord {
    Paid,
    Refused,
    Skipped,
}
