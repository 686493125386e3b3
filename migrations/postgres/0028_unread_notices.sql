-- Notices that nobody opens: who was reminded of them, and which go on paper therefore.

CREATE TABLE notice_reminders (
    notice_id       UUID NOT NULL,
    days            BIGINT NOT NULL CHECK (days > 0),
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    mail_id         UUID,
    noted_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (notice_id, days),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
);

CREATE INDEX notice_reminders_by_application ON notice_reminders (application_id);
CREATE INDEX notices_unread ON notices (library_id, placed_at, id) WHERE first_read_at IS NULL;

ALTER TABLE paper_notices ADD COLUMN reason TEXT NOT NULL DEFAULT 'wanted' CHECK (reason IN ('wanted', 'unread'));
