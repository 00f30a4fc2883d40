CREATE SEQUENCE events_number;
CREATE TABLE events_outbox (
    -- The transaction has its own number before it takes one here: who sees a later one of these, and no transaction as old
    -- as the one that took this is under way, knows that it will never be used.
    number BIGINT NOT NULL PRIMARY KEY
        DEFAULT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('events_number') END,
    id UUID NOT NULL UNIQUE,
    subject_id UUID NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    actor_user_id UUID,
    actor_credential TEXT,
    actor_credential_id UUID,
    actor_client_id UUID,
    actor_on_behalf_of_id UUID,
    is_audited BOOLEAN,
    -- Whether the subject begins with it; null where whoever wrote it did not know, and they are counted.
    is_first BOOLEAN
);
ALTER SEQUENCE events_number OWNED BY events_outbox.number;
INSERT INTO events_outbox (
    id, subject_id, kind, payload, happened_at, actor_user_id, actor_credential, actor_credential_id,
    actor_client_id, actor_on_behalf_of_id, is_audited
) SELECT
    id, subject_id, kind, payload, happened_at, actor_user_id, actor_credential, actor_credential_id,
    actor_client_id, actor_on_behalf_of_id, is_audited
FROM events_outbox_unnumbered ORDER BY id;
DROP TABLE events_outbox_unnumbered;
CREATE INDEX events_outbox_audited ON events_outbox (id) WHERE is_audited;
CREATE INDEX events_outbox_audited_subject ON events_outbox (subject_id, id) WHERE is_audited;
CREATE INDEX events_outbox_audited_actor ON events_outbox (actor_user_id, id) WHERE is_audited;
