-- What is to be mailed to somebody who asked for it, until their next mail is due: what comes close together comes in one.
CREATE TABLE notifications_news (
    user_id UUID NOT NULL,
    event_id UUID NOT NULL,
    kind TEXT NOT NULL,
    amount TEXT,
    currency TEXT,
    happened_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, event_id)
);

-- In which language somebody is written to, and when they were last.
CREATE TABLE notifications_reader (
    user_id UUID NOT NULL PRIMARY KEY,
    language TEXT NOT NULL CHECK (language IN ('en', 'de', 'ar')),
    mailed_at TIMESTAMPTZ
);
