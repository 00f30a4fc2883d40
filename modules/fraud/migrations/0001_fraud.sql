-- What is remembered of accounts: see src/profile. The version says that it is still what was decided on.
CREATE TABLE fraud_profile (
    account_id UUID NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    profile BYTEA NOT NULL
);

-- Payments that somebody looks at before they are made. A payment is looked at once, so its identifier is the review's.
CREATE TABLE fraud_review (
    transaction_id UUID NOT NULL PRIMARY KEY,
    -- Whether it goes on as a hold when it is approved.
    is_hold BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'APPROVED', 'DECLINED', 'EXPIRED')),
    customer_id UUID NOT NULL,
    account_id UUID NOT NULL,
    payee_account_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    points BIGINT NOT NULL,
    rules_version BIGINT NOT NULL,
    -- JSON: what each rule found.
    findings TEXT NOT NULL,
    -- Bank time: when it began, by when somebody should have decided, and when it is over.
    opened_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    assigned_to UUID,
    decided_by UUID,
    decided_at TIMESTAMPTZ,
    reason TEXT,
    label TEXT CHECK (label IN ('FRAUD', 'GENUINE', 'UNSURE'))
); -- clustered

CREATE INDEX fraud_review_by_state ON fraud_review (state, transaction_id);

CREATE TABLE fraud_note (
    id UUID NOT NULL PRIMARY KEY,
    transaction_id UUID NOT NULL REFERENCES fraud_review (transaction_id),
    noted_by UUID NOT NULL,
    noted_at TIMESTAMPTZ NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX fraud_note_of ON fraud_note (transaction_id, id);

-- Who was paid by a payment that was looked at or declined, and by which customer, the last time.
CREATE TABLE fraud_suspicion (
    payee_account_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    suspected_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (payee_account_id, customer_id)
); -- clustered

CREATE INDEX fraud_suspicion_age ON fraud_suspicion (suspected_at);

-- Sets of rules that were activated; the newest one counts.
CREATE TABLE fraud_rule_set (
    version BIGINT NOT NULL PRIMARY KEY,
    -- JSON: see src/rule_set.rs.
    rules TEXT NOT NULL,
    proposed_by UUID,
    approval_id UUID UNIQUE,
    activated_at TIMESTAMPTZ NOT NULL
);

-- Rules that rest for a customer for a while.
CREATE TABLE fraud_snooze (
    rule TEXT NOT NULL,
    customer_id UUID NOT NULL,
    -- Bank time.
    until TIMESTAMPTZ NOT NULL,
    snoozed_by UUID NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (rule, customer_id)
); -- clustered
