-- Notices, the outbox, and who is at the door: sessions, codes, forms already sent.

CREATE TABLE notices (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('issued', 'declined')),
    version_number  INTEGER NOT NULL,
    content         BLOB NOT NULL,
    placed_at       INTEGER NOT NULL,
    first_read_at   INTEGER,
    UNIQUE (application_id, kind, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

-- A settled mail keeps no recipient and no text.
CREATE TABLE outbox (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    application_id  BLOB,
    kind            TEXT NOT NULL,
    dedupe          TEXT,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    recipient       BLOB,
    content         BLOB,
    queued_at       INTEGER NOT NULL,
    next_at         INTEGER NOT NULL,
    leased_until    INTEGER,
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    settled_at      INTEGER,
    UNIQUE (library_id, dedupe),
    CHECK ((state = 'waiting') = (recipient IS NOT NULL)),
    CHECK ((state = 'waiting') = (content IS NOT NULL)),
    CHECK ((state = 'waiting') = (settled_at IS NULL)),
    CHECK (leased_until IS NULL OR state = 'waiting'),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX outbox_waiting ON outbox (next_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_failed ON outbox (application_id) WHERE state = 'failed';

CREATE TABLE sessions (
    token_hash      BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    subject         TEXT NOT NULL CHECK (subject IN ('visitor', 'reader', 'applicant', 'staff')),
    subject_id      BLOB,
    started_at      INTEGER NOT NULL,
    seen_at         INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    CHECK ((subject = 'visitor') = (subject_id IS NULL))
) STRICT;

CREATE INDEX sessions_expiring ON sessions (expires_at);
CREATE INDEX sessions_by_subject ON sessions (subject_id) WHERE subject_id IS NOT NULL;

CREATE TABLE once_keys (
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    actor           BLOB NOT NULL CHECK (length(actor) = 32),
    route           TEXT NOT NULL,
    once_key        TEXT NOT NULL,
    body_hash       BLOB NOT NULL CHECK (length(body_hash) = 32),
    location        TEXT NOT NULL,
    claimed_at      INTEGER NOT NULL,
    PRIMARY KEY (library_id, actor, route, once_key)
) STRICT;

CREATE INDEX once_keys_by_age ON once_keys (claimed_at);

CREATE TABLE email_codes (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    session_hash    BLOB NOT NULL CHECK (length(session_hash) = 32),
    purpose         TEXT NOT NULL CHECK (purpose IN ('confirm', 'resume', 'sign_in')),
    email           BLOB NOT NULL,
    email_token     BLOB NOT NULL CHECK (length(email_token) = 32),
    application_id  BLOB,
    code_hash       BLOB NOT NULL CHECK (length(code_hash) = 32),
    sent_at         INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    tries           INTEGER NOT NULL CHECK (tries BETWEEN 0 AND 5),
    used_at         INTEGER,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX email_codes_by_session ON email_codes (session_hash, purpose);
CREATE INDEX email_codes_by_address ON email_codes (library_id, email_token, sent_at);
CREATE INDEX email_codes_expiring ON email_codes (expires_at);
