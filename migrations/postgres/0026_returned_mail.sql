-- Mails that come back, and the addresses to which nothing more is sent until somebody confirms them again.

-- The notice of which a mail tells; the keyed token of the address, kept for some days after the mail was settled so
-- that its return says which address is not there; when it was found that it does not arrive.
ALTER TABLE outbox ADD COLUMN notice_id UUID;
ALTER TABLE outbox ADD COLUMN address_token BYTEA CHECK (address_token IS NULL OR length(address_token) = 32);
ALTER TABLE outbox ADD COLUMN undelivered_at TIMESTAMPTZ CHECK (undelivered_at IS NULL OR state = 'failed');

CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX outbox_addressed ON outbox (settled_at) WHERE address_token IS NOT NULL;

-- When the mail that tells of a notice was handed over.
ALTER TABLE notices ADD COLUMN mailed_at TIMESTAMPTZ;

CREATE TABLE dead_addresses (
    library_id      UUID NOT NULL REFERENCES libraries (id),
    address_token   BYTEA NOT NULL CHECK (length(address_token) = 32),
    noted_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (library_id, address_token)
);

CREATE INDEX dead_addresses_by_age ON dead_addresses (noted_at);
