-- What went to the library system and what came from it: who, when, which fields; never the contents.

CREATE TABLE exports (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    profile         TEXT NOT NULL CHECK (length(profile) > 0),
    rules_version   INTEGER NOT NULL,
    made_by         BLOB NOT NULL,
    made_at         INTEGER NOT NULL,
    card_count      INTEGER NOT NULL CHECK (card_count >= 1),
    fields          TEXT NOT NULL CHECK (length(fields) > 0),
    since           TEXT,
    until           TEXT,
    sha256          BLOB NOT NULL CHECK (length(sha256) = 32),
    confirmed_by    BLOB,
    confirmed_at    INTEGER,
    UNIQUE (id, library_id),
    FOREIGN KEY (library_id, rules_version) REFERENCES library_rules (library_id, version),
    FOREIGN KEY (made_by, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (confirmed_by, library_id) REFERENCES staff (id, library_id),
    CHECK ((since IS NULL) = (until IS NULL)),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
) STRICT;

CREATE INDEX exports_by_library ON exports (library_id, made_at, id);

-- Which cards stood in it, in which order. The digest is keyed: it tells whether a line is still the same.
CREATE TABLE export_rows (
    export_id       BLOB NOT NULL,
    position        INTEGER NOT NULL CHECK (position >= 0),
    library_id      BLOB NOT NULL,
    profile         TEXT NOT NULL,
    card_id         BLOB NOT NULL REFERENCES cards (id),
    digest          BLOB NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (export_id, position),
    UNIQUE (export_id, card_id),
    FOREIGN KEY (export_id, library_id) REFERENCES exports (id, library_id)
) STRICT;

CREATE INDEX export_rows_by_card ON export_rows (card_id, profile);

CREATE TABLE export_downloads (
    export_id       BLOB NOT NULL,
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    downloaded_at   INTEGER NOT NULL,
    changed_rows    INTEGER NOT NULL CHECK (changed_rows >= 0),
    FOREIGN KEY (export_id, library_id) REFERENCES exports (id, library_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX export_downloads_by_export ON export_downloads (export_id, downloaded_at);

-- An import at the command line has no member of staff.
CREATE TABLE imports (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    profile         TEXT NOT NULL CHECK (length(profile) > 0),
    rules_version   INTEGER NOT NULL,
    made_by         BLOB,
    made_at         INTEGER NOT NULL,
    sha256          BLOB NOT NULL CHECK (length(sha256) = 32),
    fields          TEXT NOT NULL CHECK (length(fields) > 0),
    taken           INTEGER NOT NULL CHECK (taken >= 0),
    changed         INTEGER NOT NULL CHECK (changed >= 0),
    equal           INTEGER NOT NULL CHECK (equal >= 0),
    refused         INTEGER NOT NULL CHECK (refused >= 0),
    FOREIGN KEY (library_id, rules_version) REFERENCES library_rules (library_id, version),
    FOREIGN KEY (made_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX imports_by_library ON imports (library_id, made_at, id);
