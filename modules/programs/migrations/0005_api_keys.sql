-- Keys with which programs call the API for a person.
CREATE TABLE auth_api_key (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES auth_user (id),
    name TEXT NOT NULL,
    -- Words with single spaces between them.
    scopes TEXT NOT NULL,
    -- Networks with single spaces between them; none: from everywhere.
    allowed_addresses TEXT NOT NULL,
    -- SHA-256 of the whole key, which itself is never stored.
    secret_hash BYTEA NOT NULL,
    -- The one before the last rotation, and until when it still works.
    previous_secret_hash BYTEA,
    previous_secret_until TIMESTAMPTZ,
    -- The public key with which requests have to be signed, if they have to: 32 bytes, or a point of SEC 1.
    signer_algorithm TEXT CHECK (signer_algorithm IN ('ed25519', 'ecdsa-p256-sha256')),
    signer_public_key BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    -- To the minute.
    last_used_at TIMESTAMPTZ
);

CREATE INDEX auth_api_key_by_user ON auth_api_key (user_id, id);

-- Which signatures were seen, as long as they could be shown again.
CREATE TABLE auth_signature_nonce (
    api_key_id UUID NOT NULL,
    nonce_hash BYTEA NOT NULL,
    forget_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (api_key_id, nonce_hash)
); -- clustered

CREATE INDEX auth_signature_nonce_by_end ON auth_signature_nonce (forget_at);
