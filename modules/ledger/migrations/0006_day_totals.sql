-- What was booked on each day that is over, by the day from which it counts: a report of any day adds these up, and only of
-- the days since then the postings themselves.
CREATE TABLE ledger_day_total (
    booked_on DATE NOT NULL,
    value_date DATE NOT NULL,
    chart_code TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- Credit positive, debit negative.
    amount_minor BIGINT NOT NULL,
    postings BIGINT NOT NULL CHECK (postings > 0),
    PRIMARY KEY (booked_on, value_date, chart_code, currency)
); -- clustered

-- Up to which day that is so.
CREATE TABLE ledger_closing (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    closed_until DATE NOT NULL
);

-- What was booked in a time is found by the identifiers of entries, except where these are of another time. Other postings
-- have no entry here.
CREATE INDEX ledger_posting_late_booked ON ledger_posting (booked_at) WHERE is_late;
