-- One row for each thing that happened, in the same commit as its effect.
CREATE TABLE events_outbox (
    id UUID NOT NULL PRIMARY KEY,
    subject_id UUID NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL
); -- clustered
