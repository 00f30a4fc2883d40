CREATE INDEX payments_idempotency_age ON payments_idempotency (created_at);
