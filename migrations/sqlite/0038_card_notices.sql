-- Notices about a card for which nobody applied: that it was stopped, that it can be used again, that its last day is near.
-- They hang on the patron instead of an application. And when a notice was saved first, which until now only the record of
-- its application told.
CREATE TEMPORARY TABLE old_notices AS SELECT * FROM notices;
DROP TABLE notices;
CREATE TABLE notices (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB,
    kind            TEXT NOT NULL CHECK (kind IN ('issued', 'declined', 'returned', 'linked', 'renewed', 'reissued',
        'password_issued', 'changed', 'reopened', 'stopped', 'lost', 'released', 'expiring')),
    version_number  INTEGER,
    content         BLOB NOT NULL,
    placed_at       INTEGER NOT NULL,
    first_read_at   INTEGER,
    mailed_at       INTEGER,
    language        TEXT NOT NULL DEFAULT 'ja' CHECK (language IN ('ja', 'ja-simple', 'en')),
    patron_id       BLOB,
    first_saved_at  INTEGER,
    CHECK ((application_id IS NULL) <> (patron_id IS NULL)),
    CHECK ((application_id IS NULL) = (version_number IS NULL)),
    CHECK ((patron_id IS NULL) = (kind NOT IN ('stopped', 'lost', 'released', 'expiring'))),
    UNIQUE (application_id, kind, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;
INSERT INTO notices (id, library_id, application_id, kind, version_number, content, placed_at, first_read_at,
        first_saved_at, mailed_at, language)
    SELECT n.id, n.library_id, n.application_id, n.kind, n.version_number, n.content, n.placed_at, n.first_read_at,
        (SELECT MIN(e.occurred_at) FROM events e WHERE e.application_id = n.application_id AND e.kind = 'notice_downloaded'
            AND e.detail = n.kind AND e.occurred_at >= n.placed_at), n.mailed_at, n.language
    FROM old_notices n;
DROP TABLE old_notices;
CREATE INDEX notices_unread ON notices (library_id, placed_at, id) WHERE first_read_at IS NULL;
CREATE INDEX notices_by_patron ON notices (patron_id, placed_at) WHERE patron_id IS NOT NULL;
CREATE INDEX notices_about_patrons ON notices (library_id, placed_at, id) WHERE patron_id IS NOT NULL;

ALTER TABLE revoked_notices ADD COLUMN first_saved_at INTEGER;
UPDATE revoked_notices SET first_saved_at = (SELECT MIN(e.occurred_at) FROM events e
    WHERE e.application_id = revoked_notices.application_id AND e.kind = 'notice_downloaded'
        AND e.detail = revoked_notices.kind AND e.occurred_at >= revoked_notices.placed_at
        AND e.occurred_at <= revoked_notices.revoked_at);

-- What belongs to such a notice.
CREATE TEMPORARY TABLE old_notice_codes AS SELECT * FROM notice_codes;
DROP TABLE notice_codes;
CREATE TABLE notice_codes (
    notice_id       BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB,
    kind            TEXT NOT NULL,
    placed_at       INTEGER NOT NULL,
    code            BLOB,
    code_hash       BLOB NOT NULL CHECK (length(code_hash) = 32),
    patron_id       BLOB,
    UNIQUE (library_id, code_hash),
    CHECK ((application_id IS NULL) <> (patron_id IS NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;
INSERT INTO notice_codes (notice_id, library_id, application_id, kind, placed_at, code, code_hash)
    SELECT notice_id, library_id, application_id, kind, placed_at, code, code_hash FROM old_notice_codes;
DROP TABLE old_notice_codes;
CREATE INDEX notice_codes_by_application ON notice_codes (application_id);
CREATE INDEX notice_codes_by_patron ON notice_codes (patron_id) WHERE patron_id IS NOT NULL;

CREATE TEMPORARY TABLE old_notice_documents AS SELECT * FROM notice_documents;
DROP TABLE notice_documents;
CREATE TABLE notice_documents (
    notice_id       BLOB NOT NULL,
    size            TEXT NOT NULL CHECK (size IN ('regular', 'large')),
    library_id      BLOB NOT NULL,
    application_id  BLOB,
    document        BLOB NOT NULL,
    digest          BLOB NOT NULL CHECK (length(digest) = 32),
    level           TEXT NOT NULL CHECK (level IN ('b_b', 'b_t')),
    sealed_at       INTEGER NOT NULL,
    patron_id       BLOB,
    PRIMARY KEY (notice_id, size),
    CHECK ((application_id IS NULL) <> (patron_id IS NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;
INSERT INTO notice_documents (notice_id, size, library_id, application_id, document, digest, level, sealed_at)
    SELECT notice_id, size, library_id, application_id, document, digest, level, sealed_at FROM old_notice_documents;
DROP TABLE old_notice_documents;
CREATE INDEX notice_documents_by_digest ON notice_documents (library_id, digest);
CREATE INDEX notice_documents_by_application ON notice_documents (application_id);
CREATE INDEX notice_documents_by_patron ON notice_documents (patron_id) WHERE patron_id IS NOT NULL;

CREATE TEMPORARY TABLE old_notice_reminders AS SELECT * FROM notice_reminders;
DROP TABLE notice_reminders;
CREATE TABLE notice_reminders (
    notice_id       BLOB NOT NULL,
    days            INTEGER NOT NULL CHECK (days > 0),
    library_id      BLOB NOT NULL,
    application_id  BLOB,
    mail_id         BLOB,
    noted_at        INTEGER NOT NULL,
    patron_id       BLOB,
    PRIMARY KEY (notice_id, days),
    CHECK ((application_id IS NULL) <> (patron_id IS NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;
INSERT INTO notice_reminders (notice_id, days, library_id, application_id, mail_id, noted_at)
    SELECT notice_id, days, library_id, application_id, mail_id, noted_at FROM old_notice_reminders;
DROP TABLE old_notice_reminders;
CREATE INDEX notice_reminders_by_application ON notice_reminders (application_id);
CREATE INDEX notice_reminders_by_patron ON notice_reminders (patron_id) WHERE patron_id IS NOT NULL;

CREATE TEMPORARY TABLE old_paper_notices AS SELECT * FROM paper_notices;
DROP TABLE paper_notices;
CREATE TABLE paper_notices (
    notice_id       BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB,
    placed_at       INTEGER NOT NULL,
    way             TEXT CHECK (way IN ('handed_over', 'posted')),
    delivered_by    BLOB,
    delivered_at    INTEGER,
    reason          TEXT NOT NULL DEFAULT 'wanted' CHECK (reason IN ('wanted', 'unread')),
    patron_id       BLOB,
    CHECK ((way IS NULL) = (delivered_by IS NULL)),
    CHECK ((way IS NULL) = (delivered_at IS NULL)),
    CHECK ((application_id IS NULL) <> (patron_id IS NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    FOREIGN KEY (delivered_by, library_id) REFERENCES staff (id, library_id)
) STRICT;
INSERT INTO paper_notices (notice_id, library_id, application_id, placed_at, way, delivered_by, delivered_at, reason)
    SELECT notice_id, library_id, application_id, placed_at, way, delivered_by, delivered_at, reason
    FROM old_paper_notices;
DROP TABLE old_paper_notices;
CREATE INDEX paper_notices_waiting ON paper_notices (library_id, placed_at, notice_id) WHERE way IS NULL;
CREATE INDEX paper_notices_by_application ON paper_notices (application_id);
CREATE INDEX paper_notices_by_patron ON paper_notices (patron_id) WHERE patron_id IS NOT NULL;

-- Two more things that staff do with a patron: they print such a notice, and hand it over or post it; `detail` says which.
CREATE TEMPORARY TABLE old_patron_views AS SELECT * FROM patron_views;
DROP TABLE patron_views;
CREATE TABLE patron_views (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    patron_id       BLOB,
    what            TEXT NOT NULL CHECK (what IN ('searched', 'opened', 'card_stopped', 'card_released', 'blocked',
        'unblocked', 'password_handed_out', 'request_settled', 'facts_put_right', 'notice_printed', 'notice_delivered')),
    detail          TEXT NOT NULL,
    hits            INTEGER NOT NULL CHECK (hits >= 0),
    at              INTEGER NOT NULL,
    CHECK ((what = 'searched') = (patron_id IS NULL)),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;
INSERT INTO patron_views SELECT * FROM old_patron_views;
DROP TABLE old_patron_views;

CREATE INDEX patron_views_by_time ON patron_views (library_id, at, id);
CREATE INDEX patron_views_by_patron ON patron_views (patron_id, at) WHERE patron_id IS NOT NULL;

CREATE TRIGGER patron_views_refuse_update BEFORE UPDATE ON patron_views
BEGIN
    SELECT RAISE(ABORT, 'patron views keep what they say');
END;
CREATE TRIGGER patron_views_refuse_delete BEFORE DELETE ON patron_views
BEGIN
    SELECT RAISE(ABORT, 'patron views keep what they say');
END;
