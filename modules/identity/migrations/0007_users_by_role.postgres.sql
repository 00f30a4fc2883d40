-- Lets the beginning of a username be looked for in any locale.
CREATE INDEX auth_user_by_username_prefix ON auth_user (username text_pattern_ops);
