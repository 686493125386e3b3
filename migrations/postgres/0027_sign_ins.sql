-- Patrons who sign in with the number of their card and a password: the tries, the devices, the sessions,
-- and their passkeys.

-- When the patron took a password of their own in the place of the initial one.
ALTER TABLE credentials ADD COLUMN chosen_at TIMESTAMPTZ CHECK (chosen_at IS NULL OR state = 'shown');

-- Whose session it is, where a password says so: the application may have been erased long ago.
ALTER TABLE sessions ADD COLUMN proved_patron UUID CHECK (proved_patron IS NULL OR proved_by IS NOT NULL);
-- From what kind of device it is used.
ALTER TABLE sessions ADD COLUMN device TEXT CHECK (device IN ('iphone', 'ipad', 'android', 'windows', 'mac', 'linux',
    'other'));

CREATE INDEX sessions_by_patron ON sessions (proved_patron) WHERE proved_patron IS NOT NULL;
CREATE INDEX sessions_by_proof ON sessions (proved_by) WHERE proved_by IS NOT NULL;

-- How often somebody tried to sign in to one account, or from one device that is known to it, without success. Under a
-- keyed hash: the table tells nobody which numbers there are.
CREATE TABLE sign_in_tries (
    account_hash    BYTEA NOT NULL PRIMARY KEY CHECK (length(account_hash) = 32),
    library_id      UUID NOT NULL REFERENCES libraries (id),
    tries           BIGINT NOT NULL CHECK (tries >= 0),
    next_at         TIMESTAMPTZ NOT NULL
);

CREATE INDEX sign_in_tries_by_time ON sign_in_tries (next_at);

-- Whoever has shown an initial password and has to choose their own before anything opens.
CREATE TABLE password_changes (
    token_hash      BYTEA NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL,
    expires_at      TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX password_changes_by_time ON password_changes (expires_at);
CREATE INDEX password_changes_by_patron ON password_changes (patron_id);

-- From which devices a patron has signed in: the hash of a cookie that means nothing else.
CREATE TABLE patron_devices (
    patron_id       UUID NOT NULL,
    device_hash     BYTEA NOT NULL CHECK (length(device_hash) = 32),
    library_id      UUID NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('iphone', 'ipad', 'android', 'windows', 'mac', 'linux', 'other')),
    first_at        TIMESTAMPTZ NOT NULL,
    last_at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (patron_id, device_hash),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX patron_devices_by_time ON patron_devices (last_at);

-- Passkeys: the public halves, by which nobody can sign in.
CREATE TABLE passkeys (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL,
    -- What the authenticator calls it.
    credential_id   BYTEA NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
    -- By its COSE number.
    algorithm       BIGINT NOT NULL CHECK (algorithm IN (-7, -8, -257)),
    public_key      BYTEA NOT NULL,
    sign_count      BIGINT NOT NULL CHECK (sign_count >= 0),
    device          TEXT NOT NULL CHECK (device IN ('iphone', 'ipad', 'android', 'windows', 'mac', 'linux', 'other')),
    added_at        TIMESTAMPTZ NOT NULL,
    used_at         TIMESTAMPTZ,
    UNIQUE (library_id, credential_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX passkeys_by_patron ON passkeys (patron_id, added_at);
