-- What people are told in the app: one row for each event and person that is worth a look.
CREATE TABLE notifications_notice (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    event_id UUID NOT NULL,
    kind TEXT NOT NULL,
    -- The event as the person may see it.
    body TEXT NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ,
    UNIQUE (user_id, event_id)
);

CREATE INDEX notifications_notice_list ON notifications_notice (user_id, id);
CREATE INDEX notifications_notice_unread ON notifications_notice (user_id, id) WHERE read_at IS NULL;

-- What somebody wants to be told, where that differs from what is usual.
CREATE TABLE notifications_preference (
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('INBOX', 'MAIL')),
    is_wanted BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, kind, channel)
);
