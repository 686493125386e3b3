-- Guardians who apply for several children at once, and people whom no card has signed for.

-- Which of a guardian's children, from 1; 0 for the applicant.
ALTER TABLE patrons ADD COLUMN child_number BIGINT NOT NULL DEFAULT 0 CHECK (child_number >= 0);
ALTER TABLE patrons DROP CONSTRAINT patrons_application_id_key;
ALTER TABLE patrons ADD UNIQUE (application_id, child_number);
