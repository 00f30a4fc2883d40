-- What the bank itself booked: the word of whoever booked it, and how many legs it has, where they are more than two. Whether
-- a side is the bank's own is stored for these only; elsewhere an own account is the one that a line of the chart has.
ALTER TABLE payments_transaction ADD COLUMN booked_as TEXT;
ALTER TABLE payments_transaction ADD COLUMN legs BIGINT CHECK (legs > 2);
ALTER TABLE payments_transaction ADD COLUMN source_is_own BOOLEAN;
ALTER TABLE payments_transaction ADD COLUMN destination_is_own BOOLEAN;

-- The legs of a booking with more than two.
CREATE TABLE payments_leg (
    transaction_id UUID NOT NULL,
    account_id UUID NOT NULL,
    -- Its place in the order in which they were given.
    position BIGINT NOT NULL,
    holder_id UUID,
    is_own BOOLEAN NOT NULL,
    currency TEXT NOT NULL,
    -- Credit positive, debit negative.
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    balance_minor BIGINT NOT NULL,
    available_minor BIGINT NOT NULL,
    PRIMARY KEY (transaction_id, account_id)
); -- clustered

-- Whoever becomes the owner of an account that was nobody's becomes the holder of its legs.
CREATE INDEX payments_leg_unowned ON payments_leg (account_id) WHERE holder_id IS NULL AND NOT is_own;
