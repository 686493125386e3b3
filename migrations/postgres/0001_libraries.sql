-- Libraries with every version of their rules, the keys that seal personal data, and staff.

CREATE TABLE libraries (
    id              UUID NOT NULL PRIMARY KEY,
    slug            TEXT NOT NULL UNIQUE CHECK (length(slug) > 0),
    rules_version   BIGINT NOT NULL CHECK (rules_version >= 1),
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL
);

-- Applications keep the rules that they began with, so old versions stay: the file as it was
-- written, and the rules that were read from it.
CREATE TABLE library_rules (
    library_id      UUID NOT NULL REFERENCES libraries (id),
    version         BIGINT NOT NULL CHECK (version >= 1),
    source          TEXT NOT NULL,
    rules           TEXT NOT NULL,
    saved_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (library_id, version)
);

-- Card numbers and document numbers are counted here and never go back.
CREATE TABLE counters (
    library_id      UUID NOT NULL REFERENCES libraries (id),
    name            TEXT NOT NULL,
    value           BIGINT NOT NULL CHECK (value >= 1),
    PRIMARY KEY (library_id, name)
);

-- One random key per owner of personal data, wrapped by a master key that is not in the database.
-- Deleting the row erases what the owner's sealed columns say, in backups made later too.
CREATE TABLE data_keys (
    owner_id        UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL REFERENCES libraries (id),
    master_version  BIGINT NOT NULL CHECK (master_version >= 1),
    wrapped         BYTEA NOT NULL
);

CREATE INDEX data_keys_by_master ON data_keys (master_version);

-- Keyed hashes of names, dates and addresses: equality without the values.
CREATE TABLE search_tokens (
    library_id      UUID NOT NULL REFERENCES libraries (id),
    owner_id        UUID NOT NULL REFERENCES data_keys (owner_id) ON DELETE CASCADE,
    field           TEXT NOT NULL CHECK (field IN ('email', 'name', 'kana', 'birth')),
    token           BYTEA NOT NULL CHECK (length(token) = 32),
    PRIMARY KEY (library_id, field, token, owner_id)
);

CREATE INDEX search_tokens_by_owner ON search_tokens (owner_id);

CREATE TABLE staff (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL REFERENCES libraries (id),
    login           TEXT NOT NULL CHECK (length(login) > 0),
    name            TEXT NOT NULL,
    disabled_at     TIMESTAMPTZ,
    password_hash   TEXT,
    totp_secret     BYTEA,
    totp_last_step  BIGINT,
    UNIQUE (library_id, login),
    UNIQUE (id, library_id),
    CHECK ((password_hash IS NULL) = (totp_secret IS NULL)),
    CHECK (totp_last_step IS NULL OR totp_secret IS NOT NULL)
);

CREATE TABLE staff_invites (
    token_hash      BYTEA NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    library_id      UUID NOT NULL,
    staff_id        UUID NOT NULL,
    expires_at      TIMESTAMPTZ NOT NULL,
    used_at         TIMESTAMPTZ,
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX staff_invites_by_staff ON staff_invites (staff_id);
