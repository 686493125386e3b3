-- Applications, what was signed, what was decided, and the record of it all.

CREATE TABLE applications (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL REFERENCES libraries (id),
    reference       TEXT NOT NULL,
    procedure       TEXT NOT NULL CHECK (procedure IN ('new_card')),
    rules_version   BIGINT NOT NULL,
    last_version    BIGINT NOT NULL CHECK (last_version >= 0),
    row_version     BIGINT NOT NULL CHECK (row_version >= 0),
    started_at      TIMESTAMPTZ NOT NULL,
    state           TEXT NOT NULL,
    expires_at      TIMESTAMPTZ,
    version_number  BIGINT,
    version_digest  BYTEA,
    request_id      UUID,
    submitted_at    TIMESTAMPTZ,
    reviewer_id     UUID,
    lease_until     TIMESTAMPTZ,
    decided_at      TIMESTAMPTZ,
    ended_at        TIMESTAMPTZ,
    signer_token    BYTEA,
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
);

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
    application_id  UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    answers         BYTEA NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

CREATE TABLE versions (
    application_id  UUID NOT NULL,
    number          BIGINT NOT NULL CHECK (number >= 1),
    library_id      UUID NOT NULL,
    digest          BYTEA NOT NULL CHECK (length(digest) = 32),
    document        BYTEA NOT NULL,
    frozen_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (application_id, number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

CREATE TABLE signing_requests (
    id                UUID NOT NULL PRIMARY KEY,
    library_id        UUID NOT NULL,
    application_id    UUID NOT NULL,
    version_number    BIGINT NOT NULL,
    state_hash        BYTEA NOT NULL UNIQUE CHECK (length(state_hash) = 32),
    transaction_id    TEXT NOT NULL,
    signed_attributes BYTEA NOT NULL,
    secrets           BYTEA NOT NULL,
    session_hash      BYTEA NOT NULL CHECK (length(session_hash) = 32),
    opened_at         TIMESTAMPTZ NOT NULL,
    expires_at        TIMESTAMPTZ NOT NULL,
    consumed_at       TIMESTAMPTZ,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number)
);

CREATE INDEX signing_requests_by_application ON signing_requests (application_id, opened_at);

CREATE TABLE signatures (
    application_id  UUID NOT NULL,
    version_number  BIGINT NOT NULL,
    library_id      UUID NOT NULL,
    cms             BYTEA NOT NULL,
    certificate     BYTEA NOT NULL,
    verdict         BYTEA NOT NULL,
    revocation      TEXT NOT NULL CHECK (revocation IN ('good', 'revoked', 'unknown')),
    signer_token    BYTEA NOT NULL CHECK (length(signer_token) = 32),
    received_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (application_id, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number)
);

CREATE TABLE decisions (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    version_number  BIGINT NOT NULL,
    version_digest  BYTEA NOT NULL CHECK (length(version_digest) = 32),
    outcome         TEXT NOT NULL CHECK (outcome IN ('approved', 'declined')),
    reason          BYTEA,
    decided_by      UUID NOT NULL,
    decided_at      TIMESTAMPTZ NOT NULL,
    superseded_at   TIMESTAMPTZ,
    CHECK ((outcome = 'declined') = (reason IS NOT NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (decided_by, library_id) REFERENCES staff (id, library_id)
);

-- Exactly one decision stands.
CREATE UNIQUE INDEX decisions_standing ON decisions (application_id) WHERE superseded_at IS NULL;

CREATE TABLE events (
    application_id  UUID NOT NULL,
    seq             BIGINT NOT NULL CHECK (seq >= 1),
    library_id      UUID NOT NULL,
    kind            TEXT NOT NULL,
    actor           TEXT NOT NULL CHECK (actor IN ('applicant', 'staff', 'system')),
    staff_id        UUID,
    version_number  BIGINT NOT NULL CHECK (version_number >= 0),
    detail          TEXT NOT NULL,
    occurred_at     TIMESTAMPTZ NOT NULL,
    prev_hash       BYTEA NOT NULL CHECK (length(prev_hash) = 32),
    hash            BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (application_id, seq),
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% keep what they say', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER versions_refuse_update BEFORE UPDATE ON versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signatures_refuse_update BEFORE UPDATE ON signatures
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
