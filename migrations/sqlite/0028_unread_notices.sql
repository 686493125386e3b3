-- Notices that nobody opens: who was reminded of them, and which go on paper therefore.

CREATE TABLE notice_reminders (
    notice_id       BLOB NOT NULL,
    days            INTEGER NOT NULL CHECK (days > 0),
    library_id      BLOB NOT NULL,
    application_id  BLOB NOT NULL,
    mail_id         BLOB,
    noted_at        INTEGER NOT NULL,
    PRIMARY KEY (notice_id, days),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id)
) STRICT;

CREATE INDEX notice_reminders_by_application ON notice_reminders (application_id);
CREATE INDEX notices_unread ON notices (library_id, placed_at, id) WHERE first_read_at IS NULL;

ALTER TABLE paper_notices ADD COLUMN reason TEXT NOT NULL DEFAULT 'wanted' CHECK (reason IN ('wanted', 'unread'));
