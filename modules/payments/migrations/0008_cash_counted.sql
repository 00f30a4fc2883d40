-- What somebody has paid in and out in cash within a day: one row for each currency. Not part of the books.
CREATE TABLE payments_cash_counted (
    user_id UUID NOT NULL,
    currency TEXT NOT NULL,
    -- When the first of it was ordered; a day later it counts no more.
    since TIMESTAMPTZ NOT NULL,
    minor BIGINT NOT NULL,
    PRIMARY KEY (user_id, currency)
);
