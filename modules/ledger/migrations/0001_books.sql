-- Accounts of the books. Credit is positive; a customer's deposit account shows what the bank owes.
CREATE TABLE ledger_account (
    id UUID NOT NULL PRIMARY KEY,
    -- The party whose money it is; absent for the bank's own accounts.
    holder_id UUID,
    chart_code TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'FROZEN', 'CLOSED')),
    -- How far below zero the available balance may go; absent: no limit.
    overdraft_limit_minor BIGINT CHECK (overdraft_limit_minor >= 0),
    posted_minor BIGINT NOT NULL,
    held_minor BIGINT NOT NULL CHECK (held_minor >= 0),
    -- The number of postings so far, and so the sequence of the last one.
    sequence BIGINT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL
); -- clustered

-- One balanced entry of the journal; it carries the identifier of the transaction that it books.
CREATE TABLE ledger_entry (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    description TEXT NOT NULL,
    value_date DATE NOT NULL,
    booked_at TIMESTAMPTZ NOT NULL,
    -- How many postings it has.
    sides BIGINT NOT NULL CHECK (sides >= 2)
); -- clustered

-- One side of an entry. Sequence and running balance have no gaps within an account.
CREATE TABLE ledger_posting (
    account_id UUID NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence > 0),
    entry_id UUID NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    balance_minor BIGINT NOT NULL,
    value_date DATE NOT NULL,
    booked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, sequence)
); -- clustered

-- Money set aside on an account; it carries the identifier of the transaction that waits for it.
CREATE TABLE ledger_hold (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    captured_minor BIGINT NOT NULL CHECK (captured_minor >= 0 AND captured_minor <= amount_minor),
    status TEXT NOT NULL CHECK (status IN ('HELD', 'CAPTURED', 'RELEASED', 'EXPIRED')),
    placed_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ
); -- clustered

CREATE INDEX ledger_hold_open ON ledger_hold (expires_at) WHERE status = 'HELD';
