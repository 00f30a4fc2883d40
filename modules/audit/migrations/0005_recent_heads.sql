-- Heads between those that are kept for good: one of each second in which the log grew, for a week.
CREATE TABLE audit_recent_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTEA NOT NULL,
    note TEXT NOT NULL,
    key_number BIGINT NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX audit_recent_checkpoint_age ON audit_recent_checkpoint (signed_at);
