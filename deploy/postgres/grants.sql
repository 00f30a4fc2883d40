-- What the role that serves needs, and no more: it changes rows and makes no tables. Run this as the owner of the tables
-- once `florin migrate` has made them, with your role's name for florin_serve; tables of later migrations follow by
-- themselves. docs/backup.md says who needs what else.
GRANT USAGE ON SCHEMA public TO florin_serve;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO florin_serve;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO florin_serve;
-- What was booked and what was migrated is only read and, of bookings, added to.
REVOKE UPDATE, DELETE ON ledger_entry, ledger_posting FROM florin_serve;
REVOKE INSERT, UPDATE, DELETE ON store_migration FROM florin_serve;
