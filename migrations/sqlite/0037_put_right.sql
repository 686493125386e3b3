-- One more thing that staff do with a patron: they put right what the library knows of them; `detail` says which facts.
CREATE TEMPORARY TABLE old_patron_views AS SELECT * FROM patron_views;
DROP TABLE patron_views;
CREATE TABLE patron_views (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    patron_id       BLOB,
    what            TEXT NOT NULL CHECK (what IN ('searched', 'opened', 'card_stopped', 'card_released', 'blocked',
        'unblocked', 'password_handed_out', 'request_settled', 'facts_put_right')),
    detail          TEXT NOT NULL,
    hits            INTEGER NOT NULL CHECK (hits >= 0),
    at              INTEGER NOT NULL,
    CHECK ((what = 'searched') = (patron_id IS NULL)),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;
INSERT INTO patron_views SELECT * FROM old_patron_views;
DROP TABLE old_patron_views;

CREATE INDEX patron_views_by_time ON patron_views (library_id, at, id);
CREATE INDEX patron_views_by_patron ON patron_views (patron_id, at) WHERE patron_id IS NOT NULL;

CREATE TRIGGER patron_views_refuse_update BEFORE UPDATE ON patron_views
BEGIN
    SELECT RAISE(ABORT, 'patron views keep what they say');
END;
CREATE TRIGGER patron_views_refuse_delete BEFORE DELETE ON patron_views
BEGIN
    SELECT RAISE(ABORT, 'patron views keep what they say');
END;

-- Passwords are chosen and changed, too, by patrons of whom no application tells.
CREATE TEMPORARY TABLE old_patron_deeds AS SELECT * FROM patron_deeds;
DROP TABLE patron_deeds;
CREATE TABLE patron_deeds (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    what            TEXT NOT NULL CHECK (what IN ('card_stopped', 'card_found', 'card_unlinked', 'asked',
        'taken_back', 'password_chosen')),
    at              INTEGER NOT NULL,
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;
INSERT INTO patron_deeds SELECT * FROM old_patron_deeds;
DROP TABLE old_patron_deeds;

CREATE INDEX patron_deeds_by_patron ON patron_deeds (patron_id, at);
