-- How far bank time is, and how it goes on: one row, which a sandbox makes at its first start.
CREATE TABLE clock_bank_time (
    singleton BIGINT NOT NULL PRIMARY KEY CHECK (singleton = 1),
    -- Rises with every change; 0: nobody has set the clock yet. Whoever books says which version the time is from.
    version BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('RUNNING', 'STOPPING', 'FROZEN', 'ADVANCING')),
    -- Bank time was `base` when wall time was `anchor`; from there it runs `rate` times as fast.
    base TIMESTAMPTZ NOT NULL,
    anchor TIMESTAMPTZ NOT NULL,
    rate BIGINT NOT NULL CHECK (rate > 0),
    -- STOPPING: how fast it goes on; absent: it stands still.
    next_rate BIGINT CHECK (next_rate > 0),
    -- The last advance: from where, to where, and how many things that fell due on the way were done.
    advance_from TIMESTAMPTZ,
    advance_to TIMESTAMPTZ,
    advance_done BIGINT NOT NULL,
    -- The most that bank time and wall time were ever apart, as far as changes saw it.
    apart_seconds BIGINT NOT NULL
);

-- The answer that each command's key got, kept in the commit of its effect.
CREATE TABLE clock_command (
    -- SHA-256 over caller, method, route and key.
    key_hash BYTEA NOT NULL PRIMARY KEY,
    -- SHA-256 over what was asked for.
    fingerprint BYTEA NOT NULL,
    body BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX clock_command_age ON clock_command (created_at);
