-- More roles, and of each session what it was proved with and when. SQLite cannot change a check, so the three tables are
-- made anew, the referring ones with them, and what is in them goes along.
CREATE TABLE auth_user_next (
    id UUID NOT NULL PRIMARY KEY,
    -- Normalised: trimmed and in lower case.
    username TEXT NOT NULL UNIQUE,
    -- As given, and so not unique.
    email TEXT,
    -- A PHC string, which names the algorithm and its parameters.
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('customer', 'teller', 'analyst', 'admin', 'auditor')),
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'DISABLED')),
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE auth_session_next (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES auth_user_next (id),
    started_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    -- When the person last proved who they are, and with what: words of the claim `amr`.
    proved_at TIMESTAMPTZ NOT NULL,
    proved_with TEXT NOT NULL
);

CREATE TABLE auth_refresh_token_next (
    -- SHA-256 of the token, which itself is never stored.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES auth_session_next (id),
    issued_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);

INSERT INTO auth_user_next (id, username, email, password_hash, role, status, created_at)
SELECT id, username, email, password_hash, role, status, created_at FROM auth_user;

INSERT INTO auth_session_next (id, user_id, started_at, expires_at, revoked_at, proved_at, proved_with)
SELECT id, user_id, started_at, expires_at, revoked_at, started_at, 'pwd' FROM auth_session;

INSERT INTO auth_refresh_token_next (token_hash, session_id, issued_at, used_at)
SELECT token_hash, session_id, issued_at, used_at FROM auth_refresh_token;

DROP TABLE auth_refresh_token;
DROP TABLE auth_session;
DROP TABLE auth_user;

ALTER TABLE auth_user_next RENAME TO auth_user;
ALTER TABLE auth_session_next RENAME TO auth_session;
ALTER TABLE auth_refresh_token_next RENAME TO auth_refresh_token;

CREATE INDEX auth_session_by_user ON auth_session (user_id);
CREATE INDEX auth_session_revoked ON auth_session (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX auth_refresh_token_by_session ON auth_refresh_token (session_id);
