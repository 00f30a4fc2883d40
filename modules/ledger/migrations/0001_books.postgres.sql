-- Balances change in place: room on the page keeps those updates off the indexes.
ALTER TABLE ledger_account SET (fillfactor = 70);
