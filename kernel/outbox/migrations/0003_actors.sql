-- Who brought it about. Rows from before do not know.
ALTER TABLE events_outbox ADD COLUMN actor_user_id UUID;
ALTER TABLE events_outbox ADD COLUMN actor_credential TEXT;
ALTER TABLE events_outbox ADD COLUMN actor_credential_id UUID;
ALTER TABLE events_outbox ADD COLUMN actor_client_id UUID;
ALTER TABLE events_outbox ADD COLUMN actor_on_behalf_of_id UUID;
-- Whether those who check the bank are shown it. What customers do with their own money is nearly all rows: it is null
-- there, and pays nothing for the indexes.
ALTER TABLE events_outbox ADD COLUMN is_audited BOOLEAN;
UPDATE events_outbox SET is_audited = TRUE WHERE substr(kind, 1, 9) <> 'payments.';
DROP INDEX events_outbox_administration;
DROP INDEX events_outbox_administration_subject;
CREATE INDEX events_outbox_audited ON events_outbox (id) WHERE is_audited;
CREATE INDEX events_outbox_audited_subject ON events_outbox (subject_id, id) WHERE is_audited;
CREATE INDEX events_outbox_audited_actor ON events_outbox (actor_user_id, id) WHERE is_audited;
