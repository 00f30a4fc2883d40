-- The same as on PostgreSQL. The table lies in the order of its primary key, so it is written anew.
CREATE TABLE ledger_posting_by_entry (
    account_id BLOB NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    entry_id BLOB NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0),
    balance_minor INTEGER NOT NULL,
    value_date INTEGER NOT NULL,
    booked_at INTEGER NOT NULL,
    -- Whether its entry's identifier is older than the posting: of money that was held before, or approved.
    is_late INTEGER NOT NULL DEFAULT FALSE,
    PRIMARY KEY (account_id, entry_id, sequence)
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_posting_by_entry
    SELECT account_id, sequence, entry_id, currency, amount_minor, balance_minor, value_date, booked_at,
           entry_id IN (SELECT id FROM ledger_hold)
    FROM ledger_posting ORDER BY account_id, entry_id, sequence;
DROP TABLE ledger_posting;
ALTER TABLE ledger_posting_by_entry RENAME TO ledger_posting;

CREATE INDEX ledger_posting_is_late ON ledger_posting (account_id, sequence) WHERE is_late;
