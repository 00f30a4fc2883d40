-- Who started it. Rows from before do not know.
ALTER TABLE payments_transaction ADD COLUMN actor_user_id UUID;
ALTER TABLE payments_transaction ADD COLUMN actor_credential TEXT;
ALTER TABLE payments_transaction ADD COLUMN actor_credential_id UUID;
ALTER TABLE payments_transaction ADD COLUMN actor_client_id UUID;
ALTER TABLE payments_transaction ADD COLUMN actor_on_behalf_of_id UUID;
