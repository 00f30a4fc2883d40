-- A snapshot says which transactions have ended, and not which have begun: what it calls the next may be under way. The number of
-- a transaction that begins only now is higher than that of every other.
CREATE OR REPLACE FUNCTION store_next_transaction() RETURNS BIGINT LANGUAGE sql AS $$
    SELECT pg_current_xact_id()::text::bigint
$$;
