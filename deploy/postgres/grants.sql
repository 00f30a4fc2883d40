-- What the role that serves needs, and no more: it changes rows and makes no tables, and it deletes only what is there for a
-- while. Run this as the owner of the tables after each `florin migrate`, with your role's name for florin_serve.
-- docs/backup.md says who needs what else.
GRANT USAGE ON SCHEMA public TO florin_serve;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO florin_serve;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO florin_serve;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO florin_serve;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO florin_serve;
-- An earlier version of this file gave more.
REVOKE DELETE ON ALL TABLES IN SCHEMA public FROM florin_serve;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE DELETE ON TABLES FROM florin_serve;
-- What was booked and what was migrated is only read and, of bookings, added to.
REVOKE UPDATE ON ledger_entry, ledger_posting FROM florin_serve;
REVOKE UPDATE ON audit_leaf, audit_part, audit_key, audit_checkpoint, audit_segment FROM florin_serve;
REVOKE INSERT, UPDATE ON store_migration FROM florin_serve;
-- What ends, or is kept for a while only. Never an account, a payment, a person, an approval or an event.
GRANT DELETE ON
    analytics_active,
    analytics_daily,
    analytics_person,
    audit_recent_checkpoint,
    auth_authorization_code,
    auth_external_identity,
    auth_grant,
    auth_grant_token,
    auth_mail_token,
    auth_mfa_challenge,
    auth_passkey,
    auth_passkey_ceremony,
    auth_password_scheme,
    auth_recovery_code,
    auth_refresh_token,
    auth_reset_request,
    auth_session,
    auth_signature_nonce,
    auth_tie,
    auth_totp,
    auth_unproved_spending,
    clock_command,
    fraud_suspicion,
    notifications_mail,
    notifications_news,
    notifications_notice,
    payments_idempotency,
    payments_refusal,
    stream_parked,
    webhooks_attempt,
    webhooks_delivery,
    webhooks_endpoint
TO florin_serve;
-- With FLORIN_EVENTS_DAYS, which has old events forgotten, also this, each time after this file:
--     GRANT DELETE ON events_outbox, stream_page TO florin_serve;
