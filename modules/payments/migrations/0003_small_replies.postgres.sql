-- The reply to a hundred transfers has 70 kB, which are stored in dozens of pieces unless they are compressed. A server
-- built without lz4 keeps the pieces.
DO $$
BEGIN
    ALTER TABLE payments_idempotency ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE payments_idempotency ALTER COLUMN body SET STORAGE EXTENDED;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$;
