-- `INSERT OR REPLACE` deletes the row that is in its way, and no trigger on DELETE hears of it unless the connection asked
-- for that. So a row whose key is taken is refused before.
CREATE TRIGGER audit_leaf_no_replace BEFORE INSERT ON audit_leaf
WHEN EXISTS (SELECT 1 FROM audit_leaf WHERE leaf_index = NEW.leaf_index OR event_id = NEW.event_id)
BEGIN SELECT RAISE(ABORT, 'audit_leaf is append-only'); END;
CREATE TRIGGER audit_part_no_replace BEFORE INSERT ON audit_part
WHEN EXISTS (SELECT 1 FROM audit_part WHERE level = NEW.level AND part_index = NEW.part_index)
BEGIN SELECT RAISE(ABORT, 'audit_part is append-only'); END;
CREATE TRIGGER audit_key_no_replace BEFORE INSERT ON audit_key
WHEN EXISTS (SELECT 1 FROM audit_key WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'audit_key is append-only'); END;
CREATE TRIGGER audit_checkpoint_no_replace BEFORE INSERT ON audit_checkpoint
WHEN EXISTS (SELECT 1 FROM audit_checkpoint WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END;
