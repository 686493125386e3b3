-- Blocks that staff put on patrons, and reminders to patrons before a card or a linked certificate ends.

-- Two more things that staff do with a patron; `detail` names the kind of the block.
CREATE TEMPORARY TABLE old_patron_views AS SELECT * FROM patron_views;
DROP TABLE patron_views;
CREATE TABLE patron_views (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    patron_id       BLOB,
    what            TEXT NOT NULL CHECK (what IN ('searched', 'opened', 'card_stopped', 'card_released', 'blocked',
        'unblocked')),
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

-- What stops procedures of a patron until staff lift it. A kind of the rule file and nothing of loans; the note is
-- sealed under the patron's key. The row goes when the block is lifted: that it was there is kept in `patron_views`.
CREATE TABLE patron_blocks (
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    code            TEXT NOT NULL CHECK (length(code) > 0),
    note            BLOB,
    set_by          BLOB NOT NULL,
    set_at          INTEGER NOT NULL,
    PRIMARY KEY (patron_id, code),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    FOREIGN KEY (set_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

-- The last day of a linked certificate, in Japan; it has to be read from the evidence of links that are older than
-- this column, and is unknown where that is gone.
ALTER TABLE certificate_links ADD COLUMN is_end_read INTEGER NOT NULL DEFAULT 0 CHECK (is_end_read IN (0, 1));
ALTER TABLE certificate_links ADD COLUMN ends_on TEXT CHECK (ends_on IS NULL OR is_end_read = 1);

CREATE INDEX certificate_links_unread ON certificate_links (library_id, id) WHERE is_end_read = 0;
CREATE INDEX certificate_links_ending ON certificate_links (library_id, ends_on, id) WHERE ends_on IS NOT NULL;
CREATE INDEX cards_expiring ON cards (library_id, expires_on, id) WHERE state = 'active';

-- Each reminder once: about a card and its last day, or about a link and the last day of its certificate or the day
-- on which it was found revoked. Without a mail there was no address to write to.
CREATE TABLE patron_reminders (
    subject_id      BLOB NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('card_expires', 'certificate_ends', 'certificate_revoked')),
    due_on          TEXT NOT NULL,
    days_before     INTEGER NOT NULL CHECK (days_before >= 0),
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    mail_id         BLOB,
    noted_at        INTEGER NOT NULL,
    PRIMARY KEY (subject_id, kind, due_on, days_before),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;

CREATE INDEX patron_reminders_by_patron ON patron_reminders (library_id, patron_id, kind);
