-- How many a run of silence would cut is a share of what works in production, and of what may because nobody knows.
DROP INDEX identities_in_production;
CREATE INDEX identities_may_be_production ON identities (state, environment) WHERE environment IN ('production', 'unknown') AND state = 'active';
