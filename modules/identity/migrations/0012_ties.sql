-- Who had a hand in whom somebody is here: who made, let in again, promoted, logged out or linked them.
CREATE TABLE auth_tie (
    -- To whom it was done.
    person_id UUID NOT NULL REFERENCES auth_user (id),
    -- Who did it.
    other_id UUID NOT NULL,
    deed TEXT NOT NULL CHECK (deed IN ('MADE', 'ENABLED', 'ROLE_CHANGED', 'SESSIONS_ENDED', 'IDENTITY_LINKED')),
    -- When it was done last; of a password that the other knew: when it was changed.
    tied_at TIMESTAMPTZ NOT NULL,
    -- Whether the person's password is still the one that the other chose, or was told.
    knows_password BOOLEAN NOT NULL,
    PRIMARY KEY (person_id, other_id, deed)
);

-- Those that are old enough to be forgotten.
CREATE INDEX auth_tie_by_age ON auth_tie (tied_at);
