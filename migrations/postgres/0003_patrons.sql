-- What an approval makes: the patron, the card number, the right to a password.

CREATE TABLE patrons (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL UNIQUE,
    facts           BYTEA NOT NULL,
    registered_at   TIMESTAMPTZ NOT NULL,
    UNIQUE (id, library_id),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

CREATE TABLE cards (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL,
    number          TEXT NOT NULL CHECK (length(number) > 0),
    expires_on      DATE NOT NULL,
    issued_at       TIMESTAMPTZ NOT NULL,
    UNIQUE (library_id, number),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX cards_by_patron ON cards (patron_id, issued_at);

-- A number that was once given to somebody is never given to anybody else.
CREATE TRIGGER cards_refuse_delete BEFORE DELETE ON cards
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cards_refuse_update BEFORE UPDATE OF id, library_id, patron_id, number, issued_at ON cards
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cards_refuse_truncate BEFORE TRUNCATE ON cards
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE credentials (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL UNIQUE,
    viewable_until  TIMESTAMPTZ NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('unseen', 'shown')),
    hash            TEXT,
    shown_at        TIMESTAMPTZ,
    sealed_secret   BYTEA,
    sealed_until    TIMESTAMPTZ,
    CHECK ((state = 'shown') = (hash IS NOT NULL)),
    CHECK ((state = 'shown') = (shown_at IS NOT NULL)),
    CHECK ((sealed_secret IS NULL) = (sealed_until IS NULL)),
    CHECK (sealed_secret IS NULL OR state = 'shown'),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX credentials_sealed ON credentials (sealed_until) WHERE sealed_until IS NOT NULL;

CREATE TABLE collection_tries (
    application_id  UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    tries           BIGINT NOT NULL CHECK (tries >= 0),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);
