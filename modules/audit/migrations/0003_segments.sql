-- The sealed segments of the log, each behind the one before: what is in the vault, or will be as soon as it takes it. A segment is
-- here before it is there, and the next one is here when it is.
CREATE TABLE audit_segment (
    first_leaf BIGINT NOT NULL PRIMARY KEY,
    last_leaf BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL
); -- clustered
