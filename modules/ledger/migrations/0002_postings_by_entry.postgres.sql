-- Postings lie by account and entry: an account's history is read in the order of its entries' identifiers, and no other
-- index has to be written for it. A sequence is given out once because the balance's update checks it.
DROP TRIGGER ledger_posting_append_only ON ledger_posting;
DROP TRIGGER ledger_posting_no_truncate ON ledger_posting;

-- Whether its entry's identifier is older than the posting: of money that was held before, or approved.
ALTER TABLE ledger_posting ADD COLUMN is_late BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE ledger_posting SET is_late = TRUE FROM ledger_hold WHERE ledger_hold.id = entry_id;

ALTER TABLE ledger_posting DROP CONSTRAINT ledger_posting_pkey;
ALTER TABLE ledger_posting ADD PRIMARY KEY (account_id, entry_id, sequence);
CREATE INDEX ledger_posting_is_late ON ledger_posting (account_id, sequence) WHERE is_late;
