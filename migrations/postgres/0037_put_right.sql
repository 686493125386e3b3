-- One more thing that staff do with a patron: they put right what the library knows of them; `detail` says which facts.
ALTER TABLE patron_views DROP CONSTRAINT patron_views_what_check;
ALTER TABLE patron_views ADD CONSTRAINT patron_views_what_check CHECK (what IN ('searched', 'opened', 'card_stopped',
    'card_released', 'blocked', 'unblocked', 'password_handed_out', 'request_settled', 'facts_put_right'));

-- Passwords are chosen and changed, too, by patrons of whom no application tells.
ALTER TABLE patron_deeds DROP CONSTRAINT patron_deeds_what_check;
ALTER TABLE patron_deeds ADD CONSTRAINT patron_deeds_what_check CHECK (what IN ('card_stopped', 'card_found',
    'card_unlinked', 'asked', 'taken_back', 'password_chosen'));
