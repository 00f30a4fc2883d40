-- What a mail says may open a door: it waits sealed, and the key is not in the database. `body` holds what an earlier
-- version queued; it is sealed by the first process that serves. An older program that runs beside finds no body in
-- newer rows and so leaves them alone.
CREATE TABLE notifications_mail_next (
    id UUID NOT NULL PRIMARY KEY,
    -- Whom it is about.
    user_id UUID NOT NULL,
    -- What it is for, as events tell it.
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
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
    -- What it says, sealed with the secrets key and bound to the identifier; erased once the mail is sent or given up.
    sealed_body BYTEA,
    CHECK ((status = 'QUEUED') = (body IS NOT NULL OR sealed_body IS NOT NULL)),
    CHECK ((status = 'QUEUED') = (ended_at IS NULL))
);

INSERT INTO notifications_mail_next
    (id, user_id, kind, recipient, subject, body, status, attempts, next_attempt_at, useful_until, queued_at, ended_at,
     failure)
SELECT id, user_id, kind, recipient, subject, body, status, attempts, next_attempt_at, useful_until, queued_at, ended_at,
       failure
FROM notifications_mail;

DROP TABLE notifications_mail;

ALTER TABLE notifications_mail_next RENAME TO notifications_mail;

CREATE INDEX notifications_mail_due ON notifications_mail (next_attempt_at) WHERE status = 'QUEUED';
CREATE INDEX notifications_mail_ended ON notifications_mail (ended_at) WHERE ended_at IS NOT NULL;
