-- Procedures about a card: cards change, passwords are reissued, and some things are decided by rule.

-- Counts every change; a save names the value it read.
ALTER TABLE cards ADD COLUMN row_version BIGINT NOT NULL DEFAULT 0 CHECK (row_version >= 0);
ALTER TABLE cards ADD COLUMN state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped', 'replaced'));
-- Since when it is no longer active.
ALTER TABLE cards ADD COLUMN stopped_at TIMESTAMPTZ CHECK ((state = 'active') = (stopped_at IS NULL));
ALTER TABLE cards ADD COLUMN stop_reason TEXT CHECK (stop_reason IN ('lost', 'by_library'))
    CHECK ((state = 'stopped') = (stop_reason IS NOT NULL));
ALTER TABLE cards ADD COLUMN replaced_by UUID REFERENCES cards (id)
    CHECK ((state = 'replaced') = (replaced_by IS NOT NULL)) CHECK (replaced_by <> id);

-- What took a card's place stays so.
CREATE TRIGGER cards_refuse_return BEFORE UPDATE OF state, replaced_by ON cards
    FOR EACH ROW WHEN (OLD.state = 'replaced') EXECUTE FUNCTION refuse_change();

-- Through which application alone a password is collected; through any of the patron's if none is named.
ALTER TABLE credentials ADD COLUMN application_id UUID REFERENCES applications (id);

-- What the rules may decide by themselves, until it is decided or found to need somebody.
CREATE TABLE automatic_decisions (
    application_id  UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    next_at         TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

CREATE INDEX automatic_decisions_due ON automatic_decisions (next_at);
