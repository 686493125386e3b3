-- Patrons who are erased after their time, what was done with staff accounts, and notices that go on paper.

-- Of an erased patron the row stays, so that the number is given to nobody else: no facts, no key, no way back.
ALTER TABLE patrons ADD COLUMN erased_at TIMESTAMPTZ CHECK (erased_at IS NULL OR length(facts) = 0);

-- Whose last day is long over, whatever became of the card.
CREATE INDEX cards_by_last_day ON cards (library_id, expires_on, id);

-- One more thing of which patrons are told by mail.
ALTER TABLE patron_reminders DROP CONSTRAINT patron_reminders_kind_check;
ALTER TABLE patron_reminders ADD CONSTRAINT patron_reminders_kind_check CHECK (kind IN ('card_expires',
    'certificate_ends', 'certificate_revoked', 'record_erased'));

-- When somebody signed in last.
ALTER TABLE staff ADD COLUMN signed_in_at TIMESTAMPTZ;

-- What was done with an account, by whom: nobody, if it was done at the command line. Append-only.
CREATE TABLE staff_changes (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    staff_id        UUID NOT NULL,
    what            TEXT NOT NULL CHECK (what IN ('invited', 'invited_again', 'roles', 'suspended', 'reinstated')),
    -- The roles from then on, with their branches.
    detail          TEXT NOT NULL,
    made_by         UUID,
    made_at         TIMESTAMPTZ NOT NULL,
    CHECK (made_by IS NULL OR made_by <> staff_id),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (made_by, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX staff_changes_by_time ON staff_changes (library_id, made_at, id);

CREATE TRIGGER staff_changes_refuse_update BEFORE UPDATE ON staff_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER staff_changes_refuse_delete BEFORE DELETE ON staff_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Notices that go on paper: to whoever has no e-mail address, or wants it so. The row waits until somebody at the library
-- says that it was handed over or posted; of a notice that was taken back it leads nowhere.
CREATE TABLE paper_notices (
    notice_id       UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    placed_at       TIMESTAMPTZ NOT NULL,
    way             TEXT CHECK (way IN ('handed_over', 'posted')),
    delivered_by    UUID,
    delivered_at    TIMESTAMPTZ,
    CHECK ((way IS NULL) = (delivered_by IS NULL)),
    CHECK ((way IS NULL) = (delivered_at IS NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (delivered_by, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX paper_notices_waiting ON paper_notices (library_id, placed_at, notice_id) WHERE way IS NULL;
CREATE INDEX paper_notices_by_application ON paper_notices (application_id);
