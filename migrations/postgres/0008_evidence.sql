-- The evidence archive of each signature: its manifest, what was asked of the outside, its time-stamp.
-- Document, signature, certificate and verdict stay where they are.

CREATE TABLE evidence (
    application_id  UUID NOT NULL,
    version_number  BIGINT NOT NULL,
    library_id      UUID NOT NULL,
    manifest        BYTEA NOT NULL,
    answers         BYTEA NOT NULL,
    gathered_at     TIMESTAMPTZ NOT NULL,
    time_stamp      BYTEA,
    stamped_at      TIMESTAMPTZ,
    PRIMARY KEY (application_id, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES signatures (application_id, version_number),
    CHECK ((time_stamp IS NULL) = (stamped_at IS NULL))
);

CREATE INDEX evidence_unstamped ON evidence (gathered_at) WHERE time_stamp IS NULL;

-- Roots, revocation lists and instructions: shared by many archives, and about nobody in particular.
CREATE TABLE evidence_files (
    library_id      UUID NOT NULL REFERENCES libraries (id),
    sha256          BYTEA NOT NULL CHECK (length(sha256) = 32),
    contents        BYTEA NOT NULL,
    stored_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (library_id, sha256)
);
