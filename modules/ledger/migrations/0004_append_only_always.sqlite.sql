-- `INSERT OR REPLACE` deletes the row that is in its way, and no trigger on DELETE hears of it unless the connection asked
-- for that. So a row whose key is taken is refused before.
CREATE TRIGGER ledger_entry_no_replace BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;

CREATE TRIGGER ledger_posting_no_replace BEFORE INSERT ON ledger_posting
WHEN EXISTS (SELECT 1 FROM ledger_posting
             WHERE account_id = NEW.account_id AND entry_id = NEW.entry_id AND sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'ledger_posting is append-only'); END;
