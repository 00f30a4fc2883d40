-- The audit log: a leaf for each event that is logged, in the order of the stream, without gaps from 0 on.
CREATE TABLE audit_leaf (
    leaf_index BIGINT NOT NULL PRIMARY KEY,
    event_id UUID NOT NULL UNIQUE,
    subject_id UUID NOT NULL,
    kind TEXT NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    actor_user_id UUID,
    -- The bytes that are hashed, and the hash. What stands beside them is for searching.
    entry BYTEA NOT NULL,
    hash BYTEA NOT NULL
);
CREATE INDEX audit_leaf_subject ON audit_leaf (subject_id, event_id);
CREATE INDEX audit_leaf_actor ON audit_leaf (actor_user_id, event_id) WHERE actor_user_id IS NOT NULL;

-- What the entries have hashes of. Erased: without salt and payload.
CREATE TABLE audit_payload (
    leaf_index BIGINT NOT NULL PRIMARY KEY,
    salt BYTEA,
    payload TEXT
); -- clustered

-- The hashes of complete parts of the tree, of 256 leaves, 65,536 and so on.
CREATE TABLE audit_part (
    level BIGINT NOT NULL,
    part_index BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (level, part_index)
); -- clustered

-- How large the log is, and the root over it: one row.
CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 0),
    size BIGINT NOT NULL,
    root BYTEA NOT NULL
);

-- The keys that signed heads, each under the name of the log at its time.
CREATE TABLE audit_key (
    number BIGINT NOT NULL PRIMARY KEY,
    vkey TEXT NOT NULL,
    from_size BIGINT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);

-- Every head that was signed.
CREATE TABLE audit_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTEA NOT NULL,
    note TEXT NOT NULL,
    key_number BIGINT NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL
); -- clustered
