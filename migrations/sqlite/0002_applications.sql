-- Applications, what was signed, what was decided, and the record of it all.

CREATE TABLE applications (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    reference       TEXT NOT NULL,
    procedure       TEXT NOT NULL CHECK (procedure IN ('new_card')),
    rules_version   INTEGER NOT NULL,
    last_version    INTEGER NOT NULL CHECK (last_version >= 0),
    row_version     INTEGER NOT NULL CHECK (row_version >= 0),
    started_at      INTEGER NOT NULL,
    state           TEXT NOT NULL,
    expires_at      INTEGER,
    version_number  INTEGER,
    version_digest  BLOB,
    request_id      BLOB,
    submitted_at    INTEGER,
    reviewer_id     BLOB,
    lease_until     INTEGER,
    decided_at      INTEGER,
    ended_at        INTEGER,
    signer_token    BLOB,
    UNIQUE (library_id, reference),
    UNIQUE (id, library_id),
    FOREIGN KEY (library_id, rules_version) REFERENCES library_rules (library_id, version),
    FOREIGN KEY (reviewer_id, library_id) REFERENCES staff (id, library_id),
    CHECK (state IN ('draft', 'awaiting_signature', 'submitted', 'under_review',
                     'issued', 'declined', 'withdrawn', 'lapsed')),
    CHECK ((state IN ('draft', 'awaiting_signature')) = (expires_at IS NOT NULL)),
    CHECK ((state IN ('awaiting_signature', 'submitted', 'under_review', 'issued', 'declined'))
           = (version_number IS NOT NULL)),
    CHECK ((version_number IS NULL) = (version_digest IS NULL)),
    CHECK (version_number IS NULL OR version_number BETWEEN 1 AND last_version),
    CHECK (version_digest IS NULL OR length(version_digest) = 32),
    CHECK ((state = 'awaiting_signature') = (request_id IS NOT NULL)),
    CHECK ((state IN ('submitted', 'under_review', 'issued', 'declined')) = (submitted_at IS NOT NULL)),
    CHECK ((state IN ('under_review', 'issued', 'declined')) = (reviewer_id IS NOT NULL)),
    CHECK ((state = 'under_review') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('issued', 'declined')) = (decided_at IS NOT NULL)),
    CHECK ((state IN ('withdrawn', 'lapsed')) = (ended_at IS NOT NULL)),
    CHECK (signer_token IS NULL OR length(signer_token) = 32)
) STRICT;

-- One open application per signing card and procedure.
CREATE UNIQUE INDEX applications_open_signer ON applications (library_id, procedure, signer_token)
    WHERE state IN ('submitted', 'under_review');
CREATE INDEX applications_open ON applications (library_id, submitted_at, id)
    WHERE state IN ('submitted', 'under_review');
CREATE INDEX applications_decided ON applications (library_id, submitted_at, id)
    WHERE state IN ('issued', 'declined');
CREATE INDEX applications_queue ON applications (library_id, submitted_at, id)
    WHERE state IN ('submitted', 'under_review', 'issued', 'declined');
CREATE INDEX applications_expiring ON applications (state, expires_at)
    WHERE state IN ('draft', 'awaiting_signature');
CREATE INDEX applications_ended ON applications (ended_at, id)
    WHERE state IN ('withdrawn', 'lapsed');

CREATE TABLE drafts (
    application_id  BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    answers         BLOB NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE TABLE versions (
    application_id  BLOB NOT NULL,
    number          INTEGER NOT NULL CHECK (number >= 1),
    library_id      BLOB NOT NULL,
    digest          BLOB NOT NULL CHECK (length(digest) = 32),
    document        BLOB NOT NULL,
    frozen_at       INTEGER NOT NULL,
    PRIMARY KEY (application_id, number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE TABLE signing_requests (
    id                BLOB NOT NULL PRIMARY KEY,
    library_id        BLOB NOT NULL,
    application_id    BLOB NOT NULL,
    version_number    INTEGER NOT NULL,
    state_hash        BLOB NOT NULL UNIQUE CHECK (length(state_hash) = 32),
    transaction_id    TEXT NOT NULL,
    signed_attributes BLOB NOT NULL,
    secrets           BLOB NOT NULL,
    session_hash      BLOB NOT NULL CHECK (length(session_hash) = 32),
    opened_at         INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    consumed_at       INTEGER,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number)
) STRICT;

CREATE INDEX signing_requests_by_application ON signing_requests (application_id, opened_at);

CREATE TABLE signatures (
    application_id  BLOB NOT NULL,
    version_number  INTEGER NOT NULL,
    library_id      BLOB NOT NULL,
    cms             BLOB NOT NULL,
    certificate     BLOB NOT NULL,
    verdict         BLOB NOT NULL,
    revocation      TEXT NOT NULL CHECK (revocation IN ('good', 'revoked', 'unknown')),
    signer_token    BLOB NOT NULL CHECK (length(signer_token) = 32),
    received_at     INTEGER NOT NULL,
    PRIMARY KEY (application_id, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number)
) STRICT;

CREATE TABLE decisions (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    version_number  INTEGER NOT NULL,
    version_digest  BLOB NOT NULL CHECK (length(version_digest) = 32),
    outcome         TEXT NOT NULL CHECK (outcome IN ('approved', 'declined')),
    reason          BLOB,
    decided_by      BLOB NOT NULL,
    decided_at      INTEGER NOT NULL,
    superseded_at   INTEGER,
    CHECK ((outcome = 'declined') = (reason IS NOT NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (decided_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

-- Exactly one decision stands.
CREATE UNIQUE INDEX decisions_standing ON decisions (application_id) WHERE superseded_at IS NULL;

CREATE TABLE events (
    application_id  BLOB NOT NULL,
    seq             INTEGER NOT NULL CHECK (seq >= 1),
    library_id      BLOB NOT NULL,
    kind            TEXT NOT NULL,
    actor           TEXT NOT NULL CHECK (actor IN ('applicant', 'staff', 'system')),
    staff_id        BLOB,
    version_number  INTEGER NOT NULL CHECK (version_number >= 0),
    detail          TEXT NOT NULL,
    occurred_at     INTEGER NOT NULL,
    prev_hash       BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash            BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (application_id, seq),
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events keep what they say');
END;
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events keep what they say');
END;
CREATE TRIGGER versions_refuse_update BEFORE UPDATE ON versions
BEGIN
    SELECT RAISE(ABORT, 'versions keep what they say');
END;
CREATE TRIGGER signatures_refuse_update BEFORE UPDATE ON signatures
BEGIN
    SELECT RAISE(ABORT, 'signatures keep what they say');
END;
