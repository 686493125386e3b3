-- What reviewers ask applicants to put right, what both write to each other, and the reminders before a time runs out.

-- Open until the application is sent again or ends. Texts are sealed under the application's key.
CREATE TABLE corrections (
    application_id  UUID NOT NULL,
    seq             BIGINT NOT NULL CHECK (seq >= 1),
    library_id      UUID NOT NULL,
    -- The version that the reviewer saw.
    version_number  BIGINT NOT NULL,
    field           TEXT NOT NULL,
    reason          TEXT NOT NULL CHECK (reason IN ('incorrect', 'incomplete', 'unreadable', 'mismatch', 'other')),
    body            BYTEA NOT NULL,
    asked_by        UUID NOT NULL,
    asked_at        TIMESTAMPTZ NOT NULL,
    -- What the applicant says who leaves the field as it is.
    answer          BYTEA,
    resolved_at     TIMESTAMPTZ,
    -- None if the application ended without another version.
    resolved_number BIGINT,
    PRIMARY KEY (application_id, seq),
    CHECK (resolved_number IS NULL OR resolved_at IS NOT NULL),
    CHECK (resolved_number IS NULL OR resolved_number > version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (asked_by, library_id) REFERENCES staff (id, library_id)
);

-- A field is asked about once at a time.
CREATE UNIQUE INDEX corrections_open ON corrections (application_id, field) WHERE resolved_at IS NULL;

CREATE TABLE messages (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    sender          TEXT NOT NULL CHECK (sender IN ('applicant', 'staff')),
    staff_id        UUID,
    body            BYTEA NOT NULL,
    sent_at         TIMESTAMPTZ NOT NULL,
    read_at         TIMESTAMPTZ,
    CHECK ((sender = 'staff') = (staff_id IS NOT NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX messages_by_application ON messages (application_id, sent_at, id);
CREATE INDEX messages_unread ON messages (application_id, sender) WHERE read_at IS NULL;

-- Nothing lapses before its reminders were handed over: each names its mail.
CREATE TABLE reminders (
    application_id  UUID NOT NULL,
    library_id      UUID NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('draft', 'awaiting_guardian', 'returned')),
    deadline        TIMESTAMPTZ NOT NULL,
    days_before     BIGINT NOT NULL CHECK (days_before >= 0),
    mail_id         UUID NOT NULL,
    PRIMARY KEY (application_id, kind, deadline, days_before),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

-- Whose time to be forgotten comes, by the day of the decision.
CREATE INDEX applications_settled ON applications (library_id, decided_at, id)
    WHERE state IN ('issued', 'declined');
CREATE INDEX applications_over ON applications (library_id, state, ended_at, id)
    WHERE state IN ('withdrawn', 'lapsed');
