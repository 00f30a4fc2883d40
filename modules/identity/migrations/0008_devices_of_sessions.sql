-- Where a session was begun or last continued from: what its owner knows it again by.
ALTER TABLE auth_session ADD COLUMN address TEXT;

-- What the program said of itself, in plain characters.
ALTER TABLE auth_session ADD COLUMN user_agent TEXT;
