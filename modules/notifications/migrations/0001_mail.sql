-- Mails on their way out. The row is kept for a while after the mail has gone; what it said is not.
CREATE TABLE notifications_mail (
    id UUID NOT NULL PRIMARY KEY,
    -- Whom it is about.
    user_id UUID NOT NULL,
    -- What it is for, as events tell it.
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- It may hold a token: erased once the mail is sent or given up.
    body TEXT,
    status TEXT NOT NULL CHECK (status IN ('QUEUED', 'SENT', 'FAILED')),
    -- How often it was taken out for delivery; together with the identifier the fencing token of whoever has it.
    attempts BIGINT NOT NULL,
    -- When it may be taken out next: the end of the lease of whoever has it, or of the wait after a failure.
    next_attempt_at TIMESTAMPTZ NOT NULL,
    -- After this nobody wants it any more.
    useful_until TIMESTAMPTZ NOT NULL,
    queued_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    -- What the mail server said last.
    failure TEXT,
    CHECK ((status = 'QUEUED') = (body IS NOT NULL)),
    CHECK ((status = 'QUEUED') = (ended_at IS NULL))
);

CREATE INDEX notifications_mail_due ON notifications_mail (next_attempt_at) WHERE status = 'QUEUED';
CREATE INDEX notifications_mail_ended ON notifications_mail (ended_at) WHERE ended_at IS NOT NULL;
