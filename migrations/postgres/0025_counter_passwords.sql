-- One more thing that staff do with a patron: an initial password is handed out at the counter; `detail` names the kind
-- of document by which it was checked who asks.
ALTER TABLE patron_views DROP CONSTRAINT patron_views_what_check;
ALTER TABLE patron_views ADD CONSTRAINT patron_views_what_check CHECK (what IN ('searched', 'opened', 'card_stopped',
    'card_released', 'blocked', 'unblocked', 'password_handed_out'));
