-- A guardian who signs beside a young applicant: how they are asked, and their signature over the same version.

-- One mail to one guardian for one signed version. The token in its address is made from `nonce` under a key outside the
-- database, and found by its hash; the code that is typed is made the same way.
CREATE TABLE cosign_invitations (
    id              UUID NOT NULL PRIMARY KEY,
    library_id      UUID NOT NULL,
    application_id  UUID NOT NULL,
    version_number  BIGINT NOT NULL,
    token_hash      BYTEA NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    nonce           BYTEA NOT NULL CHECK (length(nonce) = 32),
    asked_at        TIMESTAMPTZ NOT NULL,
    tries           BIGINT NOT NULL CHECK (tries >= 0),
    session_hash    BYTEA CHECK (length(session_hash) = 32),
    session_until   TIMESTAMPTZ,
    ended           TEXT CHECK (ended IN ('cosigned', 'declined', 'wrong_address', 'replaced', 'locked', 'closed')),
    ended_at        TIMESTAMPTZ,
    CHECK ((session_hash IS NULL) = (session_until IS NULL)),
    CHECK ((ended IS NULL) = (ended_at IS NULL)),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES versions (application_id, number)
);

CREATE UNIQUE INDEX cosign_invitations_living ON cosign_invitations (application_id) WHERE ended IS NULL;
CREATE INDEX cosign_invitations_by_application ON cosign_invitations (application_id, asked_at);

-- The invitation by which a guardian opened the request.
ALTER TABLE signing_requests ADD COLUMN invitation_id UUID;

-- The guardian's signature beside the applicant's; all that names anybody is sealed under the application's key.
CREATE TABLE cosignatures (
    application_id  UUID NOT NULL,
    version_number  BIGINT NOT NULL,
    library_id      UUID NOT NULL,
    cosigner        BYTEA NOT NULL,
    cms             BYTEA NOT NULL,
    certificate     BYTEA NOT NULL,
    verdict         BYTEA NOT NULL,
    revocation      TEXT NOT NULL CHECK (revocation IN ('good', 'revoked', 'unknown')),
    signer_token    BYTEA NOT NULL CHECK (length(signer_token) = 32),
    received_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (application_id, version_number),
    FOREIGN KEY (application_id, library_id) REFERENCES applications (id, library_id),
    FOREIGN KEY (application_id, version_number) REFERENCES signatures (application_id, version_number)
);
