-- Addresses that are known to be read by their owner, what goes out to them, how a password was hashed, and one more try
-- for a refresh token whose reply was lost.
ALTER TABLE auth_user ADD COLUMN email_verified_at TIMESTAMPTZ;
-- The verified address in lower case: the only one that gets a way back in.
ALTER TABLE auth_user ADD COLUMN recovery_email TEXT;
-- The algorithm and its parameters, without the salt and the hash.
ALTER TABLE auth_user ADD COLUMN password_scheme TEXT NOT NULL DEFAULT '$argon2id$v=19$m=19456,t=2,p=1';

CREATE INDEX auth_user_by_recovery_email ON auth_user (recovery_email) WHERE recovery_email IS NOT NULL;
CREATE INDEX auth_user_by_password_scheme ON auth_user (password_scheme);

-- Every scheme that somebody's password is hashed with: a failed login costs the work of all of them.
CREATE TABLE auth_password_scheme (
    scheme TEXT NOT NULL PRIMARY KEY
);

-- What took the place of a used token; and when it was itself replaced unused, because its reply was lost.
ALTER TABLE auth_refresh_token ADD COLUMN successor_hash BYTEA;
ALTER TABLE auth_refresh_token ADD COLUMN replaced_at TIMESTAMPTZ;

CREATE INDEX auth_session_by_end ON auth_session (expires_at);

-- Tokens that went out by mail: each proves once that its holder reads the address.
CREATE TABLE auth_mail_token (
    -- SHA-256 of the token, which itself is only in the mail.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES auth_user (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD')),
    -- Where it was sent, in lower case.
    email TEXT NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    -- Used, or superseded by a newer one.
    ended_at TIMESTAMPTZ
);

CREATE INDEX auth_mail_token_by_user ON auth_mail_token (user_id, purpose);
CREATE INDEX auth_mail_token_by_email ON auth_mail_token (email, purpose);
CREATE INDEX auth_mail_token_by_issue ON auth_mail_token (issued_at);

-- Somebody says that they forgot a password. Whether there is such a person is looked up later, so that the answer takes
-- the same work for everybody.
CREATE TABLE auth_reset_request (
    id UUID NOT NULL PRIMARY KEY,
    username TEXT,
    -- In lower case.
    email TEXT,
    requested_at TIMESTAMPTZ NOT NULL
);
