-- What somebody with a second factor has ordered without a fresh proof since their last one: one row for each currency.
CREATE TABLE auth_unproved_spending (
    user_id UUID NOT NULL REFERENCES auth_user (id),
    currency TEXT NOT NULL,
    -- When the first of it was ordered; a day later it counts no more.
    since TIMESTAMPTZ NOT NULL,
    minor BIGINT NOT NULL,
    PRIMARY KEY (user_id, currency)
);
