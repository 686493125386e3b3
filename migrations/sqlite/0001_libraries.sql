-- Libraries with every version of their rules, the keys that seal personal data, and staff.

CREATE TABLE libraries (
    id              BLOB NOT NULL PRIMARY KEY,
    slug            TEXT NOT NULL UNIQUE CHECK (length(slug) > 0),
    rules_version   INTEGER NOT NULL CHECK (rules_version >= 1),
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;

-- Applications keep the rules that they began with, so old versions stay: the file as it was
-- written, and the rules that were read from it.
CREATE TABLE library_rules (
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    version         INTEGER NOT NULL CHECK (version >= 1),
    source          TEXT NOT NULL,
    rules           TEXT NOT NULL,
    saved_at        INTEGER NOT NULL,
    PRIMARY KEY (library_id, version)
) STRICT;

-- Card numbers and document numbers are counted here and never go back.
CREATE TABLE counters (
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    name            TEXT NOT NULL,
    value           INTEGER NOT NULL CHECK (value >= 1),
    PRIMARY KEY (library_id, name)
) STRICT;

-- One random key per owner of personal data, wrapped by a master key that is not in the database.
-- Deleting the row erases what the owner's sealed columns say, in backups made later too.
CREATE TABLE data_keys (
    owner_id        BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    master_version  INTEGER NOT NULL CHECK (master_version >= 1),
    wrapped         BLOB NOT NULL
) STRICT;

CREATE INDEX data_keys_by_master ON data_keys (master_version);

-- Keyed hashes of names, dates and addresses: equality without the values.
CREATE TABLE search_tokens (
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    owner_id        BLOB NOT NULL REFERENCES data_keys (owner_id) ON DELETE CASCADE,
    field           TEXT NOT NULL CHECK (field IN ('email', 'name', 'kana', 'birth')),
    token           BLOB NOT NULL CHECK (length(token) = 32),
    PRIMARY KEY (library_id, field, token, owner_id)
) STRICT;

CREATE INDEX search_tokens_by_owner ON search_tokens (owner_id);

CREATE TABLE staff (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL REFERENCES libraries (id),
    login           TEXT NOT NULL CHECK (length(login) > 0),
    name            TEXT NOT NULL,
    disabled_at     INTEGER,
    password_hash   TEXT,
    totp_secret     BLOB,
    totp_last_step  INTEGER,
    UNIQUE (library_id, login),
    UNIQUE (id, library_id),
    CHECK ((password_hash IS NULL) = (totp_secret IS NULL)),
    CHECK (totp_last_step IS NULL OR totp_secret IS NOT NULL)
) STRICT;

CREATE TABLE staff_invites (
    token_hash      BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    expires_at      INTEGER NOT NULL,
    used_at         INTEGER,
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX staff_invites_by_staff ON staff_invites (staff_id);
