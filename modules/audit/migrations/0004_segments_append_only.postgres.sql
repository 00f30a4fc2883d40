ALTER TABLE audit_segment ENABLE ALWAYS TRIGGER audit_segment_append_only;
ALTER TABLE audit_segment ENABLE ALWAYS TRIGGER audit_segment_no_truncate;
