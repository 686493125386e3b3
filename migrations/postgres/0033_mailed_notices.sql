-- When the mail that told of a notice was handed over, also once the notice was taken back.
ALTER TABLE revoked_notices ADD COLUMN mailed_at TIMESTAMPTZ;

-- Whether a later mail about an application was handed over than one that was not.
CREATE INDEX outbox_sent ON outbox (application_id, settled_at) WHERE state = 'sent';

-- Mails about no application are forgotten once they are over; only those that patrons were reminded by are counted.
CREATE INDEX patron_reminders_by_mail ON patron_reminders (mail_id) WHERE mail_id IS NOT NULL;
DELETE FROM outbox WHERE application_id IS NULL AND dedupe IS NULL AND settled_at IS NOT NULL AND address_token IS NULL
    AND NOT EXISTS (SELECT 1 FROM patron_reminders r WHERE r.mail_id = outbox.id);
