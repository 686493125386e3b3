-- What went to the library system and what came from it: who, when, which fields; never the contents.

CREATE TABLE exports (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    profile         TEXT NOT NULL CHECK (length(profile) > 0),
    rules_version   BIGINT NOT NULL,
    made_by         UUID NOT NULL,
    made_at         TIMESTAMPTZ NOT NULL,
    card_count      BIGINT NOT NULL CHECK (card_count >= 1),
    fields          TEXT NOT NULL CHECK (length(fields) > 0),
    since           DATE,
    until           DATE,
    sha256          BYTEA NOT NULL CHECK (length(sha256) = 32),
    confirmed_by    UUID,
    confirmed_at    TIMESTAMPTZ,
    UNIQUE (id, library_id),
    FOREIGN KEY (library_id, rules_version) REFERENCES library_rules (library_id, version),
    FOREIGN KEY (made_by, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (confirmed_by, library_id) REFERENCES staff (id, library_id),
    CHECK ((since IS NULL) = (until IS NULL)),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);

CREATE INDEX exports_by_library ON exports (library_id, made_at, id);

-- Which cards stood in it, in which order. The digest is keyed: it tells whether a line is still the same.
CREATE TABLE export_rows (
    export_id       UUID NOT NULL,
    position        BIGINT NOT NULL CHECK (position >= 0),
    library_id      UUID NOT NULL,
    profile         TEXT NOT NULL,
    card_id         UUID NOT NULL REFERENCES cards (id),
    digest          BYTEA NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (export_id, position),
    UNIQUE (export_id, card_id),
    FOREIGN KEY (export_id, library_id) REFERENCES exports (id, library_id)
);

CREATE INDEX export_rows_by_card ON export_rows (card_id, profile);

CREATE TABLE export_downloads (
    export_id       UUID NOT NULL,
    library_id      UUID NOT NULL,
    staff_id        UUID NOT NULL,
    downloaded_at   TIMESTAMPTZ NOT NULL,
    changed_rows    BIGINT NOT NULL CHECK (changed_rows >= 0),
    FOREIGN KEY (export_id, library_id) REFERENCES exports (id, library_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX export_downloads_by_export ON export_downloads (export_id, downloaded_at);

-- An import at the command line has no member of staff.
CREATE TABLE imports (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    profile         TEXT NOT NULL CHECK (length(profile) > 0),
    rules_version   BIGINT NOT NULL,
    made_by         UUID,
    made_at         TIMESTAMPTZ NOT NULL,
    sha256          BYTEA NOT NULL CHECK (length(sha256) = 32),
    fields          TEXT NOT NULL CHECK (length(fields) > 0),
    taken           BIGINT NOT NULL CHECK (taken >= 0),
    changed         BIGINT NOT NULL CHECK (changed >= 0),
    equal           BIGINT NOT NULL CHECK (equal >= 0),
    refused         BIGINT NOT NULL CHECK (refused >= 0),
    FOREIGN KEY (library_id, rules_version) REFERENCES library_rules (library_id, version),
    FOREIGN KEY (made_by, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX imports_by_library ON imports (library_id, made_at, id);
