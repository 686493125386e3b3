-- Documents that were shown: which kind, and the last day on which it counts, NULL for ever. Nothing else of them is kept.

-- What reviewers noted of them while they worked on an application, in place of what the applicant typed.
CREATE TABLE application_proofs (
    application_id  UUID NOT NULL,
    kind            TEXT NOT NULL,
    library_id      UUID NOT NULL,
    counts_until    DATE,
    noted_by        UUID NOT NULL,
    noted_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (application_id, kind),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (noted_by, library_id) REFERENCES staff (id, library_id)
);

-- What a patron has shown by now: the last document of each kind.
CREATE TABLE patron_proofs (
    patron_id       UUID NOT NULL,
    kind            TEXT NOT NULL,
    library_id      UUID NOT NULL,
    counts_until    DATE,
    shown_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (patron_id, kind),
    FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id)
);
