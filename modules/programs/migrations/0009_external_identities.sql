-- Whom a trusted issuer speaks of: one person for each of its subjects, and one subject of it for each person.
CREATE TABLE auth_external_identity (
    -- The claims `iss` and `sub`, to the letter.
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id UUID NOT NULL REFERENCES auth_user (id),
    linked_at TIMESTAMPTZ NOT NULL,
    -- Tokens that were issued before count no more: the person was logged out everywhere then.
    tokens_since TIMESTAMPTZ,
    PRIMARY KEY (issuer, subject),
    UNIQUE (user_id, issuer)
);
