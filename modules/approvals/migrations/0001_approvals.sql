-- What one person has asked for and another has to approve.
CREATE TABLE approvals_approval (
    id UUID NOT NULL PRIMARY KEY,
    action TEXT NOT NULL,
    -- JSON of the action: see action.rs.
    details TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'EXECUTING', 'EXECUTED', 'REJECTED', 'EXPIRED', 'FAILED')),
    requested_by UUID NOT NULL,
    -- Whose account or role it is about: decides neither.
    beneficiary_id UUID,
    requested_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ,
    comment TEXT,
    ended_at TIMESTAMPTZ,
    failure TEXT,
    -- The idempotency key of the request, where it had one, and what was asked for under it.
    key_hash BYTEA UNIQUE,
    fingerprint BYTEA,
    CHECK (decided_by <> requested_by)
);

-- What waits for a person, for its time to be over, or for its execution: few rows among many that have ended.
CREATE INDEX approvals_approval_open ON approvals_approval (status, expires_at)
    WHERE status IN ('PENDING', 'EXECUTING');
CREATE INDEX approvals_approval_by_status ON approvals_approval (status, id);
