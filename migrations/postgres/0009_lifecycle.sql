-- The whole life of an application: correction, guardian, approval before issue, erasure; all procedures;
-- patrons who were there before the portal; what members of staff may do.

DO $$
DECLARE
    rule RECORD;
BEGIN
    FOR rule IN
        SELECT conname, conrelid::regclass AS relation FROM pg_constraint
        WHERE contype = 'c' AND (conrelid IN ('applications'::regclass, 'decisions'::regclass)
            OR (conrelid = 'notices'::regclass AND pg_get_constraintdef(oid) LIKE '%kind%'))
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.relation, rule.conname);
    END LOOP;
END
$$;

-- Whom it made a patron, or whose card was proved to be the signer's.
ALTER TABLE applications ADD COLUMN patron_id UUID;
-- Whose matter it is, since its submission.
ALTER TABLE applications ADD COLUMN branch TEXT;
-- The day by which it should be answered, while the library's time runs.
ALTER TABLE applications ADD COLUMN due_on DATE;
-- The library's time beside submitted_at: microseconds used before, and since when this turn runs.
ALTER TABLE applications ADD COLUMN service_used BIGINT;
ALTER TABLE applications ADD COLUMN running_since TIMESTAMPTZ;
-- The request for correction: what was seen, by whom, when, and until when an answer counts.
ALTER TABLE applications ADD COLUMN asked_number BIGINT;
ALTER TABLE applications ADD COLUMN asked_digest BYTEA;
ALTER TABLE applications ADD COLUMN asked_by UUID;
ALTER TABLE applications ADD COLUMN asked_at TIMESTAMPTZ;
ALTER TABLE applications ADD COLUMN answer_by TIMESTAMPTZ;
-- 1 if the rules decided and nobody else.
ALTER TABLE applications ADD COLUMN decided_by_rule BIGINT NOT NULL DEFAULT 0 CHECK (decided_by_rule IN (0, 1));
-- How it ended whose contents are gone.
ALTER TABLE applications ADD COLUMN ending TEXT CHECK (ending IN ('issued', 'declined', 'withdrawn', 'lapsed'));

UPDATE applications SET
    patron_id = (SELECT p.id FROM patrons p WHERE p.application_id = applications.id),
    service_used = CASE WHEN submitted_at IS NULL THEN NULL WHEN decided_at IS NULL THEN 0
        ELSE GREATEST(CAST(EXTRACT(EPOCH FROM decided_at - submitted_at) * 1000000 AS BIGINT), 0) END,
    running_since = CASE WHEN state IN ('submitted', 'under_review') THEN submitted_at END;

ALTER TABLE applications
    ADD FOREIGN KEY (asked_by, library_id) REFERENCES staff (id, library_id),
    ADD FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    ADD CHECK (procedure IN ('new_card', 'card_link', 'renewal', 'reissue', 'password_issue', 'change')),
    ADD CHECK (last_version >= 0 AND row_version >= 0),
    ADD CHECK (state IN ('draft', 'awaiting_signature', 'awaiting_guardian', 'submitted', 'under_review', 'returned',
                         'approved', 'issued', 'declined', 'withdrawn', 'lapsed', 'purged')),
    ADD CHECK ((state IN ('draft', 'awaiting_signature', 'awaiting_guardian')) = (expires_at IS NOT NULL)),
    ADD CHECK ((state IN ('awaiting_signature', 'awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved',
                          'issued', 'declined')) = (version_number IS NOT NULL)),
    ADD CHECK ((version_number IS NULL) = (version_digest IS NULL)),
    ADD CHECK (version_number IS NULL OR version_number BETWEEN 1 AND last_version),
    ADD CHECK (version_digest IS NULL OR length(version_digest) = 32),
    ADD CHECK ((state = 'awaiting_signature') = (request_id IS NOT NULL)),
    ADD CHECK ((state IN ('submitted', 'under_review', 'approved', 'issued', 'declined') OR asked_number IS NOT NULL)
               = (submitted_at IS NOT NULL)),
    ADD CHECK ((submitted_at IS NULL) = (service_used IS NULL)),
    ADD CHECK (service_used IS NULL OR service_used >= 0),
    ADD CHECK ((state IN ('submitted', 'under_review')) = (running_since IS NOT NULL)),
    ADD CHECK (due_on IS NULL OR state IN ('submitted', 'under_review')),
    ADD CHECK ((state IN ('under_review', 'declined') OR (state IN ('approved', 'issued') AND decided_by_rule = 0))
               = (reviewer_id IS NOT NULL)),
    ADD CHECK (decided_by_rule = 0 OR state IN ('approved', 'issued')),
    ADD CHECK ((state = 'under_review') = (lease_until IS NOT NULL)),
    ADD CHECK (asked_number IS NULL OR state IN ('returned', 'awaiting_signature', 'awaiting_guardian', 'lapsed')),
    ADD CHECK (state <> 'returned' OR asked_number = version_number),
    ADD CHECK (asked_number IS NULL OR asked_number BETWEEN 1 AND last_version),
    ADD CHECK ((asked_number IS NULL) = (asked_digest IS NULL)),
    ADD CHECK ((asked_number IS NULL) = (asked_by IS NULL)),
    ADD CHECK ((asked_number IS NULL) = (asked_at IS NULL)),
    ADD CHECK ((asked_number IS NULL) = (answer_by IS NULL)),
    ADD CHECK (asked_digest IS NULL OR length(asked_digest) = 32),
    ADD CHECK ((state IN ('approved', 'issued', 'declined')) = (decided_at IS NOT NULL)),
    ADD CHECK ((state IN ('withdrawn', 'lapsed', 'purged')) = (ended_at IS NOT NULL)),
    ADD CHECK ((state = 'purged') = (ending IS NOT NULL)),
    ADD CHECK (signer_token IS NULL OR length(signer_token) = 32);

DROP INDEX applications_open_signer;
DROP INDEX applications_open;
DROP INDEX applications_decided;
DROP INDEX applications_queue;
DROP INDEX applications_expiring;
DROP INDEX applications_ended;

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

-- None for patrons who were there before the portal.
ALTER TABLE patrons ALTER COLUMN application_id DROP NOT NULL;
-- Counts every change; a save names the value it read.
ALTER TABLE patrons ADD COLUMN row_version BIGINT NOT NULL DEFAULT 0 CHECK (row_version >= 0);

-- Nobody, if the rules decided.
ALTER TABLE decisions ALTER COLUMN decided_by DROP NOT NULL;
ALTER TABLE decisions
    ADD CHECK (length(version_digest) = 32),
    ADD CHECK (outcome IN ('approved', 'declined')),
    ADD CHECK ((outcome = 'declined') = (reason IS NOT NULL)),
    ADD CHECK (outcome = 'approved' OR decided_by IS NOT NULL);

ALTER TABLE notices ADD CHECK (kind IN ('issued', 'declined', 'returned', 'linked', 'renewed', 'reissued',
    'password_issued', 'changed', 'reopened'));

-- The first of two approvals; the second must be another person's. A row is bound to the version that was seen.
CREATE TABLE first_approvals (
    application_id  UUID NOT NULL,
    version_number  BIGINT NOT NULL,
    library_id      UUID NOT NULL,
    version_digest  BYTEA NOT NULL CHECK (length(version_digest) = 32),
    approved_by     UUID NOT NULL,
    approved_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (application_id, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (approved_by, library_id) REFERENCES staff (id, library_id)
);

-- What members of staff are, in one branch or (empty) in all. Until now everybody did everything.
CREATE TABLE staff_roles (
    staff_id        UUID NOT NULL,
    library_id      UUID NOT NULL,
    role            TEXT NOT NULL CHECK (role IN
        ('reception', 'reviewer', 'approver', 'supervisor', 'administrator', 'auditor', 'contractor')),
    branch          TEXT NOT NULL,
    PRIMARY KEY (staff_id, role, branch),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
);

INSERT INTO staff_roles (staff_id, library_id, role, branch) SELECT id, library_id, 'supervisor', '' FROM staff;
INSERT INTO staff_roles (staff_id, library_id, role, branch) SELECT id, library_id, 'administrator', '' FROM staff;
