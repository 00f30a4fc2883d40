-- What a balance's update says where the account is no longer as it was assumed to be: run the transaction again.
CREATE FUNCTION store_lost_race() RETURNS BIGINT LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an account changed meanwhile' USING ERRCODE = 'serialization_failure';
END $$;
