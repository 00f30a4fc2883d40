-- One row that is written over and over: whoever asks whether the database takes writes does one.
CREATE TABLE store_readiness (
    singleton BIGINT NOT NULL PRIMARY KEY CHECK (singleton = 1),
    asked_at TIMESTAMPTZ NOT NULL
);
