CREATE TABLE events_outbox (
    -- One more than the highest there is: the newest event is never deleted.
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    subject_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    actor_user_id BLOB,
    actor_credential TEXT,
    actor_credential_id BLOB,
    actor_client_id BLOB,
    actor_on_behalf_of_id BLOB,
    is_audited INTEGER,
    -- Whether the subject begins with it; null where whoever wrote it did not know, and they are counted.
    is_first INTEGER
) STRICT;
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
