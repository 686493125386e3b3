-- What is registered for the library system to take in: a new number, a later last day, other facts. In force at once,
-- or once the library system has confirmed it.

-- The number is given; it counts for nothing before it is in force.
ALTER TABLE cards ADD COLUMN is_pending INTEGER NOT NULL DEFAULT 0 CHECK (is_pending IN (0, 1))
    CHECK (is_pending = 0 OR state = 'active');
CREATE UNIQUE INDEX cards_of_library ON cards (id, library_id);

CREATE TABLE registrations (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    card_id         BLOB NOT NULL,
    registered_at   INTEGER NOT NULL,
    -- The last day that the card gets, if it gets another.
    expires_on      TEXT,
    -- The facts that are to be known of its holder, if they change; sealed, and gone once they are in force.
    facts           BLOB,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'in_force', 'refused')),
    -- When the library system was found to have it: an application for several cards waits for all of them.
    confirmed_at    INTEGER,
    ended_at        INTEGER,
    UNIQUE (id, library_id),
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CHECK (facts IS NULL OR state = 'waiting'),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (card_id, library_id) REFERENCES cards (id, library_id)
) STRICT;

CREATE UNIQUE INDEX registrations_waiting ON registrations (application_id, card_id) WHERE state = 'waiting';
CREATE INDEX registrations_by_card ON registrations (card_id, registered_at, id);
CREATE INDEX registrations_by_time ON registrations (library_id, registered_at);

-- Which of them went out in which file.
CREATE TABLE exported_registrations (
    registration_id BLOB NOT NULL,
    export_id       BLOB NOT NULL,
    library_id      BLOB NOT NULL,
    profile         TEXT NOT NULL,
    PRIMARY KEY (registration_id, export_id),
    FOREIGN KEY (registration_id, library_id) REFERENCES registrations (id, library_id),
    FOREIGN KEY (export_id, library_id) REFERENCES exports (id, library_id)
) STRICT;

CREATE INDEX exported_registrations_by_export ON exported_registrations (export_id);

-- Cards from before were registered when they were issued.
INSERT INTO registrations (id, library_id, application_id, card_id, registered_at, state, ended_at)
SELECT c.id, c.library_id, p.application_id, c.id, c.issued_at, 'in_force', c.issued_at
FROM cards c JOIN patrons p ON p.id = c.patron_id AND p.library_id = c.library_id
WHERE p.application_id IS NOT NULL;

INSERT INTO exported_registrations (registration_id, export_id, library_id, profile)
SELECT g.id, r.export_id, r.library_id, r.profile
FROM export_rows r JOIN registrations g ON g.id = r.card_id AND g.library_id = r.library_id;
