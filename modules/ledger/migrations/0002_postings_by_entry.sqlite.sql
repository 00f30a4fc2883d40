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
    -- Whether it took held money: then its entry's identifier is as old as the hold, and not as the posting.
    after_hold INTEGER NOT NULL DEFAULT FALSE,
    PRIMARY KEY (account_id, entry_id, sequence)
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_posting_by_entry
    SELECT account_id, sequence, entry_id, currency, amount_minor, balance_minor, value_date, booked_at,
           entry_id IN (SELECT id FROM ledger_hold)
    FROM ledger_posting ORDER BY account_id, entry_id, sequence;
DROP TABLE ledger_posting;
ALTER TABLE ledger_posting_by_entry RENAME TO ledger_posting;

CREATE INDEX ledger_posting_after_hold ON ledger_posting (account_id, sequence) WHERE after_hold;
