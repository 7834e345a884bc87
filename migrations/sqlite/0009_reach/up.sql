-- How far an identity reaches: its tier, and within it a number that sorts by risk. Computed from its scopes
-- and its access basis by the tables of seeds/scopes; without scopes it is unknown, never low.
ALTER TABLE identities ADD COLUMN tier TEXT NOT NULL DEFAULT 'unknown' CHECK (tier IN ('critical', 'high', 'moderate', 'low', 'unknown'));
ALTER TABLE identities ADD COLUMN risk INTEGER CHECK ((risk IS NULL) = (tier = 'unknown'));
-- What is unknown stands last, whichever end of the list is read first.
ALTER TABLE identities ADD COLUMN risk_falling_key INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(risk, -1)) VIRTUAL;
ALTER TABLE identities ADD COLUMN risk_rising_key INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(risk, 9223372036854775807)) VIRTUAL;
CREATE INDEX identities_by_risk_falling ON identities (risk_falling_key, id);
CREATE INDEX identities_by_risk_rising ON identities (risk_rising_key, id);
CREATE INDEX identities_by_tier ON identities (tier, name_key, id);
DROP INDEX identities_facets;
-- Counts over several filters read this instead of the rows.
CREATE INDEX identities_facets ON identities (kind, environment, state, system_id, vendor_id, business_owner_id, business_owner_answer, technical_owner_id, technical_owner_answer, expires_key, next_review_key, last_used_key, vendor_managed, criticality, tier);
