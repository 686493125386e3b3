-- Patrons who are erased after their time, what was done with staff accounts, and notices that go on paper.

-- Of an erased patron the row stays, so that the number is given to nobody else: no facts, no key, no way back.
ALTER TABLE patrons ADD COLUMN erased_at INTEGER CHECK (erased_at IS NULL OR length(facts) = 0);

-- Whose last day is long over, whatever became of the card.
CREATE INDEX cards_by_last_day ON cards (library_id, expires_on, id);

-- One more thing of which patrons are told by mail.
CREATE TEMPORARY TABLE old_patron_reminders AS SELECT * FROM patron_reminders;
DROP TABLE patron_reminders;
CREATE TABLE patron_reminders (
    subject_id      BLOB NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('card_expires', 'certificate_ends', 'certificate_revoked',
        'record_erased')),
    due_on          TEXT NOT NULL,
    days_before     INTEGER NOT NULL CHECK (days_before >= 0),
    library_id      BLOB NOT NULL,
    patron_id       BLOB NOT NULL,
    mail_id         BLOB,
    noted_at        INTEGER NOT NULL,
    PRIMARY KEY (subject_id, kind, due_on, days_before),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
) STRICT;
INSERT INTO patron_reminders SELECT * FROM old_patron_reminders;
DROP TABLE old_patron_reminders;

CREATE INDEX patron_reminders_by_patron ON patron_reminders (library_id, patron_id, kind);

-- When somebody signed in last.
ALTER TABLE staff ADD COLUMN signed_in_at INTEGER;

-- What was done with an account, by whom: nobody, if it was done at the command line. Append-only.
CREATE TABLE staff_changes (
    id              BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    staff_id        BLOB NOT NULL,
    what            TEXT NOT NULL CHECK (what IN ('invited', 'invited_again', 'roles', 'suspended', 'reinstated')),
    -- The roles from then on, with their branches.
    detail          TEXT NOT NULL,
    made_by         BLOB,
    made_at         INTEGER NOT NULL,
    CHECK (made_by IS NULL OR made_by <> staff_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (made_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX staff_changes_by_time ON staff_changes (library_id, made_at, id);

CREATE TRIGGER staff_changes_refuse_update BEFORE UPDATE ON staff_changes
BEGIN
    SELECT RAISE(ABORT, 'staff changes keep what they say');
END;
CREATE TRIGGER staff_changes_refuse_delete BEFORE DELETE ON staff_changes
BEGIN
    SELECT RAISE(ABORT, 'staff changes keep what they say');
END;

-- Notices that go on paper: to whoever has no e-mail address, or wants it so. The row waits until somebody at the library
-- says that it was handed over or posted; of a notice that was taken back it leads nowhere.
CREATE TABLE paper_notices (
    notice_id       BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    placed_at       INTEGER NOT NULL,
    way             TEXT CHECK (way IN ('handed_over', 'posted')),
    delivered_by    BLOB,
    delivered_at    INTEGER,
    CHECK ((way IS NULL) = (delivered_by IS NULL)),
    CHECK ((way IS NULL) = (delivered_at IS NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (delivered_by, library_id) REFERENCES staff (id, library_id)
) STRICT;

CREATE INDEX paper_notices_waiting ON paper_notices (library_id, placed_at, notice_id) WHERE way IS NULL;
CREATE INDEX paper_notices_by_application ON paper_notices (application_id);
