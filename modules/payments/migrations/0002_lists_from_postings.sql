-- What moved money is listed from the ledger's postings. Only a hold may be listed without one.
DROP INDEX payments_transaction_source;
DROP INDEX payments_transaction_destination;
CREATE INDEX payments_transaction_held_source ON payments_transaction (source_account_id, id)
    WHERE expires_at IS NOT NULL;
CREATE INDEX payments_transaction_held_destination ON payments_transaction (destination_account_id, id)
    WHERE expires_at IS NOT NULL;
