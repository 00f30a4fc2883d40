-- Programs that act for people (RFC 6749: clients).
CREATE TABLE auth_oauth_client (
    id UUID NOT NULL PRIMARY KEY,
    owner_id UUID NOT NULL REFERENCES auth_user (id),
    name TEXT NOT NULL,
    -- SHA-256 of the secret; a public client, which could not keep one, has none.
    secret_hash BYTEA,
    -- One in each line.
    redirect_uris TEXT NOT NULL,
    -- The most that may be granted to it, as words with spaces between them.
    scopes TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ
);

CREATE INDEX auth_oauth_client_by_owner ON auth_oauth_client (owner_id);

-- What a person has granted to a client: one row for each consent, and for each token that a client gets for its owner.
CREATE TABLE auth_grant (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL REFERENCES auth_oauth_client (id),
    user_id UUID NOT NULL REFERENCES auth_user (id),
    kind TEXT NOT NULL CHECK (kind IN ('CONSENT', 'OWN')),
    scopes TEXT NOT NULL,
    granted_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    -- How the person proved who they are when they consented: words of the claim `amr`.
    proved_with TEXT NOT NULL
);

CREATE INDEX auth_grant_by_user ON auth_grant (user_id);
CREATE INDEX auth_grant_by_client ON auth_grant (client_id);
CREATE INDEX auth_grant_by_expiry ON auth_grant (expires_at);
CREATE INDEX auth_grant_revoked ON auth_grant (revoked_at) WHERE revoked_at IS NOT NULL;

-- The code that carries a consent through the browser to the client.
CREATE TABLE auth_authorization_code (
    -- SHA-256 of the code, which itself is never stored.
    code_hash BYTEA NOT NULL PRIMARY KEY,
    grant_id UUID NOT NULL REFERENCES auth_grant (id),
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);

CREATE INDEX auth_authorization_code_by_grant ON auth_authorization_code (grant_id);

-- Every refresh token of a grant, the used ones too: they betray a stolen copy.
CREATE TABLE auth_grant_token (
    -- SHA-256 of the token, which itself is never stored.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    grant_id UUID NOT NULL REFERENCES auth_grant (id),
    issued_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);

CREATE INDEX auth_grant_token_by_grant ON auth_grant_token (grant_id);
