-- What of a payment was given back so far, by any number of refunds; absent: nothing.
ALTER TABLE payments_transaction ADD COLUMN refunded_minor BIGINT
    CHECK (refunded_minor > 0 AND refunded_minor <= COALESCE(captured_minor, amount_minor));
UPDATE payments_transaction SET refunded_minor =
        (SELECT SUM(refund.amount_minor) FROM payments_transaction AS refund
         WHERE refund.original_id = payments_transaction.id AND refund.type = 'REFUND')
    WHERE id IN (SELECT original_id FROM payments_transaction WHERE original_id IS NOT NULL AND type = 'REFUND');

-- Several refunds have one original; a reversal is still the only one. Neither index is written for other transactions.
DROP INDEX payments_transaction_original;
CREATE INDEX payments_transaction_original ON payments_transaction (original_id, id) WHERE original_id IS NOT NULL;
CREATE UNIQUE INDEX payments_transaction_reversed ON payments_transaction (original_id)
    WHERE original_id IS NOT NULL AND type = 'REVERSAL';
