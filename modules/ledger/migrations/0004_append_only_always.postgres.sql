-- Also for sessions that call themselves replicas, which triggers otherwise do not see.
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_append_only;
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_no_truncate;
ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER ledger_posting_append_only;
ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER ledger_posting_no_truncate;
