-- One more thing that staff do with a patron: an initial password is handed out at the counter; `detail` names the kind
-- of document by which it was checked who asks.
CREATE TEMPORARY TABLE old_patron_views AS SELECT * FROM patron_views;
DROP TABLE patron_views;
CREATE TABLE patron_views (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    patron_id       BLOB,
    what            TEXT NOT NULL CHECK (what IN ('searched', 'opened', 'card_stopped', 'card_released', 'blocked',
        'unblocked', 'password_handed_out')),
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
