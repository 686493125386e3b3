-- The language in which somebody reads what is written to them: of an application the one of its pages, of a patron the
-- one that was chosen last, of a mail the one in which it is written. Whatever is older was written in Japanese.
ALTER TABLE applications ADD COLUMN language TEXT NOT NULL DEFAULT 'ja' CHECK (language IN ('ja', 'ja-simple', 'en'));
ALTER TABLE patrons ADD COLUMN language TEXT NOT NULL DEFAULT 'ja' CHECK (language IN ('ja', 'ja-simple', 'en'));
ALTER TABLE outbox ADD COLUMN language TEXT NOT NULL DEFAULT 'ja' CHECK (language IN ('ja', 'ja-simple', 'en'));
