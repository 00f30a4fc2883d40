-- People who can log in.
CREATE TABLE auth_user (
    id UUID NOT NULL PRIMARY KEY,
    -- Normalised: trimmed and in lower case.
    username TEXT NOT NULL UNIQUE,
    -- As given, not verified, and so not unique.
    email TEXT,
    -- A PHC string, which names the algorithm and its parameters.
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('customer', 'admin')),
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'DISABLED')),
    created_at TIMESTAMPTZ NOT NULL
);

-- One login of one person, until it is revoked or its time is over.
CREATE TABLE auth_session (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES auth_user (id),
    started_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);

CREATE INDEX auth_session_by_user ON auth_session (user_id);
CREATE INDEX auth_session_revoked ON auth_session (revoked_at) WHERE revoked_at IS NOT NULL;

-- Every refresh token of a session, the used ones too: they betray a stolen copy.
CREATE TABLE auth_refresh_token (
    -- SHA-256 of the token, which itself is never stored.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES auth_session (id),
    issued_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
