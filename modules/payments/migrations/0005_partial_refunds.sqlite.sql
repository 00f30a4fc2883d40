-- What was held counts from the day on which it was captured, as in the books.
UPDATE payments_transaction SET value_date = settled_at / 86400000000
    WHERE expires_at IS NOT NULL AND settled_at IS NOT NULL;
