-- Guardians who apply for several children at once, and people whom no card has signed for.

-- Which of a guardian's children, from 1; 0 for the applicant.
ALTER TABLE patrons ADD COLUMN child_number BIGINT NOT NULL DEFAULT 0 CHECK (child_number >= 0);
ALTER TABLE patrons DROP CONSTRAINT patrons_application_id_key;
ALTER TABLE patrons ADD UNIQUE (application_id, child_number);

-- Drafts with which people who cannot sign come to the counter.
CREATE TABLE visit_slips (
    application_id  UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    made_at         TIMESTAMPTZ NOT NULL,
    valid_until     TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

-- In place of a signature: which documents of the visitor staff saw.
CREATE TABLE sightings (
    application_id  UUID NOT NULL,
    version_number  BIGINT NOT NULL,
    library_id      UUID NOT NULL,
    documents       BYTEA NOT NULL,
    sighted_by      UUID NOT NULL,
    sighted_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (application_id, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number),
    FOREIGN KEY (sighted_by, library_id) REFERENCES staff (id, library_id)
);

CREATE TRIGGER sightings_refuse_update BEFORE UPDATE ON sightings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
