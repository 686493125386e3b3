-- Guardians who apply for several children at once, and people whom no card has signed for.

-- SQLite cannot drop a UNIQUE: the table is written anew. What points at its rows is checked at the end.
PRAGMA defer_foreign_keys = ON;

CREATE TEMPORARY TABLE old_patrons AS SELECT * FROM patrons;
DROP TABLE patrons;

CREATE TABLE patrons (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    -- The application that made this person a patron; none for patrons who were there before the portal.
    application_id  BLOB,
    facts           BLOB NOT NULL,
    registered_at   INTEGER NOT NULL,
    -- Counts every change; a save names the value it read.
    row_version     INTEGER NOT NULL DEFAULT 0 CHECK (row_version >= 0),
    -- Which of a guardian's children, from 1; 0 for the applicant.
    child_number    INTEGER NOT NULL DEFAULT 0 CHECK (child_number >= 0),
    UNIQUE (id, library_id),
    UNIQUE (application_id, child_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

INSERT INTO patrons (id, library_id, application_id, facts, registered_at, row_version)
SELECT id, library_id, application_id, facts, registered_at, row_version FROM old_patrons;

DROP TABLE old_patrons;

-- Drafts with which people who cannot sign come to the counter.
CREATE TABLE visit_slips (
    application_id  BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    made_at         INTEGER NOT NULL,
    valid_until     INTEGER NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

-- In place of a signature: which documents of the visitor staff saw.
CREATE TABLE sightings (
    application_id  BLOB NOT NULL,
    version_number  INTEGER NOT NULL,
    library_id      BLOB NOT NULL,
    documents       BLOB NOT NULL,
    sighted_by      BLOB NOT NULL,
    sighted_at      INTEGER NOT NULL,
    PRIMARY KEY (application_id, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (sighted_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE TRIGGER sightings_refuse_update BEFORE UPDATE ON sightings
BEGIN
    SELECT RAISE(ABORT, 'sightings keep what they say');
END;
