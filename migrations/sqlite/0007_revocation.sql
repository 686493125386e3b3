-- What was answered about revocation after the receipt, the certificates that cards were issued on,
-- and the numbers of user-authentication certificates.

CREATE TABLE revocation_answers (
    application_id  BLOB NOT NULL,
    version_number  INTEGER NOT NULL,
    seq             INTEGER NOT NULL CHECK (seq >= 1),
    library_id      BLOB NOT NULL,
    asked_at        INTEGER NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('good', 'revoked')),
    source          TEXT NOT NULL CHECK (source IN ('list', 'ocsp')),
    crl_number      TEXT,
    this_update     INTEGER,
    next_update     INTEGER,
    produced_at     INTEGER,
    revoked_at      INTEGER,
    reason          TEXT,
    PRIMARY KEY (application_id, version_number, seq),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES signatures (application_id, version_number),
    CHECK ((revoked_at IS NULL) = (reason IS NULL)),
    CHECK (status = 'good' OR revoked_at IS NOT NULL)
) STRICT;

CREATE TRIGGER revocation_answers_refuse_update BEFORE UPDATE ON revocation_answers
BEGIN
    SELECT RAISE(ABORT, 'answers keep what they say');
END;

-- Applications about which the question is open; the row goes when it is answered or the application is closed.
CREATE TABLE revocation_checks (
    application_id  BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    tries           INTEGER NOT NULL CHECK (tries >= 0),
    next_at         INTEGER NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX revocation_checks_due ON revocation_checks (next_at);

-- Applications that wait since before this table was there.
INSERT INTO revocation_checks (application_id, library_id, tries, next_at)
    SELECT a.id, a.library_id, 0, a.submitted_at
    FROM applications a
        JOIN signatures g ON g.application_id = a.id AND g.version_number = a.version_number
    WHERE a.state IN ('submitted', 'under_review') AND g.revocation = 'unknown';

-- The certificate on which a card was issued; the serial number is sealed under the library's key, so that a
-- million of them can be compared with a list in one go.
CREATE TABLE certificate_links (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    signer_token    BLOB NOT NULL CHECK (length(signer_token) = 32),
    serial          BLOB NOT NULL,
    linked_at       INTEGER NOT NULL,
    revoked_at      INTEGER,
    reason          TEXT,
    found_at        INTEGER,
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    CHECK ((revoked_at IS NULL) = (found_at IS NULL)),
    CHECK ((reason IS NULL) = (found_at IS NULL))
) STRICT;

CREATE INDEX certificate_links_live ON certificate_links (library_id, id) WHERE found_at IS NULL;
CREATE INDEX certificate_links_revoked ON certificate_links (library_id, found_at) WHERE found_at IS NOT NULL;
CREATE INDEX certificate_links_by_patron ON certificate_links (patron_id);

CREATE TABLE certificate_numbers (
    patron_id       BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'recorded', 'confirmed')),
    source          TEXT CHECK (source IN ('jlis_lookup', 'app', 'counter_reading', 'staff_entry')),
    number          BLOB,
    number_token    BLOB CHECK (number_token IS NULL OR length(number_token) = 32),
    recorded_at     INTEGER,
    confirmed_at    INTEGER,
    tries           INTEGER NOT NULL CHECK (tries >= 0),
    next_try_at     INTEGER,
    UNIQUE (library_id, number_token),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    CHECK ((state = 'pending') = (source IS NULL)),
    CHECK ((state = 'pending') = (number IS NULL)),
    CHECK ((state = 'pending') = (number_token IS NULL)),
    CHECK ((state = 'pending') = (recorded_at IS NULL)),
    CHECK ((state = 'pending') = (next_try_at IS NOT NULL)),
    CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL))
) STRICT;

CREATE INDEX certificate_numbers_due ON certificate_numbers (next_try_at) WHERE state = 'pending';
