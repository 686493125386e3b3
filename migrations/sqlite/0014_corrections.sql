-- What reviewers ask applicants to put right, what both write to each other, and the reminders before a time runs out.

-- Open until the application is sent again or ends. Texts are sealed under the application's key.
CREATE TABLE corrections (
    application_id  BLOB NOT NULL,
    seq             INTEGER NOT NULL CHECK (seq >= 1),
    library_id      BLOB NOT NULL,
    -- The version that the reviewer saw.
    version_number  INTEGER NOT NULL,
    field           TEXT NOT NULL,
    reason          TEXT NOT NULL CHECK (reason IN ('incorrect', 'incomplete', 'unreadable', 'mismatch', 'other')),
    body            BLOB NOT NULL,
    asked_by        BLOB NOT NULL,
    asked_at        INTEGER NOT NULL,
    -- What the applicant says who leaves the field as it is.
    answer          BLOB,
    resolved_at     INTEGER,
    -- None if the application ended without another version.
    resolved_number INTEGER,
    PRIMARY KEY (application_id, seq),
    CHECK (resolved_number IS NULL OR resolved_at IS NOT NULL),
    CHECK (resolved_number IS NULL OR resolved_number > version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (asked_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

-- A field is asked about once at a time.
CREATE UNIQUE INDEX corrections_open ON corrections (application_id, field) WHERE resolved_at IS NULL;

CREATE TABLE messages (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    sender          TEXT NOT NULL CHECK (sender IN ('applicant', 'staff')),
    staff_id        BLOB,
    body            BLOB NOT NULL,
    sent_at         INTEGER NOT NULL,
    read_at         INTEGER,
    CHECK ((sender = 'staff') = (staff_id IS NOT NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX messages_by_application ON messages (application_id, sent_at, id);
CREATE INDEX messages_unread ON messages (application_id, sender) WHERE read_at IS NULL;

-- Nothing lapses before its reminders were handed over: each names its mail.
CREATE TABLE reminders (
    application_id  BLOB NOT NULL,
    library_id      BLOB NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('draft', 'awaiting_guardian', 'returned')),
    deadline        INTEGER NOT NULL,
    days_before     INTEGER NOT NULL CHECK (days_before >= 0),
    mail_id         BLOB NOT NULL,
    PRIMARY KEY (application_id, kind, deadline, days_before),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

-- Whose time to be forgotten comes, by the day of the decision.
CREATE INDEX applications_settled ON applications (library_id, decided_at, id)
    WHERE state IN ('issued', 'declined');
CREATE INDEX applications_over ON applications (library_id, state, ended_at, id)
    WHERE state IN ('withdrawn', 'lapsed');
