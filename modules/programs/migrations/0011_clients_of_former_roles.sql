-- A client acts for who registered it until their role changes; what others granted to it goes on.
ALTER TABLE auth_oauth_client ADD COLUMN acts_for_owner BOOLEAN NOT NULL DEFAULT TRUE;
