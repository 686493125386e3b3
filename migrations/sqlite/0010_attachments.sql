-- Pictures of documents that prove something, attached to an application. What they were called and what they show
-- is sealed under the application's key. Of a destroyed one the line stays, without name and contents.

CREATE TABLE attachments (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    kind            TEXT NOT NULL,
    file_name       BLOB,
    contents        BLOB,
    media_type      TEXT NOT NULL CHECK (media_type IN ('image/jpeg')),
    size            INTEGER NOT NULL CHECK (size > 0),
    sha256          BLOB NOT NULL CHECK (length(sha256) = 32),
    hints           TEXT NOT NULL,
    expires_on      TEXT,
    attached_at     INTEGER NOT NULL,
    destroyed_at    INTEGER,
    UNIQUE (application_id, sha256),
    CHECK ((destroyed_at IS NULL) = (contents IS NOT NULL)),
    CHECK (destroyed_at IS NULL OR file_name IS NULL),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX attachments_by_application ON attachments (application_id, attached_at, id);
