//! The routes of accounts, transactions and standing orders.

use crate::{App, accounts, balances, recipients, standing_orders, transactions};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    GET    "/api/accounts" ? limit & cursor  => Everyone  AccountsRead      Reading     accounts::list;
    POST   "/api/accounts"                   => Movers    AccountsWrite     Changing    accounts::open
            ! [AccountLimitReached];
    GET    "/api/accounts/{id}"              => Everyone  AccountsRead      Reading     accounts::get
            ! [InvalidAccount];
    PUT    "/api/accounts/{id}"              => Movers    AccountsWrite     Changing    accounts::change
            ! [InvalidAccount InvalidAccount@UNPROCESSABLE_ENTITY OverdraftInUse ConflictOfInterest];
    DELETE "/api/accounts/{id}"              => Movers    AccountsWrite     Changing    accounts::close
            ! [InvalidAccount InvalidAccount@UNPROCESSABLE_ENTITY AccountNotEmpty];
    GET    "/api/accounts/{id}/balance" ? asOf
                                             => Everyone  AccountsRead      Reading     accounts::balance
            ! [InvalidAccount];
    GET    "/api/accounts/{id}/balances" ? from & to
                                             => Everyone  AccountsRead      Reading     balances::series
            ! [InvalidAccount];
    POST   "/api/transactions"               => Movers    TransactionsWrite Money       transactions::create
            ! [SameAccount InsufficientFunds CurrencyMismatch BalanceTooLarge StepUpRequired InvalidAccount
              InvalidAccount@UNPROCESSABLE_ENTITY SandboxOnly CashLimitReached LimitReached PaymentDeclined];
    POST   "/api/transactions/transfer"      => Movers    TransactionsWrite Money       transactions::transfer
            ! [SameAccount InsufficientFunds CurrencyMismatch BalanceTooLarge StepUpRequired InvalidAccount
              InvalidAccount@UNPROCESSABLE_ENTITY LimitReached PaymentDeclined];
    POST   "/api/transactions/transfer/preview"
                                             => Movers    TransactionsWrite Reading     transactions::preview::preview
            ! [SameAccount InsufficientFunds CurrencyMismatch BalanceTooLarge InvalidAccount
              InvalidAccount@UNPROCESSABLE_ENTITY];
    POST   "/api/payees/lookup"              => Movers    TransactionsWrite LookingUp   recipients::look_up
            ! [InvalidAccount];
    POST   "/api/transactions/batch"         => Movers    TransactionsWrite Batch       transactions::batch::batch
            ! [SameAccount InsufficientFunds CurrencyMismatch BalanceTooLarge StepUpRequired InvalidAccount
              InvalidAccount@UNPROCESSABLE_ENTITY BatchRefused LimitReached PaymentDeclined];
    POST   "/api/transactions/hold"          => Movers    TransactionsWrite Money       transactions::holds::hold
            ! [SameAccount InsufficientFunds CurrencyMismatch BalanceTooLarge StepUpRequired InvalidAccount
              InvalidAccount@UNPROCESSABLE_ENTITY LimitReached PaymentDeclined];
    POST   "/api/transactions/{id}/capture"  => Movers    TransactionsWrite Money       transactions::holds::capture
            ! [TransactionNotFound InvalidStatus HoldNotOpen AmountExceedsHold BalanceTooLarge
              InvalidAccount@UNPROCESSABLE_ENTITY PaymentBeingChecked];
    POST   "/api/transactions/{id}/release"  => Movers    TransactionsWrite Money       transactions::holds::release
            ! [TransactionNotFound InvalidStatus HoldNotOpen ConflictOfInterest InvalidAccount@UNPROCESSABLE_ENTITY
              PaymentBeingChecked];
    POST   "/api/transactions/{id}/refund"   => Movers    TransactionsWrite Money       transactions::counters::refund
            ! [TransactionNotFound InvalidStatus AlreadyRefunded AmountExceedsOriginal NotRefundable InsufficientFunds
              BalanceTooLarge ConflictOfInterest SecondPersonRequired InvalidAccount@UNPROCESSABLE_ENTITY];
    POST   "/api/transactions/{id}/reverse"  => Admins    FreshSession      Money       transactions::counters::reverse
            ! [TransactionNotFound InvalidStatus AlreadyRefunded NotRefundable InsufficientFunds BalanceTooLarge
              ConflictOfInterest SecondPersonRequired InvalidAccount@UNPROCESSABLE_ENTITY];
    GET    "/api/transactions/{id}"          => Everyone  TransactionsRead  Reading     transactions::lists::get
            ! [TransactionNotFound];
    GET    "/api/transactions"
             ? from & to & valueFrom & valueTo & type & status & originalTransactionId & limit & cursor
                                             => Everyone  TransactionsRead  Reading     transactions::lists::list;
    GET    "/api/transactions/account/{accountId}"
             ? from & to & valueFrom & valueTo & type & status & originalTransactionId & minAmount & maxAmount & limit & cursor
                                             => Everyone  TransactionsRead  Reading     transactions::lists::of_account
            ! [InvalidAccount];
    POST   "/api/standing-orders"            => Movers    FreshSession      Money       standing_orders::create
            ! [SameAccount CurrencyMismatch InvalidAccount StandingOrderLimitReached];
    GET    "/api/standing-orders" ? limit & cursor
                                             => Movers    Session           Reading     standing_orders::list;
    GET    "/api/standing-orders/{id}"       => Movers    Session           Reading     standing_orders::show
            ! [NotFound];
    PUT    "/api/standing-orders/{id}"       => Movers    FreshSession      Changing    standing_orders::change
            ! [NotFound SameAccount CurrencyMismatch InvalidAccount InvalidStatus StandingOrderBeingPaid];
    DELETE "/api/standing-orders/{id}"       => Movers    Session           Changing    standing_orders::cancel
            ! [NotFound InvalidStatus StandingOrderBeingPaid];
    POST   "/api/standing-orders/{id}/pause" => Movers    Session           Changing    standing_orders::pause
            ! [NotFound InvalidStatus StandingOrderBeingPaid];
    POST   "/api/standing-orders/{id}/resume" => Movers   Session           Changing    standing_orders::resume
            ! [NotFound InvalidStatus StandingOrderBeingPaid];
    POST   "/api/standing-orders/{id}/skip"  => Movers    Session           Changing    standing_orders::skip
            ! [NotFound InvalidStatus StandingOrderBeingPaid];
    GET    "/api/standing-orders/{id}/runs" ? limit & cursor
                                             => Movers    Session           Reading     standing_orders::runs
            ! [NotFound];
}
