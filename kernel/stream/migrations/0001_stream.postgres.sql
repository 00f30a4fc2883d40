-- The oldest transaction that is under way, and the first that had not begun, as the asking transaction sees it.
CREATE FUNCTION store_oldest_transaction() RETURNS BIGINT LANGUAGE sql AS $$
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
$$;
CREATE FUNCTION store_next_transaction() RETURNS BIGINT LANGUAGE sql AS $$
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint
$$;
