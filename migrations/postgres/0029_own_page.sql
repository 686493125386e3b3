-- The patron's own page: sessions that stand for a patron and for no application, what patrons do themselves, and what
-- they ask of the library about their record.

-- The later columns brought their CHECKs with them, which were numbered in the order of their coming.
ALTER TABLE sessions DROP CONSTRAINT sessions_check1, DROP CONSTRAINT sessions_check2, DROP CONSTRAINT sessions_check3,
    DROP CONSTRAINT sessions_subject_check;
ALTER TABLE sessions
    ADD CONSTRAINT sessions_subject_check CHECK (subject IN ('visitor', 'reader', 'applicant', 'staff', 'patron')),
    ADD CONSTRAINT sessions_check1 CHECK ((proved_at IS NULL) = (proved_by IS NULL AND proved_patron IS NULL)),
    ADD CONSTRAINT sessions_check2 CHECK ((proved_until IS NULL) = (proved_at IS NULL));

-- What patrons did by themselves where no application's record tells of it.
CREATE TABLE patron_deeds (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL,
    what            TEXT NOT NULL CHECK (what IN ('card_stopped', 'card_found', 'card_unlinked', 'asked',
        'taken_back')),
    at              TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX patron_deeds_by_patron ON patron_deeds (patron_id, at);

-- What patrons ask of the library about their record: to close the account, to erase it, to put something right.
CREATE TABLE patron_requests (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('closing', 'erasure', 'correction')),
    -- Sealed; empty if nothing was written.
    words           BYTEA NOT NULL,
    made_at         TIMESTAMPTZ NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('open', 'done', 'refused', 'taken_back')),
    settled_at      TIMESTAMPTZ CHECK ((settled_at IS NULL) = (state = 'open')),
    settled_by      UUID CHECK ((settled_by IS NOT NULL) = (state IN ('done', 'refused'))),
    -- Sealed: what the library says to it.
    answer          BYTEA CHECK ((answer IS NOT NULL) = (state IN ('done', 'refused'))),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    FOREIGN KEY (settled_by, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX patron_requests_by_patron ON patron_requests (patron_id, made_at);
CREATE UNIQUE INDEX patron_requests_open ON patron_requests (library_id, patron_id, kind) WHERE state = 'open';

-- One more thing that staff do with a patron: they answer what was asked about the record; `detail` says how.
ALTER TABLE patron_views DROP CONSTRAINT patron_views_what_check;
ALTER TABLE patron_views ADD CONSTRAINT patron_views_what_check CHECK (what IN ('searched', 'opened', 'card_stopped',
    'card_released', 'blocked', 'unblocked', 'password_handed_out', 'request_settled'));
