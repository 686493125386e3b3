-- Notices about a card for which nobody applied: that it was stopped, that it can be used again, that its last day is near.
-- They hang on the patron instead of an application. And when a notice was saved first, which until now only the record of
-- its application told.
ALTER TABLE notices ALTER COLUMN application_id DROP NOT NULL;
ALTER TABLE notices ALTER COLUMN version_number DROP NOT NULL;
ALTER TABLE notices ADD COLUMN patron_id UUID;
ALTER TABLE notices ADD COLUMN first_saved_at TIMESTAMPTZ;
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind IN ('issued', 'declined', 'returned', 'linked',
    'renewed', 'reissued', 'password_issued', 'changed', 'reopened', 'stopped', 'lost', 'released',
    'expiring'));
ALTER TABLE notices ADD CONSTRAINT notices_about_check CHECK ((application_id IS NULL) <> (patron_id IS NULL));
ALTER TABLE notices ADD CONSTRAINT notices_version_check CHECK ((application_id IS NULL) = (version_number IS NULL));
ALTER TABLE notices ADD CONSTRAINT notices_patron_check
    CHECK ((patron_id IS NULL) = (kind NOT IN ('stopped', 'lost', 'released', 'expiring')));
ALTER TABLE notices ADD FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id);
CREATE INDEX notices_by_patron ON notices (patron_id, placed_at) WHERE patron_id IS NOT NULL;
CREATE INDEX notices_about_patrons ON notices (library_id, placed_at, id) WHERE patron_id IS NOT NULL;
UPDATE notices SET first_saved_at = (SELECT MIN(e.occurred_at) FROM events e
    WHERE e.application_id = notices.application_id AND e.kind = 'notice_downloaded'
        AND e.detail = notices.kind AND e.occurred_at >= notices.placed_at);

ALTER TABLE revoked_notices ADD COLUMN first_saved_at TIMESTAMPTZ;
UPDATE revoked_notices SET first_saved_at = (SELECT MIN(e.occurred_at) FROM events e
    WHERE e.application_id = revoked_notices.application_id AND e.kind = 'notice_downloaded'
        AND e.detail = revoked_notices.kind AND e.occurred_at >= revoked_notices.placed_at
        AND e.occurred_at <= revoked_notices.revoked_at);

-- What belongs to such a notice.
ALTER TABLE notice_codes ALTER COLUMN application_id DROP NOT NULL;
ALTER TABLE notice_codes ADD COLUMN patron_id UUID;
ALTER TABLE notice_codes ADD CONSTRAINT notice_codes_about_check CHECK ((application_id IS NULL) <> (patron_id IS NULL));
ALTER TABLE notice_codes ADD FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id);
CREATE INDEX notice_codes_by_patron ON notice_codes (patron_id) WHERE patron_id IS NOT NULL;

ALTER TABLE notice_documents ALTER COLUMN application_id DROP NOT NULL;
ALTER TABLE notice_documents ADD COLUMN patron_id UUID;
ALTER TABLE notice_documents ADD CONSTRAINT notice_documents_about_check CHECK ((application_id IS NULL) <> (patron_id IS NULL));
ALTER TABLE notice_documents ADD FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id);
CREATE INDEX notice_documents_by_patron ON notice_documents (patron_id) WHERE patron_id IS NOT NULL;

ALTER TABLE notice_reminders ALTER COLUMN application_id DROP NOT NULL;
ALTER TABLE notice_reminders ADD COLUMN patron_id UUID;
ALTER TABLE notice_reminders ADD CONSTRAINT notice_reminders_about_check CHECK ((application_id IS NULL) <> (patron_id IS NULL));
ALTER TABLE notice_reminders ADD FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id);
CREATE INDEX notice_reminders_by_patron ON notice_reminders (patron_id) WHERE patron_id IS NOT NULL;

ALTER TABLE paper_notices ALTER COLUMN application_id DROP NOT NULL;
ALTER TABLE paper_notices ADD COLUMN patron_id UUID;
ALTER TABLE paper_notices ADD CONSTRAINT paper_notices_about_check CHECK ((application_id IS NULL) <> (patron_id IS NULL));
ALTER TABLE paper_notices ADD FOREIGN KEY (patron_id, library_id) REFERENCES patrons (id, library_id);
CREATE INDEX paper_notices_by_patron ON paper_notices (patron_id) WHERE patron_id IS NOT NULL;

-- Two more things that staff do with a patron: they print such a notice, and hand it over or post it; `detail` says which.
ALTER TABLE patron_views DROP CONSTRAINT patron_views_what_check;
ALTER TABLE patron_views ADD CONSTRAINT patron_views_what_check CHECK (what IN ('searched', 'opened', 'card_stopped',
    'card_released', 'blocked', 'unblocked', 'password_handed_out', 'request_settled', 'facts_put_right',
    'notice_printed', 'notice_delivered'));
