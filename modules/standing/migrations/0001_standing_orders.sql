-- What people have told the bank to pay again and again, or once on a later day.
CREATE TABLE standing_order (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'PAUSED', 'ENDED', 'CANCELLED', 'STOPPED')),
    source_account_id UUID NOT NULL,
    destination_account_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    description TEXT NOT NULL,
    frequency TEXT NOT NULL CHECK (frequency IN ('ONCE', 'DAILY', 'WEEKLY', 'MONTHLY', 'LAST_BUSINESS_DAY')),
    first_date DATE NOT NULL,
    last_date DATE,
    -- Of a month; where it is shorter, its last day.
    day_of_month BIGINT CHECK (day_of_month BETWEEN 1 AND 31),
    on_holiday TEXT NOT NULL CHECK (on_holiday IN ('PREVIOUS', 'NEXT', 'SAME')),
    catches_up BOOLEAN NOT NULL,
    -- How often its dates were chosen anew: dates are counted from there.
    version BIGINT NOT NULL,
    -- The next of its dates, counted from 0; the date, by its schedule; when it is tried, in bank time; and the instant by which
    -- its transaction is named, however often it is tried. Absent: nothing is left.
    next_number BIGINT NOT NULL,
    next_date DATE,
    due_at TIMESTAMPTZ,
    named_at TIMESTAMPTZ,
    -- How often the next date was tried before, and how many dates before it failed, one behind the other.
    tries BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- SHA-256 over caller, route and key with which it was asked for, and over what was asked for: asked again it is the same order.
    key_hash BYTEA NOT NULL UNIQUE,
    fingerprint BYTEA NOT NULL,
    CHECK ((next_date IS NULL) = (due_at IS NULL) AND (due_at IS NULL) = (named_at IS NULL))
);

CREATE INDEX standing_order_user ON standing_order (user_id, id);
CREATE INDEX standing_order_due ON standing_order (due_at, id) WHERE status = 'ACTIVE' AND due_at IS NOT NULL;

-- What became of the dates.
CREATE TABLE standing_run (
    id UUID NOT NULL PRIMARY KEY,
    order_id UUID NOT NULL,
    -- The date by the schedule; of dates that were left out, the last one, and how many.
    date DATE NOT NULL,
    dates BIGINT NOT NULL CHECK (dates > 0),
    outcome TEXT NOT NULL CHECK (outcome IN ('PAID', 'REFUSED', 'SKIPPED')),
    -- Why not, in a word.
    why TEXT,
    transaction_id UUID,
    happened_at TIMESTAMPTZ NOT NULL,
    CHECK ((outcome = 'PAID') = (transaction_id IS NOT NULL))
);

CREATE INDEX standing_run_order ON standing_run (order_id, id);
-- A payment is written down once, by whoever saw it first.
CREATE UNIQUE INDEX standing_run_transaction ON standing_run (transaction_id) WHERE transaction_id IS NOT NULL;
