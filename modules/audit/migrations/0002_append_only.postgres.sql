-- Also for sessions that call themselves replicas, which triggers otherwise do not see.
ALTER TABLE audit_leaf ENABLE ALWAYS TRIGGER audit_leaf_append_only;
ALTER TABLE audit_leaf ENABLE ALWAYS TRIGGER audit_leaf_no_truncate;
ALTER TABLE audit_part ENABLE ALWAYS TRIGGER audit_part_append_only;
ALTER TABLE audit_part ENABLE ALWAYS TRIGGER audit_part_no_truncate;
ALTER TABLE audit_key ENABLE ALWAYS TRIGGER audit_key_append_only;
ALTER TABLE audit_key ENABLE ALWAYS TRIGGER audit_key_no_truncate;
ALTER TABLE audit_checkpoint ENABLE ALWAYS TRIGGER audit_checkpoint_append_only;
ALTER TABLE audit_checkpoint ENABLE ALWAYS TRIGGER audit_checkpoint_no_truncate;
