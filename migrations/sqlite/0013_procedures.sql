-- Procedures about a card: cards change, passwords are reissued, and some things are decided by rule.

-- Counts every change; a save names the value it read.
ALTER TABLE cards ADD COLUMN row_version INTEGER NOT NULL DEFAULT 0 CHECK (row_version >= 0);
ALTER TABLE cards ADD COLUMN state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped', 'replaced'));
-- Since when it is no longer active.
ALTER TABLE cards ADD COLUMN stopped_at INTEGER CHECK ((state = 'active') = (stopped_at IS NULL));
ALTER TABLE cards ADD COLUMN stop_reason TEXT CHECK (stop_reason IN ('lost', 'by_library'))
    CHECK ((state = 'stopped') = (stop_reason IS NOT NULL));
ALTER TABLE cards ADD COLUMN replaced_by BLOB REFERENCES cards (id)
    CHECK ((state = 'replaced') = (replaced_by IS NOT NULL)) CHECK (replaced_by <> id);

-- What took a card's place stays so.
CREATE TRIGGER cards_refuse_return BEFORE UPDATE OF state, replaced_by ON cards WHEN OLD.state = 'replaced'
BEGIN
    SELECT RAISE(ABORT, 'cards keep what they say');
END;

-- Through which application alone a password is collected; through any of the patron's if none is named.
ALTER TABLE credentials ADD COLUMN application_id BLOB REFERENCES applications (id);

-- What the rules may decide by themselves, until it is decided or found to need somebody.
CREATE TABLE automatic_decisions (
    application_id  BLOB NOT NULL PRIMARY KEY,
    library_id      BLOB NOT NULL,
    next_at         INTEGER NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX automatic_decisions_due ON automatic_decisions (next_at);
