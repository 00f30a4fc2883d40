-- The purge looks for old keys; rows arrive in the order of time, so a block range index is enough.
CREATE INDEX payments_idempotency_age ON payments_idempotency USING brin (created_at);
