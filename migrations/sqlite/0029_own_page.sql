-- The patron's own page: sessions that stand for a patron and for no application, what patrons do themselves, and what
-- they ask of the library about their record.

CREATE TEMPORARY TABLE old_sessions AS SELECT * FROM sessions;
DROP TABLE sessions;
CREATE TABLE sessions (
    token_hash      BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    subject         TEXT NOT NULL CHECK (subject IN ('visitor', 'reader', 'applicant', 'staff', 'patron')),
    subject_id      BLOB,
    started_at      INTEGER NOT NULL,
    seen_at         INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    -- The application by which somebody has proved to be the patron, if one says so.
    proved_by       BLOB,
    proved_at       INTEGER,
    proved_until    INTEGER,
    -- Whose session it is, where a password says so.
    proved_patron   BLOB,
    device          TEXT CHECK (device IN ('iphone', 'ipad', 'android', 'windows', 'mac', 'linux', 'other')),
    CHECK ((subject = 'visitor') = (subject_id IS NULL)),
    CHECK ((proved_at IS NULL) = (proved_by IS NULL AND proved_patron IS NULL)),
    CHECK ((proved_until IS NULL) = (proved_at IS NULL))
) STRICT;
INSERT INTO sessions SELECT * FROM old_sessions;
DROP TABLE old_sessions;

CREATE INDEX sessions_expiring ON sessions (expires_at);
CREATE INDEX sessions_by_subject ON sessions (subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX sessions_by_patron ON sessions (proved_patron) WHERE proved_patron IS NOT NULL;
CREATE INDEX sessions_by_proof ON sessions (proved_by) WHERE proved_by IS NOT NULL;

-- What patrons did by themselves where no application's record tells of it.
CREATE TABLE patron_deeds (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    what            TEXT NOT NULL CHECK (what IN ('card_stopped', 'card_found', 'card_unlinked', 'asked',
        'taken_back')),
    at              INTEGER NOT NULL,
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;

CREATE INDEX patron_deeds_by_patron ON patron_deeds (patron_id, at);

-- What patrons ask of the library about their record: to close the account, to erase it, to put something right.
CREATE TABLE patron_requests (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('closing', 'erasure', 'correction')),
    -- Sealed; empty if nothing was written.
    words           BLOB NOT NULL,
    made_at         INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('open', 'done', 'refused', 'taken_back')),
    settled_at      INTEGER CHECK ((settled_at IS NULL) = (state = 'open')),
    settled_by      BLOB CHECK ((settled_by IS NOT NULL) = (state IN ('done', 'refused'))),
    -- Sealed: what the library says to it.
    answer          BLOB CHECK ((answer IS NOT NULL) = (state IN ('done', 'refused'))),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    FOREIGN KEY (settled_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX patron_requests_by_patron ON patron_requests (patron_id, made_at);
CREATE UNIQUE INDEX patron_requests_open ON patron_requests (library_id, patron_id, kind) WHERE state = 'open';

-- One more thing that staff do with a patron: they answer what was asked about the record; `detail` says how.
CREATE TEMPORARY TABLE old_patron_views AS SELECT * FROM patron_views;
DROP TABLE patron_views;
CREATE TABLE patron_views (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    patron_id       BLOB,
    what            TEXT NOT NULL CHECK (what IN ('searched', 'opened', 'card_stopped', 'card_released', 'blocked',
        'unblocked', 'password_handed_out', 'request_settled')),
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
