-- The whole life of an application: correction, guardian, approval before issue, erasure; all procedures;
-- patrons who were there before the portal; what members of staff may do.

-- SQLite cannot change a CHECK: the tables are written anew. What points at their rows is checked at the end.
PRAGMA defer_foreign_keys = ON;

CREATE TEMPORARY TABLE old_applications AS SELECT * FROM applications;
CREATE TEMPORARY TABLE old_patrons AS SELECT * FROM patrons;
CREATE TEMPORARY TABLE old_decisions AS SELECT * FROM decisions;
CREATE TEMPORARY TABLE old_notices AS SELECT * FROM notices;
DROP TABLE decisions;
DROP TABLE notices;
DROP TABLE patrons;
DROP TABLE applications;

CREATE TABLE applications (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    reference       TEXT NOT NULL,
    procedure       TEXT NOT NULL,
    rules_version   INTEGER NOT NULL,
    last_version    INTEGER NOT NULL,
    row_version     INTEGER NOT NULL,
    started_at      INTEGER NOT NULL,
    state           TEXT NOT NULL,
    expires_at      INTEGER,
    version_number  INTEGER,
    version_digest  BLOB,
    request_id      BLOB,
    submitted_at    INTEGER,
    reviewer_id     BLOB,
    lease_until     INTEGER,
    decided_at      INTEGER,
    ended_at        INTEGER,
    signer_token    BLOB,
    -- Whom it made a patron, or whose card was proved to be the signer's.
    patron_id       BLOB,
    -- Whose matter it is, since its submission.
    branch          TEXT,
    -- The day by which it should be answered, while the library's time runs.
    due_on          TEXT,
    -- The library's time beside submitted_at: microseconds used before, and since when this turn runs.
    service_used    INTEGER,
    running_since   INTEGER,
    -- The request for correction: what was seen, by whom, when, and until when an answer counts.
    asked_number    INTEGER,
    asked_digest    BLOB,
    asked_by        BLOB,
    asked_at        INTEGER,
    answer_by       INTEGER,
    -- 1 if the rules decided and nobody else.
    decided_by_rule INTEGER NOT NULL DEFAULT 0 CHECK (decided_by_rule IN (0, 1)),
    -- How it ended whose contents are gone.
    ending          TEXT CHECK (ending IN ('issued', 'declined', 'withdrawn', 'lapsed')),
    UNIQUE (library_id, reference),
    UNIQUE (id, library_id),
    FOREIGN KEY (library_id, rules_version) REFERENCES library_rules (library_id, version),
    FOREIGN KEY (reviewer_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (asked_by, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    CHECK (procedure IN ('new_card', 'card_link', 'renewal', 'reissue', 'password_issue', 'change')),
    CHECK (last_version >= 0 AND row_version >= 0),
    CHECK (state IN ('draft', 'awaiting_signature', 'awaiting_guardian', 'submitted', 'under_review', 'returned',
                     'approved', 'issued', 'declined', 'withdrawn', 'lapsed', 'purged')),
    CHECK ((state IN ('draft', 'awaiting_signature', 'awaiting_guardian')) = (expires_at IS NOT NULL)),
    CHECK ((state IN ('awaiting_signature', 'awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved',
                      'issued', 'declined')) = (version_number IS NOT NULL)),
    CHECK ((version_number IS NULL) = (version_digest IS NULL)),
    CHECK (version_number IS NULL OR version_number BETWEEN 1 AND last_version),
    CHECK (version_digest IS NULL OR length(version_digest) = 32),
    CHECK ((state = 'awaiting_signature') = (request_id IS NOT NULL)),
    CHECK ((state IN ('submitted', 'under_review', 'approved', 'issued', 'declined') OR asked_number IS NOT NULL)
           = (submitted_at IS NOT NULL)),
    CHECK ((submitted_at IS NULL) = (service_used IS NULL)),
    CHECK (service_used IS NULL OR service_used >= 0),
    CHECK ((state IN ('submitted', 'under_review')) = (running_since IS NOT NULL)),
    CHECK (due_on IS NULL OR state IN ('submitted', 'under_review')),
    CHECK ((state IN ('under_review', 'declined') OR (state IN ('approved', 'issued') AND decided_by_rule = 0))
           = (reviewer_id IS NOT NULL)),
    CHECK (decided_by_rule = 0 OR state IN ('approved', 'issued')),
    CHECK ((state = 'under_review') = (lease_until IS NOT NULL)),
    CHECK (asked_number IS NULL OR state IN ('returned', 'awaiting_signature', 'awaiting_guardian', 'lapsed')),
    CHECK (state <> 'returned' OR asked_number = version_number),
    CHECK (asked_number IS NULL OR asked_number BETWEEN 1 AND last_version),
    CHECK ((asked_number IS NULL) = (asked_digest IS NULL)),
    CHECK ((asked_number IS NULL) = (asked_by IS NULL)),
    CHECK ((asked_number IS NULL) = (asked_at IS NULL)),
    CHECK ((asked_number IS NULL) = (answer_by IS NULL)),
    CHECK (asked_digest IS NULL OR length(asked_digest) = 32),
    CHECK ((state IN ('approved', 'issued', 'declined')) = (decided_at IS NOT NULL)),
    CHECK ((state IN ('withdrawn', 'lapsed', 'purged')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'purged') = (ending IS NOT NULL)),
    CHECK (signer_token IS NULL OR length(signer_token) = 32)
) STRICT;

CREATE TABLE patrons (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    -- The application that made this person a patron; none for patrons who were there before the portal.
    application_id  BLOB UNIQUE,
    facts           BLOB NOT NULL,
    registered_at   INTEGER NOT NULL,
    -- Counts every change; a save names the value it read.
    row_version     INTEGER NOT NULL DEFAULT 0 CHECK (row_version >= 0),
    UNIQUE (id, library_id),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

INSERT INTO applications (id, library_id, reference, procedure, rules_version, last_version, row_version, started_at, state, expires_at,
    version_number, version_digest, request_id, submitted_at, reviewer_id, lease_until, decided_at, ended_at, signer_token,
    patron_id, service_used, running_since)
SELECT id, library_id, reference, procedure, rules_version, last_version, row_version, started_at, state, expires_at,
    version_number, version_digest, request_id, submitted_at, reviewer_id, lease_until, decided_at, ended_at, signer_token,
    (SELECT p.id FROM old_patrons p WHERE p.application_id = old_applications.id),
    CASE WHEN submitted_at IS NULL THEN NULL WHEN decided_at IS NULL THEN 0 ELSE MAX(decided_at - submitted_at, 0) END,
    CASE WHEN state IN ('submitted', 'under_review') THEN submitted_at END
FROM old_applications;

INSERT INTO patrons (id, library_id, application_id, facts, registered_at)
SELECT id, library_id, application_id, facts, registered_at FROM old_patrons;

-- One open application per signing card, or per patron, and procedure.
CREATE UNIQUE INDEX applications_open_signer ON applications (library_id, procedure, signer_token)
    WHERE state IN ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved');
CREATE UNIQUE INDEX applications_open_patron ON applications (library_id, procedure, patron_id)
    WHERE state IN ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved');
CREATE INDEX applications_open ON applications (library_id, submitted_at, id)
    WHERE state IN ('submitted', 'under_review');
CREATE INDEX applications_decided ON applications (library_id, submitted_at, id)
    WHERE state IN ('issued', 'declined');
CREATE INDEX applications_queue ON applications (library_id, submitted_at, id)
    WHERE state IN ('submitted', 'under_review', 'returned', 'approved', 'issued', 'declined');
CREATE INDEX applications_waiting ON applications (library_id, submitted_at, id)
    WHERE state IN ('returned', 'approved');
CREATE INDEX applications_expiring ON applications (state, expires_at)
    WHERE state IN ('draft', 'awaiting_signature', 'awaiting_guardian');
CREATE INDEX applications_unanswered ON applications (answer_by) WHERE state = 'returned';
CREATE INDEX applications_leased ON applications (lease_until) WHERE state = 'under_review';
CREATE INDEX applications_ended ON applications (ended_at, id)
    WHERE state IN ('withdrawn', 'lapsed');
CREATE INDEX applications_by_patron ON applications (patron_id) WHERE patron_id IS NOT NULL;

CREATE TABLE decisions (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    version_number  INTEGER NOT NULL,
    version_digest  BLOB NOT NULL CHECK (length(version_digest) = 32),
    outcome         TEXT NOT NULL CHECK (outcome IN ('approved', 'declined')),
    reason          BLOB,
    -- Nobody, if the rules decided.
    decided_by      BLOB,
    decided_at      INTEGER NOT NULL,
    superseded_at   INTEGER,
    CHECK ((outcome = 'declined') = (reason IS NOT NULL)),
    CHECK (outcome = 'approved' OR decided_by IS NOT NULL),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (decided_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

INSERT INTO decisions SELECT * FROM old_decisions;

-- Exactly one decision stands.
CREATE UNIQUE INDEX decisions_standing ON decisions (application_id) WHERE superseded_at IS NULL;

CREATE TABLE notices (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('issued', 'declined', 'returned', 'linked', 'renewed', 'reissued',
        'password_issued', 'changed', 'reopened')),
    version_number  INTEGER NOT NULL,
    content         BLOB NOT NULL,
    placed_at       INTEGER NOT NULL,
    first_read_at   INTEGER,
    UNIQUE (application_id, kind, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

INSERT INTO notices SELECT * FROM old_notices;

DROP TABLE old_applications;
DROP TABLE old_patrons;
DROP TABLE old_decisions;
DROP TABLE old_notices;

-- The first of two approvals; the second must be another person's. A row is bound to the version that was seen.
CREATE TABLE first_approvals (
    application_id  BLOB NOT NULL,
    version_number  INTEGER NOT NULL,
    library_id      BLOB NOT NULL,
    version_digest  BLOB NOT NULL CHECK (length(version_digest) = 32),
    approved_by     BLOB NOT NULL,
    approved_at     INTEGER NOT NULL,
    PRIMARY KEY (application_id, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (approved_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

-- What members of staff are, in one branch or (empty) in all. Until now everybody did everything.
CREATE TABLE staff_roles (
    staff_id        BLOB NOT NULL,
    library_id      BLOB NOT NULL,
    role            TEXT NOT NULL CHECK (role IN
        ('reception', 'reviewer', 'approver', 'supervisor', 'administrator', 'auditor', 'contractor')),
    branch          TEXT NOT NULL,
    PRIMARY KEY (staff_id, role, branch),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
) STRICT;

INSERT INTO staff_roles (staff_id, library_id, role, branch) SELECT id, library_id, 'supervisor', '' FROM staff;
INSERT INTO staff_roles (staff_id, library_id, role, branch) SELECT id, library_id, 'administrator', '' FROM staff;
