-- Signing in with the card: by which name the signing app knows an applicant, and requests to sign in.

CREATE TABLE app_subjects (
    application_id  BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    subject_token   BLOB NOT NULL CHECK (length(subject_token) = 32),
    linked_at       INTEGER NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX app_subjects_by_token ON app_subjects (library_id, subject_token);

-- Nonce and code verifier are derived from the session's cookie: they rest nowhere.
CREATE TABLE card_sign_ins (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    purpose         TEXT NOT NULL CHECK (purpose IN ('sign_in', 'reveal')),
    state_hash      BLOB NOT NULL UNIQUE CHECK (length(state_hash) = 32),
    session_hash    BLOB NOT NULL CHECK (length(session_hash) = 32),
    opened_at       INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    consumed_at     INTEGER,
    proved_session  BLOB UNIQUE CHECK (length(proved_session) = 32),
    proved_subject  BLOB CHECK (length(proved_subject) = 32),
    CHECK ((proved_session IS NULL) = (proved_subject IS NULL)),
    CHECK (proved_session IS NULL OR consumed_at IS NOT NULL)
) STRICT;

CREATE INDEX card_sign_ins_by_age ON card_sign_ins (opened_at);
