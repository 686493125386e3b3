-- Blocks that staff put on patrons, and reminders to patrons before a card or a linked certificate ends.

-- Two more things that staff do with a patron; `detail` names the kind of the block.
ALTER TABLE patron_views DROP CONSTRAINT patron_views_what_check;
ALTER TABLE patron_views ADD CONSTRAINT patron_views_what_check CHECK (what IN ('searched', 'opened', 'card_stopped',
    'card_released', 'blocked', 'unblocked'));

-- What stops procedures of a patron until staff lift it. A kind of the rule file and nothing of loans; the note is
-- sealed under the patron's key. The row goes when the block is lifted: that it was there is kept in `patron_views`.
CREATE TABLE patron_blocks (
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL,
    code            TEXT NOT NULL CHECK (length(code) > 0),
    note            BYTEA,
    set_by          UUID NOT NULL,
    set_at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (patron_id, code),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id),
    FOREIGN KEY (set_by, library_id) REFERENCES staff (id, library_id)
);

-- The last day of a linked certificate, in Japan; it has to be read from the evidence of links that are older than
-- this column, and is unknown where that is gone.
ALTER TABLE certificate_links ADD COLUMN is_end_read BIGINT NOT NULL DEFAULT 0 CHECK (is_end_read IN (0, 1));
ALTER TABLE certificate_links ADD COLUMN ends_on DATE CHECK (ends_on IS NULL OR is_end_read = 1);

CREATE INDEX certificate_links_unread ON certificate_links (library_id, id) WHERE is_end_read = 0;
CREATE INDEX certificate_links_ending ON certificate_links (library_id, ends_on, id) WHERE ends_on IS NOT NULL;
CREATE INDEX cards_expiring ON cards (library_id, expires_on, id) WHERE state = 'active';

-- Each reminder once: about a card and its last day, or about a link and the last day of its certificate or the day
-- on which it was found revoked. Without a mail there was no address to write to.
CREATE TABLE patron_reminders (
    subject_id      UUID NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('card_expires', 'certificate_ends', 'certificate_revoked')),
    due_on          DATE NOT NULL,
    days_before     BIGINT NOT NULL CHECK (days_before >= 0),
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL,
    mail_id         UUID,
    noted_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subject_id, kind, due_on, days_before),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX patron_reminders_by_patron ON patron_reminders (library_id, patron_id, kind);
