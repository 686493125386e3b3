-- Who looked for which patron: a search has no patron, and says in `detail` by which kinds of facts, never which facts.
CREATE TABLE patron_views (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    staff_id        UUID NOT NULL,
    patron_id       UUID,
    what            TEXT NOT NULL CHECK (what IN ('searched', 'opened', 'card_stopped', 'card_released')),
    detail          TEXT NOT NULL,
    hits            BIGINT NOT NULL CHECK (hits >= 0),
    at              TIMESTAMPTZ NOT NULL,
    CHECK ((what = 'searched') = (patron_id IS NULL)),
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX patron_views_by_time ON patron_views (library_id, at, id);
CREATE INDEX patron_views_by_patron ON patron_views (patron_id, at) WHERE patron_id IS NOT NULL;

CREATE TRIGGER patron_views_refuse_update BEFORE UPDATE ON patron_views
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER patron_views_refuse_delete BEFORE DELETE ON patron_views
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
