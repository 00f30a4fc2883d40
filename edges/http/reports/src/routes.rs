//! The routes of those who look at the business as a whole.

use crate::{App, general_ledger, regulatory, series, statements};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    GET    "/api/reports/trial-balance" ? asOf & by & bookedUntil
                                             => Analysts  Session           Reading     statements::trial_balance;
    GET    "/api/reports/balance-sheet" ? asOf & by & bookedUntil
                                             => Analysts  Session           Reading     statements::balance_sheet;
    GET    "/api/reports/income-statement" ? from & to & by & bookedUntil
                                             => Analysts  Session           Reading     statements::income_statement;
    GET    "/api/reports/general-ledger/{code}" ? from & to & limit & cursor
                                             => Analysts  Session           Reading     general_ledger::sheet
            ! [NotFound];
    GET    "/api/reports/large-transactions" ? currency & min & from & to & limit & cursor
                                             => Analysts  Session           Reading     regulatory::large_transactions;
    GET    "/api/reports/dormant-accounts" ? days & limit & cursor
                                             => Analysts  Session           Reading     regulatory::dormant_accounts;
    GET    "/api/reports/liquidity"          => Analysts  Session           Reading     regulatory::liquidity;
    GET    "/api/analytics/volumes" ? from & to & interval & currency & type
                                             => Analysts  Session           Reading     series::volumes;
    GET    "/api/analytics/failures" ? from & to & interval
                                             => Analysts  Session           Reading     series::failures;
    GET    "/api/analytics/active-customers" ? asOf
                                             => Analysts  Session           Reading     series::active_customers;
    GET    "/api/analytics/balances" ? from & to & currency
                                             => Analysts  Session           Reading     series::balances;
    GET    "/api/analytics/fees-interest" ? from & to
                                             => Analysts  Session           Reading     series::fees_interest;
    GET    "/analytics"                      => Admins    Session           Reading     series::finapp;
}
