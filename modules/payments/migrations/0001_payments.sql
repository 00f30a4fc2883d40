-- A payment as its parties see it. Its entry and its hold in the ledger carry the same identifier.
CREATE TABLE payments_transaction (
    id UUID NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT,
    source_account_id UUID NOT NULL,
    destination_account_id UUID NOT NULL,
    source_holder_id UUID,
    destination_holder_id UUID,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    captured_minor BIGINT,
    currency TEXT NOT NULL,
    description TEXT NOT NULL,
    metadata TEXT,
    -- The transaction that this one refunds or reverses: each can be countered once.
    original_id UUID,
    counter_id UUID,
    value_date DATE NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    source_balance_minor BIGINT,
    source_available_minor BIGINT,
    destination_balance_minor BIGINT,
    destination_available_minor BIGINT
); -- clustered

CREATE UNIQUE INDEX payments_transaction_original ON payments_transaction (original_id)
    WHERE original_id IS NOT NULL;
CREATE INDEX payments_transaction_source ON payments_transaction (source_account_id, id);
CREATE INDEX payments_transaction_destination ON payments_transaction (destination_account_id, id);

-- The answer that each key got, kept in the commit of the effect.
CREATE TABLE payments_idempotency (
    -- SHA-256 over caller, method, route and key.
    key_hash BYTEA NOT NULL PRIMARY KEY,
    -- SHA-256 over what was asked for.
    fingerprint BYTEA NOT NULL,
    status BIGINT NOT NULL,
    body BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Rows of imported histories, so that a second run finds them.
CREATE TABLE payments_imported (
    external_id TEXT NOT NULL PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    transaction_id UUID NOT NULL
);
