-- Finding one person twice: more to find people by, what reviewers said of two people, and whom staff are close to.

ALTER TABLE search_tokens DROP CONSTRAINT search_tokens_field_check;
ALTER TABLE search_tokens ADD CONSTRAINT search_tokens_field_check
    CHECK (field IN ('email', 'name', 'kana', 'birth', 'phone', 'address'));

-- How far the tokens of rows from before have been made; a row goes when its walk is over. The keys of
-- the tokens are sealed, so no SQL can make them.
CREATE TABLE token_backfills (
    library_id      UUID NOT NULL REFERENCES libraries (id),
    kind            TEXT NOT NULL CHECK (kind IN ('patrons', 'applications')),
    after_id        UUID NOT NULL,
    PRIMARY KEY (library_id, kind)
);
INSERT INTO token_backfills (library_id, kind, after_id)
    SELECT id, 'patrons', '00000000-0000-0000-0000-000000000000'::uuid FROM libraries;
INSERT INTO token_backfills (library_id, kind, after_id)
    SELECT id, 'applications', '00000000-0000-0000-0000-000000000000'::uuid FROM libraries;

-- What a reviewer said of two people. It stands while both digests are those of their facts; the newest counts.
CREATE TABLE duplicate_verdicts (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    a_owner         UUID NOT NULL REFERENCES data_keys (owner_id) ON DELETE CASCADE,
    b_owner         UUID NOT NULL REFERENCES data_keys (owner_id) ON DELETE CASCADE,
    a_digest        BYTEA NOT NULL CHECK (length(a_digest) = 32),
    b_digest        BYTEA NOT NULL CHECK (length(b_digest) = 32),
    verdict         TEXT NOT NULL CHECK (verdict IN ('same', 'different', 'unsure')),
    note            BYTEA,
    judged_by       UUID NOT NULL,
    judged_at       TIMESTAMPTZ NOT NULL,
    CHECK (a_owner < b_owner),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (judged_by, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX duplicate_verdicts_by_a ON duplicate_verdicts (a_owner);
CREATE INDEX duplicate_verdicts_by_b ON duplicate_verdicts (b_owner);

-- The patrons that a member of staff is, or is close to.
CREATE TABLE staff_relations (
    staff_id        UUID NOT NULL,
    patron_id       UUID NOT NULL,
    library_id      UUID NOT NULL,
    recorded_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (staff_id, patron_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

-- Who has left an application to others.
CREATE TABLE staff_recusals (
    application_id  UUID NOT NULL,
    staff_id        UUID NOT NULL,
    library_id      UUID NOT NULL,
    declared_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (application_id, staff_id),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
);
