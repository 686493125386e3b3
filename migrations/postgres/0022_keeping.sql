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

-- Notices that were given to somebody on paper, each time: a letter may come back. A notice that was taken back later
-- stands in `revoked_notices`.
CREATE TABLE paper_deliveries (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    notice_id       UUID NOT NULL,
    way             TEXT NOT NULL CHECK (way IN ('handed_over', 'posted')),
    made_by         UUID NOT NULL,
    made_at         TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (made_by, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX paper_deliveries_by_application ON paper_deliveries (application_id, made_at, id);
