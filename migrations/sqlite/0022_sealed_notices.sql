-- What proves a notice to others: the code by which anybody can ask about it, and the sealed file as it was handed out.

-- Outlives the contents of its application, without the code: whoever holds the paper can still ask, and nothing here
-- says about whom it is.
CREATE TABLE notice_codes (
    notice_id       BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    kind            TEXT NOT NULL,
    placed_at       INTEGER NOT NULL,
    code            BLOB,
    code_hash       BLOB NOT NULL CHECK (length(code_hash) = 32),
    UNIQUE (library_id, code_hash),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX notice_codes_by_application ON notice_codes (application_id);

-- The first sealing counts: what somebody has saved stays what the portal gives out.
CREATE TABLE notice_documents (
    notice_id       BLOB NOT NULL,
    size            TEXT NOT NULL CHECK (size IN ('regular', 'large')),
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    document        BLOB NOT NULL,
    digest          BLOB NOT NULL CHECK (length(digest) = 32),
    level           TEXT NOT NULL CHECK (level IN ('b_b', 'b_t')),
    sealed_at       INTEGER NOT NULL,
    PRIMARY KEY (notice_id, size),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX notice_documents_by_digest ON notice_documents (library_id, digest);
CREATE INDEX notice_documents_by_application ON notice_documents (application_id);
