-- Finding one person twice: more to find people by, what reviewers said of two people, and whom staff are close to.

-- Nothing refers to the tokens, so the table is made anew with a wider CHECK.
CREATE TABLE search_tokens_new (
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    owner_id        BLOB NOT NULL REFERENCES data_keys (owner_id) ON DELETE CASCADE,
    field           TEXT NOT NULL CHECK (field IN ('email', 'name', 'kana', 'birth', 'phone', 'address')),
    token           BLOB NOT NULL CHECK (length(token) = 32),
    PRIMARY KEY (library_id, field, token, owner_id)
) STRICT;
INSERT INTO search_tokens_new SELECT library_id, owner_id, field, token FROM search_tokens;
DROP TABLE search_tokens;
ALTER TABLE search_tokens_new RENAME TO search_tokens;
CREATE INDEX search_tokens_by_owner ON search_tokens (owner_id);

-- How far the tokens of rows from before have been made; a row goes when its walk is over. The keys of
-- the tokens are sealed, so no SQL can make them.
CREATE TABLE token_backfills (
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    kind            TEXT NOT NULL CHECK (kind IN ('patrons', 'applications')),
    after_id        BLOB NOT NULL,
    PRIMARY KEY (library_id, kind)
) STRICT;
INSERT INTO token_backfills (library_id, kind, after_id)
    SELECT id, 'patrons', X'00000000000000000000000000000000' FROM libraries;
INSERT INTO token_backfills (library_id, kind, after_id)
    SELECT id, 'applications', X'00000000000000000000000000000000' FROM libraries;

-- What a reviewer said of two people. It stands while both digests are those of their facts; the newest counts.
CREATE TABLE duplicate_verdicts (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    a_owner         BLOB NOT NULL REFERENCES data_keys (owner_id) ON DELETE CASCADE,
    b_owner         BLOB NOT NULL REFERENCES data_keys (owner_id) ON DELETE CASCADE,
    a_digest        BLOB NOT NULL CHECK (length(a_digest) = 32),
    b_digest        BLOB NOT NULL CHECK (length(b_digest) = 32),
    verdict         TEXT NOT NULL CHECK (verdict IN ('same', 'different', 'unsure')),
    note            BLOB,
    judged_by       BLOB NOT NULL,
    judged_at       INTEGER NOT NULL,
    CHECK (a_owner < b_owner),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (judged_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX duplicate_verdicts_by_a ON duplicate_verdicts (a_owner);
CREATE INDEX duplicate_verdicts_by_b ON duplicate_verdicts (b_owner);

-- The patrons that a member of staff is, or is close to.
CREATE TABLE staff_relations (
    staff_id        BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    library_id      BLOB NOT NULL,
    recorded_at     INTEGER NOT NULL,
    PRIMARY KEY (staff_id, patron_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;

-- Who has left an application to others.
CREATE TABLE staff_recusals (
    application_id  BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    library_id      BLOB NOT NULL,
    declared_at     INTEGER NOT NULL,
    PRIMARY KEY (application_id, staff_id),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
) STRICT;
