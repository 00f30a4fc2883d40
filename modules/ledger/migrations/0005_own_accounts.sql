-- What whoever opened an account of the bank's own calls it; absent: it is its line's, or a customer's.
ALTER TABLE ledger_account ADD COLUMN name TEXT;
CREATE UNIQUE INDEX ledger_account_name ON ledger_account (name) WHERE name IS NOT NULL;
