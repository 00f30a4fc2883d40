-- Customers' accounts: what people know them by. Balance, currency, status and limit are the ledger's,
-- under the same identifier.
CREATE TABLE accounts_account (
    id UUID NOT NULL PRIMARY KEY,
    -- Whose it is; absent while an imported account has nobody who can log in.
    user_id UUID,
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('CHECKING', 'SAVINGS', 'BUSINESS')),
    -- What another system calls it: an import finds it again by this.
    external_ref TEXT UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX accounts_account_user ON accounts_account (user_id, id);
