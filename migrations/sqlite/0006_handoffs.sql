-- From the screen of a PC to a telephone: a handle in a QR code, for one version and one browser session.
-- Handle and typed code are found by their hashes; `secrets` holds both sealed, to be shown again on the PC.

CREATE TABLE handoffs (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    version_number  INTEGER NOT NULL,
    session_hash    BLOB NOT NULL CHECK (length(session_hash) = 32),
    handle_hash     BLOB NOT NULL UNIQUE CHECK (length(handle_hash) = 32),
    code_hash       BLOB NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    secrets         BLOB NOT NULL,
    choices         TEXT NOT NULL,
    right_number    TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN
        ('shown', 'opened', 'matched', 'signing', 'finished', 'mismatched', 'replaced')),
    phone_hash      BLOB CHECK (length(phone_hash) = 32),
    problem         TEXT,
    shown_at        INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    CHECK ((state IN ('matched', 'signing', 'finished')) = (phone_hash IS NOT NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number)
) STRICT;

CREATE INDEX handoffs_by_application ON handoffs (application_id, shown_at);
CREATE INDEX handoffs_expiring ON handoffs (expires_at);

-- The hand-off that a telephone opened the request by.
ALTER TABLE signing_requests ADD COLUMN handoff_id BLOB;

-- How it was signed; the browser session that is shown the receipt; what a PDF signature added to our document.
ALTER TABLE signatures ADD COLUMN way TEXT NOT NULL DEFAULT 'app' CHECK (way IN ('app', 'phone', 'upload'));
ALTER TABLE signatures ADD COLUMN session_hash BLOB CHECK (length(session_hash) = 32);
ALTER TABLE signatures ADD COLUMN pdf_update BLOB;
