-- Pictures of documents that prove something, attached to an application. What they were called and what they show
-- is sealed under the application's key. Of a destroyed one the line stays, without name and contents.

CREATE TABLE attachments (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    kind            TEXT NOT NULL,
    file_name       BYTEA,
    contents        BYTEA,
    media_type      TEXT NOT NULL CHECK (media_type IN ('image/jpeg')),
    size            BIGINT NOT NULL CHECK (size > 0),
    sha256          BYTEA NOT NULL CHECK (length(sha256) = 32),
    hints           TEXT NOT NULL,
    expires_on      DATE,
    attached_at     TIMESTAMPTZ NOT NULL,
    destroyed_at    TIMESTAMPTZ,
    UNIQUE (application_id, sha256),
    CHECK ((destroyed_at IS NULL) = (contents IS NOT NULL)),
    CHECK (destroyed_at IS NULL OR file_name IS NULL),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

CREATE INDEX attachments_by_application ON attachments (application_id, attached_at, id);
