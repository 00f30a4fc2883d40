-- Texts (SMS) wait as mails do, in a line of their own: a provider that is away holds up no mail.
ALTER TABLE notifications_mail ADD COLUMN way TEXT NOT NULL DEFAULT 'MAIL' CHECK (way IN ('MAIL', 'SMS'));

DROP INDEX notifications_mail_due;
CREATE INDEX notifications_mail_due ON notifications_mail (way, next_attempt_at) WHERE status = 'QUEUED';
-- How many codes a number got lately.
CREATE INDEX notifications_mail_texted ON notifications_mail (recipient, queued_at) WHERE way = 'SMS';

-- The number at which somebody is texted, and the one that they have yet to show is theirs.
CREATE TABLE notifications_phone (
    user_id UUID NOT NULL PRIMARY KEY,
    -- ITU-T E.164, with its plus sign.
    number TEXT,
    confirmed_at TIMESTAMPTZ,
    asked TEXT,
    -- The code that went there, sealed with the secrets key and bound to the person; erased when it is used.
    sealed_code BYTEA,
    code_until TIMESTAMPTZ,
    wrong_codes BIGINT NOT NULL,
    -- How many codes went out since then.
    codes BIGINT NOT NULL,
    codes_since TIMESTAMPTZ NOT NULL,
    CHECK ((number IS NULL) = (confirmed_at IS NULL)),
    CHECK ((asked IS NULL) = (sealed_code IS NULL)),
    CHECK ((asked IS NULL) = (code_until IS NULL))
);

-- The same, with a third channel.
CREATE TABLE notifications_preference_next (
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('INBOX', 'MAIL', 'SMS')),
    is_wanted BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, kind, channel)
);

INSERT INTO notifications_preference_next (user_id, kind, channel, is_wanted)
SELECT user_id, kind, channel, is_wanted FROM notifications_preference;

DROP TABLE notifications_preference;

ALTER TABLE notifications_preference_next RENAME TO notifications_preference;

-- News waits for each way by itself: who wants both is mailed and texted.
CREATE TABLE notifications_news_next (
    user_id UUID NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('MAIL', 'SMS')),
    event_id UUID NOT NULL,
    kind TEXT NOT NULL,
    amount TEXT,
    currency TEXT,
    happened_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, way, event_id)
);

INSERT INTO notifications_news_next (user_id, way, event_id, kind, amount, currency, happened_at)
SELECT user_id, 'MAIL', event_id, kind, amount, currency, happened_at FROM notifications_news;

DROP TABLE notifications_news;

ALTER TABLE notifications_news_next RENAME TO notifications_news;

-- When somebody was last texted news.
ALTER TABLE notifications_reader ADD COLUMN texted_at TIMESTAMPTZ;
