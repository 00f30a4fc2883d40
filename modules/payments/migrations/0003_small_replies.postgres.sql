-- The reply to a hundred transfers is stored in fifteen pieces unless it is compressed, and lz4 costs less than that. A
-- server built without it keeps the pieces.
DO $$
BEGIN
    ALTER TABLE payments_idempotency ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE payments_idempotency ALTER COLUMN body SET STORAGE EXTENDED;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$;
