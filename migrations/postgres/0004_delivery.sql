-- Notices, the outbox, and who is at the door: sessions, codes, forms already sent.

CREATE TABLE notices (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('issued', 'declined')),
    version_number  BIGINT NOT NULL,
    content         BYTEA NOT NULL,
    placed_at       TIMESTAMPTZ NOT NULL,
    first_read_at   TIMESTAMPTZ,
    UNIQUE (application_id, kind, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

-- A settled mail keeps no recipient and no text.
CREATE TABLE outbox (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL REFERENCES libraries (id),
    application_id  UUID,
    kind            TEXT NOT NULL,
    dedupe          TEXT,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    recipient       BYTEA,
    content         BYTEA,
    queued_at       TIMESTAMPTZ NOT NULL,
    next_at         TIMESTAMPTZ NOT NULL,
    leased_until    TIMESTAMPTZ,
    attempts        BIGINT NOT NULL CHECK (attempts >= 0),
    settled_at      TIMESTAMPTZ,
    UNIQUE (library_id, dedupe),
    CHECK ((state = 'waiting') = (recipient IS NOT NULL)),
    CHECK ((state = 'waiting') = (content IS NOT NULL)),
    CHECK ((state = 'waiting') = (settled_at IS NULL)),
    CHECK (leased_until IS NULL OR state = 'waiting'),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

CREATE INDEX outbox_waiting ON outbox (next_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_failed ON outbox (application_id) WHERE state = 'failed';

CREATE TABLE sessions (
    token_hash      BYTEA NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    library_id      UUID NOT NULL REFERENCES libraries (id),
    subject         TEXT NOT NULL CHECK (subject IN ('visitor', 'reader', 'applicant', 'staff')),
    subject_id      UUID,
    started_at      TIMESTAMPTZ NOT NULL,
    seen_at         TIMESTAMPTZ NOT NULL,
    expires_at      TIMESTAMPTZ NOT NULL,
    CHECK ((subject = 'visitor') = (subject_id IS NULL))
);

CREATE INDEX sessions_expiring ON sessions (expires_at);
CREATE INDEX sessions_by_subject ON sessions (subject_id) WHERE subject_id IS NOT NULL;

CREATE TABLE once_keys (
    library_id      UUID NOT NULL REFERENCES libraries (id),
    actor           BYTEA NOT NULL CHECK (length(actor) = 32),
    route           TEXT NOT NULL,
    once_key        TEXT NOT NULL,
    body_hash       BYTEA NOT NULL CHECK (length(body_hash) = 32),
    location        TEXT NOT NULL,
    claimed_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (library_id, actor, route, once_key)
);

CREATE INDEX once_keys_by_age ON once_keys (claimed_at);

CREATE TABLE email_codes (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL REFERENCES libraries (id),
    session_hash    BYTEA NOT NULL CHECK (length(session_hash) = 32),
    purpose         TEXT NOT NULL CHECK (purpose IN ('confirm', 'resume', 'sign_in')),
    email           BYTEA NOT NULL,
    email_token     BYTEA NOT NULL CHECK (length(email_token) = 32),
    application_id  UUID,
    code_hash       BYTEA NOT NULL CHECK (length(code_hash) = 32),
    sent_at         TIMESTAMPTZ NOT NULL,
    expires_at      TIMESTAMPTZ NOT NULL,
    tries           BIGINT NOT NULL CHECK (tries BETWEEN 0 AND 5),
    used_at         TIMESTAMPTZ,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

CREATE INDEX email_codes_by_session ON email_codes (session_hash, purpose);
CREATE INDEX email_codes_by_address ON email_codes (library_id, email_token, sent_at);
CREATE INDEX email_codes_expiring ON email_codes (expires_at);
