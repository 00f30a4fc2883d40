-- Where people want to be told of events, and how those places are doing.
CREATE TABLE webhooks_endpoint (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    url TEXT NOT NULL,
    -- Patterns of kinds of events, with spaces between them.
    patterns TEXT NOT NULL,
    description TEXT NOT NULL,
    algorithm TEXT NOT NULL CHECK (algorithm IN ('hmac-sha256', 'ed25519')),
    -- Sealed with the secrets key and bound to the identifier; gone with the endpoint.
    sealed_secret BYTEA,
    sealed_former_secret BYTEA,
    -- Until then the former secret signs beside the present one.
    former_secret_until TIMESTAMPTZ,
    -- Why it is called no more; absent: it is called.
    disabled TEXT CHECK (disabled IN ('GONE', 'FAILING', 'ACCESS_CHANGED')),
    -- Failures since the last success, and when the first of them was.
    failures BIGINT NOT NULL,
    failing_since TIMESTAMPTZ,
    -- Until then it is called carefully.
    slow_until TIMESTAMPTZ,
    -- When the next call to it is due; absent: nothing waits.
    due_at TIMESTAMPTZ,
    -- Whoever calls it has it until then; the token fences.
    leased_until TIMESTAMPTZ,
    token BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ
);

CREATE INDEX webhooks_endpoint_user ON webhooks_endpoint (user_id, id) WHERE deleted_at IS NULL;
CREATE INDEX webhooks_endpoint_due ON webhooks_endpoint (due_at)
    WHERE due_at IS NOT NULL AND disabled IS NULL AND deleted_at IS NULL;

-- One event on its way to one endpoint.
CREATE TABLE webhooks_delivery (
    id UUID NOT NULL PRIMARY KEY,
    endpoint_id UUID NOT NULL,
    event_id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- What is sent, to the byte, at each try.
    body TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('QUEUED', 'DELIVERED', 'FAILED')),
    -- Tries since it was queued, or queued again by hand; and all of them.
    tries BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_try_at TIMESTAMPTZ NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CHECK ((status = 'QUEUED') = (ended_at IS NULL)),
    UNIQUE (endpoint_id, event_id)
);

CREATE INDEX webhooks_delivery_due ON webhooks_delivery (endpoint_id, next_try_at, id) WHERE status = 'QUEUED';
CREATE INDEX webhooks_delivery_list ON webhooks_delivery (endpoint_id, id);
CREATE INDEX webhooks_delivery_happened ON webhooks_delivery (endpoint_id, happened_at);

-- What came of each try.
CREATE TABLE webhooks_attempt (
    delivery_id UUID NOT NULL,
    number BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    duration_ms BIGINT NOT NULL,
    -- The status of HTTP, if there was an answer.
    code BIGINT,
    -- Why it does not count as delivered; absent: it does.
    failure TEXT,
    -- The beginning of the answer, for the owner of the endpoint.
    excerpt TEXT,
    PRIMARY KEY (delivery_id, number)
);
