-- What a commit says that was decided while the clock was set otherwise: run the transaction again.
CREATE FUNCTION store_clock_was_set() RETURNS BIGINT LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the clock was set meanwhile' USING ERRCODE = 'serialization_failure';
END $$;
