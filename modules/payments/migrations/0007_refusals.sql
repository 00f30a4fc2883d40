-- Commands that were refused, for those who are asked why; forgotten after some weeks.
CREATE TABLE payments_refusal (
    id UUID NOT NULL PRIMARY KEY,
    happened_at TIMESTAMPTZ NOT NULL,
    actor_user_id UUID NOT NULL,
    actor_credential TEXT NOT NULL,
    actor_credential_id UUID,
    actor_client_id UUID,
    actor_on_behalf_of_id UUID,
    request_id TEXT,
    command TEXT NOT NULL,
    -- A word of payments::Reason.
    reason TEXT NOT NULL,
    -- JSON: the figures behind the reason.
    figures TEXT NOT NULL,
    transaction_id UUID,
    source_account_id UUID,
    destination_account_id UUID,
    amount_minor BIGINT,
    currency TEXT
); -- clustered

CREATE INDEX payments_refusal_user ON payments_refusal (actor_user_id, id);
CREATE INDEX payments_refusal_source ON payments_refusal (source_account_id, id);
CREATE INDEX payments_refusal_destination ON payments_refusal (destination_account_id, id);
CREATE INDEX payments_refusal_request ON payments_refusal (request_id, id);
