-- SHA-256 of what took the place of a used refresh token: a lost reply is given again for a moment. Those that were used
-- before this have none.
ALTER TABLE auth_grant_token ADD COLUMN successor_hash BYTEA;
