CREATE TRIGGER audit_segment_no_replace BEFORE INSERT ON audit_segment
WHEN EXISTS (SELECT 1 FROM audit_segment WHERE first_leaf = NEW.first_leaf)
BEGIN SELECT RAISE(ABORT, 'audit_segment is append-only'); END;
