-- The language in which a notice speaks, fixed when it is placed: the page may be read in any, the paper is set in this
-- one. Whatever is older is in Japanese.
ALTER TABLE notices ADD COLUMN language TEXT NOT NULL DEFAULT 'ja' CHECK (language IN ('ja', 'ja-simple', 'en'));
ALTER TABLE revoked_notices ADD COLUMN language TEXT NOT NULL DEFAULT 'ja'
    CHECK (language IN ('ja', 'ja-simple', 'en'));
