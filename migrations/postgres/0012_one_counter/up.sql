-- Tries are counted in sign_in_attempts, those within one session too.
ALTER TABLE sessions DROP COLUMN tries;
