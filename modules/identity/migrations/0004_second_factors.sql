-- Second factors. Whoever adds or removes one holds the person's row, and keeps this flag in step with what is below.
ALTER TABLE auth_user ADD COLUMN mfa_enabled BOOLEAN NOT NULL DEFAULT FALSE;

-- How often in a row a proof inside the session was wrong.
ALTER TABLE auth_session ADD COLUMN step_up_failures BIGINT NOT NULL DEFAULT 0;

-- A person's authenticator app; it counts once it is confirmed.
CREATE TABLE auth_totp (
    user_id UUID NOT NULL PRIMARY KEY REFERENCES auth_user (id),
    -- Encrypted with the key in the secrets file, bound to the person.
    sealed_secret BYTEA NOT NULL,
    enrolled_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ,
    -- The time step of the last code that was accepted: none at or before it is accepted again.
    last_step BIGINT NOT NULL,
    -- Wrong codes since the last right one, and when the last of them came.
    failures BIGINT NOT NULL,
    failed_at TIMESTAMPTZ
);

-- Codes for the day on which the other factors are lost; each is good once.
CREATE TABLE auth_recovery_code (
    user_id UUID NOT NULL REFERENCES auth_user (id),
    -- SHA-256 of the code, which is random and so needs no slow hash.
    code_hash BYTEA NOT NULL,
    used_at TIMESTAMPTZ,
    PRIMARY KEY (user_id, code_hash)
);

-- Logins whose password was right and whose second factor is awaited.
CREATE TABLE auth_mfa_challenge (
    -- SHA-256 of the token, which itself is never stored.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES auth_user (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL
);

CREATE INDEX auth_mfa_challenge_by_user ON auth_mfa_challenge (user_id, created_at);
CREATE INDEX auth_mfa_challenge_expiry ON auth_mfa_challenge (expires_at);

-- Public keys of authenticators (WebAuthn).
CREATE TABLE auth_passkey (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES auth_user (id),
    credential_id BYTEA NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Key, counter and flags, as the library keeps them: JSON.
    credential TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ
);

CREATE INDEX auth_passkey_by_user ON auth_passkey (user_id);

-- Challenges to authenticators that are still to be answered, each once.
CREATE TABLE auth_passkey_ceremony (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('REGISTER', 'PROVE')),
    -- Whose answer is awaited; nobody's in particular when somebody logs in by passkey alone.
    user_id UUID REFERENCES auth_user (id),
    -- The challenge and what was asked for, as the library keeps it: JSON.
    state TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX auth_passkey_ceremony_expiry ON auth_passkey_ceremony (expires_at);

-- Accounts that a person with a second factor has paid with a fresh proof: paying them again is nothing new.
CREATE TABLE auth_known_payee (
    user_id UUID NOT NULL REFERENCES auth_user (id),
    account_id UUID NOT NULL,
    known_since TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, account_id)
); -- clustered
