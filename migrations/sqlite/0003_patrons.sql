-- What an approval makes: the patron, the card number, the right to a password.

CREATE TABLE patrons (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL UNIQUE,
    facts           BLOB NOT NULL,
    registered_at   INTEGER NOT NULL,
    UNIQUE (id, library_id),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE TABLE cards (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    number          TEXT NOT NULL CHECK (length(number) > 0),
    expires_on      TEXT NOT NULL,
    issued_at       INTEGER NOT NULL,
    UNIQUE (library_id, number),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;

CREATE INDEX cards_by_patron ON cards (patron_id, issued_at);

-- A number that was once given to somebody is never given to anybody else.
CREATE TRIGGER cards_refuse_delete BEFORE DELETE ON cards
BEGIN
    SELECT RAISE(ABORT, 'cards keep what they say');
END;
CREATE TRIGGER cards_refuse_update BEFORE UPDATE OF id, library_id, patron_id, number, issued_at ON cards
BEGIN
    SELECT RAISE(ABORT, 'cards keep what they say');
END;

CREATE TABLE credentials (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL UNIQUE,
    viewable_until  INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('unseen', 'shown')),
    hash            TEXT,
    shown_at        INTEGER,
    sealed_secret   BLOB,
    sealed_until    INTEGER,
    CHECK ((state = 'shown') = (hash IS NOT NULL)),
    CHECK ((state = 'shown') = (shown_at IS NOT NULL)),
    CHECK ((sealed_secret IS NULL) = (sealed_until IS NULL)),
    CHECK (sealed_secret IS NULL OR state = 'shown'),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;

CREATE INDEX credentials_sealed ON credentials (sealed_until) WHERE sealed_until IS NOT NULL;

CREATE TABLE collection_tries (
    application_id  BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    tries           INTEGER NOT NULL CHECK (tries >= 0),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;
