-- What happened besides payments, which are nearly all rows and pay nothing for these.
CREATE INDEX events_outbox_administration ON events_outbox (id) WHERE substr(kind, 1, 9) <> 'payments.';
CREATE INDEX events_outbox_administration_subject ON events_outbox (subject_id, id)
    WHERE substr(kind, 1, 9) <> 'payments.';
