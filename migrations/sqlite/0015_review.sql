-- The review that staff can live in: what is put aside, second opinions, memos, templates of texts, absences, notices
-- taken back, and the indexes by which a queue of millions is read page by page.

-- Put aside until a day. The row goes when somebody takes the application on again, or it is decided.
CREATE TABLE holds (
    application_id  BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    held_by         BLOB NOT NULL,
    held_at         INTEGER NOT NULL,
    until_on        TEXT NOT NULL,
    reason          BLOB NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (held_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

-- A colleague is asked what they think; they may read the file without the claim.
CREATE TABLE opinions (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    asked_by        BLOB NOT NULL,
    asked_of        BLOB NOT NULL,
    question        BLOB NOT NULL,
    asked_at        INTEGER NOT NULL,
    answer          BLOB,
    answered_at     INTEGER,
    CHECK (asked_by <> asked_of),
    CHECK ((answer IS NULL) = (answered_at IS NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (asked_by, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (asked_of, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX opinions_by_application ON opinions (application_id, asked_at);
CREATE UNIQUE INDEX opinions_open ON opinions (asked_of, application_id) WHERE answered_at IS NULL;

-- What colleagues tell each other; applicants never see it.
CREATE TABLE memos (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    written_by      BLOB NOT NULL,
    written_at      INTEGER NOT NULL,
    memo            BLOB NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (written_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX memos_by_application ON memos (application_id, written_at);

-- Texts to begin with. Each change is a version of its own; the newest is in use unless it is retired.
CREATE TABLE templates (
    id              BLOB NOT NULL,
    version         INTEGER NOT NULL CHECK (version >= 1),
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    kind            TEXT NOT NULL CHECK (kind IN ('decline', 'correction', 'message')),
    language        TEXT NOT NULL CHECK (length(language) > 0),
    title           TEXT NOT NULL CHECK (length(title) > 0),
    body            TEXT NOT NULL CHECK (length(body) > 0),
    is_retired      INTEGER NOT NULL CHECK (is_retired IN (0, 1)),
    saved_by        BLOB NOT NULL,
    saved_at        INTEGER NOT NULL,
    PRIMARY KEY (id, version),
    FOREIGN KEY (saved_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX templates_by_library ON templates (library_id, kind, id, version);

-- Days on which somebody is not there, first and last included.
CREATE TABLE absences (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    from_on         TEXT NOT NULL,
    until_on        TEXT NOT NULL,
    entered_by      BLOB NOT NULL,
    entered_at      INTEGER NOT NULL,
    CHECK (from_on <= until_on),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (entered_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX absences_by_staff ON absences (library_id, staff_id, until_on);

-- Notices that do not hold any more because the decision was opened again, as they were said.
CREATE TABLE revoked_notices (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    kind            TEXT NOT NULL,
    version_number  INTEGER NOT NULL,
    content         BLOB NOT NULL,
    placed_at       INTEGER NOT NULL,
    first_read_at   INTEGER,
    revoked_at      INTEGER NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

-- Who took a claim from whom, until the one who lost it has seen it.
CREATE TABLE takeovers (
    application_id  BLOB NOT NULL,
    library_id      BLOB NOT NULL,
    taken_from      BLOB NOT NULL,
    taken_by        BLOB NOT NULL,
    taken_at        INTEGER NOT NULL,
    reason          BLOB NOT NULL,
    PRIMARY KEY (application_id, taken_from),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (taken_from, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (taken_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX takeovers_by_staff ON takeovers (taken_from);

-- What waits for somebody: small, whatever the years have piled up.
CREATE INDEX applications_waiting_for_somebody ON applications (library_id, state, submitted_at, id)
    WHERE state IN ('awaiting_signature', 'awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved');
-- Everything that was ever submitted, and the parts of it by which people look.
CREATE INDEX applications_received ON applications (library_id, submitted_at, id) WHERE submitted_at IS NOT NULL;
CREATE INDEX applications_received_by_branch ON applications (library_id, branch, submitted_at, id, state, procedure)
    WHERE submitted_at IS NOT NULL;
CREATE INDEX applications_received_by_procedure ON applications (library_id, procedure, submitted_at, id, state)
    WHERE submitted_at IS NOT NULL;
DROP INDEX applications_queue;
DROP INDEX applications_waiting;
CREATE INDEX applications_claimed ON applications (reviewer_id) WHERE state = 'under_review';
CREATE INDEX events_by_time ON events (library_id, occurred_at, application_id, seq);
CREATE INDEX events_by_staff ON events (staff_id, occurred_at, application_id, seq) WHERE staff_id IS NOT NULL;
