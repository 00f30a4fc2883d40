-- Events in the order in which they are told: each page puts the events of one round in their places. Positions have no gaps.
CREATE TABLE stream_page (
    last_position BIGINT NOT NULL PRIMARY KEY,
    first_position BIGINT NOT NULL,
    -- The lowest and the highest number among its events, and the number up to which all events have their place.
    lowest_number BIGINT NOT NULL,
    highest_number BIGINT NOT NULL,
    settled_number BIGINT NOT NULL,
    -- For each event its number (8 bytes) and which of its subject's events it is (4 bytes), most significant byte first.
    events BYTEA NOT NULL
);
CREATE INDEX stream_page_numbers ON stream_page (highest_number);

-- How many events a subject has, where its later events do not say.
CREATE TABLE stream_subject (
    subject_id UUID NOT NULL PRIMARY KEY,
    events BIGINT NOT NULL
);

-- How far a reader of the stream is, and who reads for it. Whoever takes over raises the token: what the one before still
-- wants to write is refused by it.
CREATE TABLE stream_subscription (
    name TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    token BIGINT NOT NULL,
    leased_until TIMESTAMPTZ
);

-- Events that a reader could not take, and later ones of their subjects, which wait behind them.
CREATE TABLE stream_parked (
    subscription TEXT NOT NULL,
    position BIGINT NOT NULL,
    subject_id UUID NOT NULL,
    tries BIGINT NOT NULL,
    -- Why the last try failed; nothing while it only waits.
    reason TEXT,
    -- Nothing: it waits for what is before it, or for somebody to look into it.
    next_try_at TIMESTAMPTZ,
    PRIMARY KEY (subscription, position)
);
CREATE INDEX stream_parked_subject ON stream_parked (subscription, subject_id, position);
