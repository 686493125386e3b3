-- What staff did besides applications and patrons: signing in, files, templates, absences, relations. `detail` says how
-- many, or which kind, and nothing of anybody.
CREATE TABLE staff_deeds (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    staff_id        UUID NOT NULL,
    what            TEXT NOT NULL CHECK (what IN ('signed_in', 'signed_out', 'exported', 'export_taken', 'imported',
        'template_saved', 'template_retired', 'absence_noted', 'absence_removed', 'relation_named',
        'relation_removed')),
    detail          TEXT NOT NULL,
    at              TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (staff_id, library_id) REFERENCES staff (id, library_id)
);

CREATE INDEX staff_deeds_by_time ON staff_deeds (library_id, at, id);
CREATE INDEX staff_deeds_by_staff ON staff_deeds (staff_id, at, id);

CREATE TRIGGER staff_deeds_refuse_update BEFORE UPDATE ON staff_deeds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER staff_deeds_refuse_delete BEFORE DELETE ON staff_deeds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Names are found by their beginnings from now on: tokens of all that is there are made anew.
INSERT INTO token_backfills (library_id, kind, after_id)
    SELECT id, 'patrons', '00000000-0000-0000-0000-000000000000'::uuid FROM libraries WHERE true
    ON CONFLICT (library_id, kind) DO UPDATE SET after_id = excluded.after_id;
INSERT INTO token_backfills (library_id, kind, after_id)
    SELECT id, 'applications', '00000000-0000-0000-0000-000000000000'::uuid FROM libraries WHERE true
    ON CONFLICT (library_id, kind) DO UPDATE SET after_id = excluded.after_id;
