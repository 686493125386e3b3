-- Sessions that stand for a patron, and what patrons have begun.

-- The application by which somebody has proved to be the patron, and since and until when that counts: a draft lives
-- on for days in the browser that began it, the right to see a card does not.
ALTER TABLE sessions ADD COLUMN proved_by UUID;
ALTER TABLE sessions ADD COLUMN proved_at TIMESTAMPTZ CHECK ((proved_at IS NULL) = (proved_by IS NULL));
ALTER TABLE sessions ADD COLUMN proved_until TIMESTAMPTZ CHECK ((proved_until IS NULL) = (proved_by IS NULL));

-- What somebody began who had proved to be the patron: theirs before a signature says so.
CREATE TABLE holder_drafts (
    application_id  UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    patron_id       UUID NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);

CREATE INDEX holder_drafts_by_patron ON holder_drafts (library_id, patron_id);
